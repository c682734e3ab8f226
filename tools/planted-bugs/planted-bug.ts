/** A mistake that a change could make, and the tests that must notice. */
export interface PlantedBug {
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** What `vitest run` is given. */
  readonly tests: readonly string[];
}
