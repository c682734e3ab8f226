import type { AddressBalance } from './store.ts';

/** The chain whose balances the world can be made to agree with: a local one. */
export interface OwnChain {
  /** The last block that will have what is in the pool now. */
  nextSettledBlock(): Promise<number>;
  /** Sets them all between two blocks; the number of the first of the two. Repeatable. */
  set(balances: readonly AddressBalance[]): Promise<number>;
}
