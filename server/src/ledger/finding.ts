/** An invariant that does not hold. */
export interface Finding {
  readonly rule: string;
  /** What breaks it: an id of the ledger or of a slice. */
  readonly subject: string;
  readonly detail: string;
}
