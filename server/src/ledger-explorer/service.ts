import type { Tx } from '../db/database.ts';
import { namesOf, ownersOf } from './names.ts';
import * as store from './store.ts';

/** The books, for people. */
export class LedgerExplorer {
  /** What people call the accounts. */
  async namesOf(tx: Tx, accountIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const ids = [...new Set(accountIds)];
    const owners = ownersOf(ids);
    return namesOf(ids, owners.length === 0 ? new Map() : await store.ownerNames(tx, owners));
  }
}
