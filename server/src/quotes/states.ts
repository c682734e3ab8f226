import type { Tx } from '../db/database.ts';
import { assert } from '../kernel/assert.ts';
import { type QuoteStatus, updateStatuses } from './store.ts';

/** From each status, where a quote may go (contract section 3). `expired` is an open quote whose time is over. */
export const TRANSITIONS: Readonly<Record<QuoteStatus, readonly QuoteStatus[]>> = {
  open: ['accepted'],
  accepted: [],
};

/** The only writer of a quote's status. Quotes have no events; their transactions do. */
export async function accept(
  tx: Tx,
  accepted: readonly { readonly quoteId: string; readonly transactionId: string }[],
  now: Date,
): Promise<void> {
  assert(TRANSITIONS.open.includes('accepted'), 'an open quote can be accepted');
  const moved = await updateStatuses(tx, 'open', 'accepted', accepted, now);
  assert(moved === accepted.length, `${accepted.length - moved} quotes are not open`);
}
