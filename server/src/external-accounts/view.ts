import type { ExternalAccount, ExternalAccountEventData } from '@openoms/contract/external-accounts.ts';
import { assert } from '../kernel/assert.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import type { ExternalAccountRow } from './store.ts';

export const toEventData = (row: ExternalAccountRow): ExternalAccountEventData => ({
  id: row.external_account_id,
  object: `counterparty.${row.type}`,
  customerId: row.customer_id,
  type: row.type,
  network: row.network,
  status: row.status,
  owner: { name: row.owner_name, type: row.owner_type },
  bankDetails: row.display,
  createdAt: toIsoSeconds(row.created_at),
});

export function toExternalAccount(row: ExternalAccountRow): ExternalAccount {
  const { status, ...account } = toEventData(row);
  assert(status !== 'deleted', 'a deleted external account is not shown');
  return { ...account, status };
}
