import type { AddressBalance } from './store.ts';

/** The chain whose balances the world can be made to agree with: a local one. */
export interface OwnChain {
  /** The last block after the given one that has transactions, or will have those in the pool; that one if there is none. */
  lastBlockOfUse(after: number): Promise<number>;
  /** Sets them all between two blocks; the number of the first of the two. Repeatable. */
  set(balances: readonly AddressBalance[]): Promise<number>;
}
