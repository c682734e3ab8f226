import type { Tx } from '../db/database.ts';
import { createdWithin, type PageRequest, selectPage } from '../db/list.ts';
import type { Asset } from '../kernel/money.ts';
import { COLUMNS, type WalletRow } from './store.ts';

export interface WalletFilter {
  readonly customerId?: string | undefined;
  /** As it is stored. */
  readonly address?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

/** Of all customers. */
export async function listAllWallets(
  tx: Tx,
  filter: WalletFilter,
  page: PageRequest,
): Promise<{ rows: WalletRow[]; hasMore: boolean }> {
  return selectPage<WalletRow>(
    tx,
    `select ${COLUMNS} from wallets`,
    'wallet_id',
    [
      ['customer_id = ?', filter.customerId],
      [`chain = 'polygon' and address = ?`, filter.address],
      ...createdWithin('wallet', 'wallet_id', filter),
    ],
    page,
  );
}

export async function customerNames(
  tx: Tx,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  const rows = await tx.query<{ customer_id: string; name: string | null }>(
    `select customer_id, nullif(concat_ws(' ', first_name, last_name), '') "name" from customers
     where project_id = $1 and customer_id = any($2)`,
    [tx.scope, customerIds],
  );
  return new Map(rows.map((row) => [row.customer_id, row.name]));
}

export interface TransferRow {
  id: string;
  direction: 'in' | 'out';
  amount: bigint;
  asset: Asset;
  status: string;
  counterpart: string;
  tx_hash: string | null;
  resource_id: string | null;
  created_at: Date;
}

const SEND = `send_id id, amount, asset, status, tx_hash, resource_id, created_at`;

/**
 * Deposits and sends of an address, newest first. What is final is found by address and block; what is on its way is
 * little, and found among all that is.
 */
export const listTransfers = (tx: Tx, address: string, limit: number): Promise<TransferRow[]> =>
  tx.query<TransferRow>(
    `select * from (
       (select ${SEND}, to_address counterpart, 'out' direction from sends
        where project_id = $1 and from_address = $2 and status = 'paid' order by block_number desc limit $3)
       union all
       (select ${SEND}, from_address counterpart, 'in' direction from sends
        where project_id = $1 and to_address = $2 and status = 'paid' and books_recipient
        order by block_number desc limit $3)
       union all
       (select ${SEND}, case when from_address = $2 then to_address else from_address end,
          case when from_address = $2 then 'out' else 'in' end
        from sends where network = 'polygon' and project_id = $1 and status in ('queued', 'relaying')
          and (from_address = $2 or (to_address = $2 and books_recipient)) limit $3)
       union all
       (select deposit_id, amount, asset, status, tx_hash, null, created_at, from_address, 'in' from deposits
        where project_id = $1 and to_address = $2 and status = 'credited' order by block_number desc limit $3)
       union all
       (select deposit_id, amount, asset, status, tx_hash, null, created_at, from_address, 'in' from deposits
        where network = 'polygon' and project_id = $1 and to_address = $2 and status = 'detected' limit $3)) transfers
     order by created_at desc, id desc limit $3`,
    [tx.scope, address, limit],
  );
