import { Database, type Tx } from '../server/src/db/database.ts';

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What one transaction of the product sent, between its beginning and its commit. */
export interface RecordedTransaction {
  readonly scope: string;
  readonly statements: readonly Statement[];
}

/** The product's own database port, which also notes every statement: the limit of SQL is exactly what it sends. */
export class RecordingDatabase extends Database {
  #recorded: RecordedTransaction[] = [];

  override tx<T>(scope: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return super.tx(scope, async (tx) => {
      const statements: Statement[] = [];
      const result = await work({
        ...tx,
        query: (text, values = [], options) => {
          statements.push({ text, values });
          return tx.query(text, values, options);
        },
      });
      this.#recorded.push({ scope, statements });
      return result;
    });
  }

  /** What was recorded since the last call. */
  take(): RecordedTransaction[] {
    const taken = this.#recorded;
    this.#recorded = [];
    return taken;
  }
}
