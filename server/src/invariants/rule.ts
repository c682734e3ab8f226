/** What must hold in one project; the query lists what breaks it, as `subject` and `detail`. */
export interface Rule {
  readonly rule: string;
  readonly sql: string;
}
