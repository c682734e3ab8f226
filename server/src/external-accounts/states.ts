import { one, type Tx } from '../db/database.ts';
import type { Events } from '../events/events.ts';
import { assert } from '../kernel/assert.ts';
import { type ExternalAccountRow, type ExternalAccountStatus, updateStatus } from './store.ts';
import { toEventData } from './view.ts';

/** From each status, where an account may go (contract section 3). */
export const TRANSITIONS: Readonly<Record<ExternalAccountStatus, readonly ExternalAccountStatus[]>> = {
  pending: ['verified', 'declined', 'deleted'],
  verified: ['deleted'],
  declined: ['deleted'],
  deleted: [],
};

/** The only writer of an account's status; the event has the status' name. Throws when it is not `row.status`. */
export async function transition(
  tx: Tx,
  events: Events,
  row: Pick<ExternalAccountRow, 'external_account_id' | 'status'>,
  to: Exclude<ExternalAccountStatus, 'pending'>,
  now: Date,
): Promise<ExternalAccountRow> {
  const { external_account_id, status: from } = row;
  assert(TRANSITIONS[from].includes(to), `an external account cannot go from ${from} to ${to}`);
  const changed = one(await updateStatus(tx, external_account_id, from, to, now), `${from} external account`);
  await events.record(tx, {
    type: `externalAccount.${to}`,
    resourceId: external_account_id,
    data: toEventData(changed),
  });
  return changed;
}
