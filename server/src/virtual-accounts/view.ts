import { RAIL_REFERENCES } from '@openoms/contract/bank-reasons.ts';
import type { VirtualAccount, VirtualAccountDeposit } from '@openoms/contract/virtual-accounts.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import { formatMinor } from '../kernel/money.ts';
import type { DepositRow } from './deposit-store.ts';
import type { VirtualAccountRow } from './store.ts';

const REFERENCE_LENGTH = 10;

/** The last characters of the id, all of them random. */
const referenceOf = (virtualAccountId: string): string =>
  `VA-${virtualAccountId.slice(-REFERENCE_LENGTH).toUpperCase()}`;

export function toVirtualAccount(row: VirtualAccountRow, accountNumber: string): VirtualAccount {
  return {
    id: row.virtual_account_id,
    object: 'virtualAccount',
    customerId: row.customer_id,
    status: row.status,
    source: { asset: 'usd', network: 'usBank' },
    bankDetails: {
      bankName: row.bank_name,
      accountNumber,
      routingNumber: row.routing_number,
      accountType: row.account_type,
      ownerName: row.owner_name,
      reference: referenceOf(row.virtual_account_id),
    },
    destination: {
      wallet: targetOf(row),
      asset: row.destination_asset,
      network: row.destination_network,
    },
    ...(row.developer_fees && { developerFees: row.developer_fees }),
    accountholderName: row.accountholder_name,
    label: row.label,
    bankMemo: row.bank_memo,
    metadata: row.metadata,
    createdAt: toIsoSeconds(row.created_at),
    updatedAt: toIsoSeconds(row.updated_at),
  };
}

function targetOf(row: VirtualAccountRow): VirtualAccount['destination']['wallet'] {
  const { destination_wallet_id: wallet, destination_external_account_id: externalAccount } = row;
  if (wallet !== null) return { id: wallet, wallet };
  if (externalAccount !== null) return { externalAccount, blockchainAddress: row.destination_address };
  return { blockchainAddress: row.destination_address };
}

/** Events are kept as they are sent, so they show no more of a number than its end. */
export const toEventData = (row: VirtualAccountRow): VirtualAccount =>
  toVirtualAccount(row, `****${row.account_number_last4}`);

const RAIL = { ach: 'ach_in', wire: 'wire_in', swift: 'swift_in', rtp: 'rtp_in' } as const;
export const toDeposit = (row: DepositRow): VirtualAccountDeposit & { readonly id: string } => ({
  id: row.credit_id,
  object: 'virtualAccountDeposit',
  virtualAccountId: row.virtual_account_id,
  customerId: row.customer_id,
  status: row.status,
  ...(row.reason !== null && { reason: row.reason }),
  rail: RAIL[row.rail],
  asset: 'usd',
  amount: formatMinor(row.amount, 'usd'),
  senderName: row.sender_name,
  ...(row.memo !== null && { memo: row.memo }),
  ...RAIL_REFERENCES[row.rail](row.reference),
  ...(row.transaction_id !== null && { transactionId: row.transaction_id }),
  createdAt: toIsoSeconds(row.created_at),
  updatedAt: toIsoSeconds(row.updated_at),
});
