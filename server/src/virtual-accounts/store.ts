import type { VirtualAccount, VirtualAccountFee } from '@openoms/contract/virtual-accounts.ts';
import { one, type Tx } from '../db/database.ts';
import { createdWithin, type PageRequest, selectPage } from '../db/list.ts';

export type VirtualAccountStatus = VirtualAccount['status'];

export interface VirtualAccountRow {
  virtual_account_id: string;
  customer_id: string;
  status: VirtualAccountStatus;
  bank_name: string;
  account_number_sealed: Buffer;
  account_number_hash: Buffer;
  account_number_last4: string;
  routing_number: string;
  account_type: 'checking' | 'savings';
  owner_name: string;
  accountholder_name: VirtualAccount['accountholderName'];
  destination_asset: 'usdc';
  destination_network: 'polygon';
  destination_wallet_id: string | null;
  destination_external_account_id: string | null;
  /** Of the wallet or the saved address too. */
  destination_address: string;
  /** Null when the project's apply. */
  developer_fees: VirtualAccountFee[] | null;
  label: string | null;
  bank_memo: string | null;
  metadata: VirtualAccount['metadata'];
  created_at: Date;
  updated_at: Date;
}

const COLUMNS = `virtual_account_id, customer_id, status, bank_name, account_number_sealed, account_number_hash,
  account_number_last4, routing_number, account_type, owner_name, accountholder_name, destination_asset,
  destination_network, destination_wallet_id, destination_external_account_id, destination_address, developer_fees,
  label, bank_memo, metadata, created_at, updated_at`;

export type NewVirtualAccount = Omit<VirtualAccountRow, 'status' | 'updated_at'>;

/** `active`; undefined when the number is taken. */
export async function insertVirtualAccount(
  tx: Tx,
  row: NewVirtualAccount,
): Promise<VirtualAccountRow | undefined> {
  const [inserted] = await tx.query<VirtualAccountRow>(
    `insert into virtual_accounts (project_id, status, ${COLUMNS.replace('status, ', '')})
     values ($1, 'active', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
       $21)
     on conflict (account_number_hash) do nothing returning ${COLUMNS}`,
    [
      tx.scope,
      row.virtual_account_id,
      row.customer_id,
      row.bank_name,
      row.account_number_sealed,
      row.account_number_hash,
      row.account_number_last4,
      row.routing_number,
      row.account_type,
      row.owner_name,
      row.accountholder_name,
      row.destination_asset,
      row.destination_network,
      row.destination_wallet_id,
      row.destination_external_account_id,
      row.destination_address,
      row.developer_fees && JSON.stringify(row.developer_fees),
      row.label,
      row.bank_memo,
      JSON.stringify(row.metadata),
      row.created_at,
    ],
  );
  return inserted;
}

export async function findVirtualAccount(
  tx: Tx,
  virtualAccountId: string,
): Promise<VirtualAccountRow | undefined> {
  const [row] = await tx.query<VirtualAccountRow>(
    `select ${COLUMNS} from virtual_accounts where project_id = $1 and virtual_account_id = $2`,
    [tx.scope, virtualAccountId],
  );
  return row;
}

/** For a change. */
export async function lockVirtualAccount(
  tx: Tx,
  virtualAccountId: string,
): Promise<VirtualAccountRow | undefined> {
  const [row] = await tx.query<VirtualAccountRow>(
    `select ${COLUMNS} from virtual_accounts where project_id = $1 and virtual_account_id = $2 for no key update`,
    [tx.scope, virtualAccountId],
  );
  return row;
}

/** Held as they are until the commit; any number of deposits hold one at once. Deleted ones too. */
export function holdByNumber(tx: Tx, hashes: readonly Buffer[]): Promise<VirtualAccountRow[]> {
  return tx.query<VirtualAccountRow>(
    `select ${COLUMNS} from virtual_accounts where project_id = $1 and account_number_hash = any($2)
     order by virtual_account_id for share`,
    [tx.scope, hashes],
  );
}

export async function holdVirtualAccount(tx: Tx, virtualAccountId: string): Promise<VirtualAccountRow> {
  return one(
    await tx.query<VirtualAccountRow>(
      `select ${COLUMNS} from virtual_accounts where project_id = $1 and virtual_account_id = $2 for share`,
      [tx.scope, virtualAccountId],
    ),
    'virtual account',
  );
}

export type Changeable = Pick<
  VirtualAccountRow,
  | 'destination_wallet_id'
  | 'destination_external_account_id'
  | 'destination_address'
  | 'developer_fees'
  | 'label'
  | 'bank_memo'
  | 'metadata'
>;

export async function updateVirtualAccount(
  tx: Tx,
  virtualAccountId: string,
  row: Changeable,
  now: Date,
): Promise<VirtualAccountRow> {
  return one(
    await tx.query<VirtualAccountRow>(
      `update virtual_accounts set destination_wallet_id = $3, destination_external_account_id = $4,
         destination_address = $5, developer_fees = $6, label = $7, bank_memo = $8, metadata = $9, updated_at = $10
       where project_id = $1 and virtual_account_id = $2 returning ${COLUMNS}`,
      [
        tx.scope,
        virtualAccountId,
        row.destination_wallet_id,
        row.destination_external_account_id,
        row.destination_address,
        row.developer_fees && JSON.stringify(row.developer_fees),
        row.label,
        row.bank_memo,
        JSON.stringify(row.metadata),
        now,
      ],
    ),
    'virtual account',
  );
}

/** Only states.ts calls this. */
export function updateAccountStatus(
  tx: Tx,
  virtualAccountId: string,
  from: VirtualAccountStatus,
  to: VirtualAccountStatus,
  now: Date,
): Promise<VirtualAccountRow[]> {
  return tx.query<VirtualAccountRow>(
    `update virtual_accounts set status = $4, updated_at = $5
     where project_id = $1 and virtual_account_id = $2 and status = $3 returning ${COLUMNS}`,
    [tx.scope, virtualAccountId, from, to, now],
  );
}

export interface VirtualAccountFilter {
  readonly status?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

/** Without deleted ones. */
export function listVirtualAccounts(
  tx: Tx,
  customerId: string,
  filter: VirtualAccountFilter,
  page: PageRequest,
): Promise<{ rows: VirtualAccountRow[]; hasMore: boolean }> {
  return selectPage<VirtualAccountRow>(
    tx,
    `select ${COLUMNS} from virtual_accounts`,
    'virtual_account_id',
    [
      ['customer_id = ?', customerId],
      ['status <> ?', 'deleted'],
      ['status = ?', filter.status],
      ...createdWithin('virtualAccount', 'virtual_account_id', filter),
    ],
    page,
  );
}
