import { AsyncLocalStorage } from 'node:async_hooks';
import { assert } from './assert.ts';

const openTransaction = new AsyncLocalStorage<boolean>();

/** Runs `work` marked as inside a database transaction. */
export const insideTransaction = <T>(work: () => Promise<T>): Promise<T> => openTransaction.run(true, work);

/** Runs `work` unmarked: for what a transaction merely sets off, such as work after its commit. */
export const outsideTransaction = <T>(work: () => T): T => openTransaction.run(false, work);

/** Every port to the outside calls this first: a network call inside a transaction holds locks for strangers. */
export function assertOutsideTransaction(what: string): void {
  assert(openTransaction.getStore() !== true, `${what} called inside a database transaction`);
}
