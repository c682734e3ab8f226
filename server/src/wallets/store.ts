import type { Tx } from '../db/database.ts';
import { type PageRequest, selectPage } from '../db/list.ts';

export interface WalletRow {
  wallet_id: string;
  customer_id: string;
  asset: 'usdc';
  chain: 'polygon';
  address: string;
  key_index: bigint;
  status: 'active' | 'suspended' | 'closed';
  created_at: Date;
  updated_at: Date;
}

export const COLUMNS =
  'wallet_id, customer_id, asset, chain, address, key_index, status, created_at, updated_at';

export async function insertWallet(tx: Tx, row: WalletRow): Promise<void> {
  await tx.query(
    `insert into wallets (project_id, ${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      tx.scope,
      row.wallet_id,
      row.customer_id,
      row.asset,
      row.chain,
      row.address,
      row.key_index,
      row.status,
      row.created_at,
      row.updated_at,
    ],
  );
}

export async function findWallet(tx: Tx, walletId: string): Promise<WalletRow | undefined> {
  const [row] = await tx.query<WalletRow>(
    `select ${COLUMNS} from wallets where project_id = $1 and wallet_id = $2`,
    [tx.scope, walletId],
  );
  return row;
}

/** Those of the ids that there are, in no order. */
export function findWallets(tx: Tx, walletIds: readonly string[]): Promise<WalletRow[]> {
  return tx.query<WalletRow>(`select ${COLUMNS} from wallets where project_id = $1 and wallet_id = any($2)`, [
    tx.scope,
    walletIds,
  ]);
}

export function listWallets(
  tx: Tx,
  customerId: string,
  page: PageRequest,
): Promise<{ rows: WalletRow[]; hasMore: boolean }> {
  const filters = [['customer_id = ?', customerId]] as const;
  return selectPage<WalletRow>(tx, `select ${COLUMNS} from wallets`, 'wallet_id', filters, page);
}

export function walletsOf(tx: Tx, customerIds: readonly string[]): Promise<WalletRow[]> {
  return tx.query<WalletRow>(
    `select ${COLUMNS} from wallets where project_id = $1 and customer_id = any($2) order by wallet_id`,
    [tx.scope, customerIds],
  );
}
