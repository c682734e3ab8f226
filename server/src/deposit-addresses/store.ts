import type { DepositAddress } from '@openoms/contract/deposit-addresses.ts';
import { type Tx, toJsonRows } from '../db/database.ts';
import { createdWithin, type PageRequest, selectPage } from '../db/list.ts';

export type DepositAddressStatus = DepositAddress['status'];

/** A share of the amount, as a decimal string, and the wallet it is noted with. */
export interface PercentageFee {
  readonly percentage: string;
  readonly wallet?: string;
}

/** Where deposits are sent on to: a wallet, an address, which may be a saved one, or a bank account. */
export interface DestinationFields {
  destination_asset: 'usdc' | 'usd';
  destination_network: 'polygon' | 'ach' | 'wire' | 'swift';
  destination_wallet_id: string | null;
  destination_address: string | null;
  destination_external_account_id: string | null;
}

export interface DepositAddressRow extends DestinationFields {
  deposit_address_id: string;
  customer_id: string;
  status: DepositAddressStatus;
  asset: 'usdc';
  network: 'polygon';
  address: string;
  key_index: bigint;
  /** Null: what the project charges. */
  developer_fees: readonly PercentageFee[] | null;
  label: string | null;
  metadata: Record<string, string | number | boolean | null>;
  created_at: Date;
  updated_at: Date;
  deleted_at: Date | null;
}

export type NewDepositAddress = Omit<DepositAddressRow, 'status' | 'updated_at' | 'deleted_at'>;

const NEW_COLUMNS = `deposit_address_id, customer_id, asset, network, address, key_index, destination_asset,
  destination_network, destination_wallet_id, destination_address, destination_external_account_id, developer_fees,
  label, metadata, created_at`;

const COLUMNS = `${NEW_COLUMNS}, status, updated_at, deleted_at`;

export function insertAddress(tx: Tx, row: NewDepositAddress): Promise<DepositAddressRow[]> {
  return tx.query<DepositAddressRow>(
    `insert into deposit_addresses (project_id, status, updated_at, ${NEW_COLUMNS})
     select $1, 'active', created_at, ${NEW_COLUMNS} from jsonb_populate_recordset(null::deposit_addresses, $2)
     returning ${COLUMNS}`,
    [tx.scope, toJsonRows([row])],
  );
}

export async function findAddress(tx: Tx, depositAddressId: string): Promise<DepositAddressRow | undefined> {
  const [row] = await tx.query<DepositAddressRow>(
    `select ${COLUMNS} from deposit_addresses where project_id = $1 and deposit_address_id = $2`,
    [tx.scope, depositAddressId],
  );
  return row;
}

/** Those of the ids that there are, in no order. */
export function findAddresses(tx: Tx, depositAddressIds: readonly string[]): Promise<DepositAddressRow[]> {
  return tx.query<DepositAddressRow>(
    `select ${COLUMNS} from deposit_addresses where project_id = $1 and deposit_address_id = any($2)`,
    [tx.scope, depositAddressIds],
  );
}

/** Those of the ids that there are, locked in sorted order: what becomes of an address's deposits is decided in turn. */
export function lockAddresses(tx: Tx, depositAddressIds: readonly string[]): Promise<DepositAddressRow[]> {
  return tx.query<DepositAddressRow>(
    `select ${COLUMNS} from deposit_addresses where project_id = $1 and deposit_address_id = any($2)
     order by deposit_address_id for no key update`,
    [tx.scope, depositAddressIds],
  );
}

/** Whether an address, in any letter case, is a deposit address of the project; also a deleted one. */
export async function isDepositAddress(tx: Tx, address: string): Promise<boolean> {
  const rows = await tx.query(
    'select from deposit_addresses where project_id = $1 and lower(address) = lower($2)',
    [tx.scope, address],
  );
  return rows.length > 0;
}

export type AddressChanges = Pick<
  DepositAddressRow,
  keyof DestinationFields | 'developer_fees' | 'label' | 'metadata'
>;

/** All of the fields, whatever the status. */
export function updateAddress(
  tx: Tx,
  depositAddressId: string,
  changes: AddressChanges,
  now: Date,
): Promise<DepositAddressRow[]> {
  return tx.query<DepositAddressRow>(
    `update deposit_addresses set destination_asset = $3, destination_network = $4, destination_wallet_id = $5,
       destination_address = $6, destination_external_account_id = $7, developer_fees = $8, label = $9,
       metadata = $10, updated_at = $11
     where project_id = $1 and deposit_address_id = $2 returning ${COLUMNS}`,
    [
      tx.scope,
      depositAddressId,
      changes.destination_asset,
      changes.destination_network,
      changes.destination_wallet_id,
      changes.destination_address,
      changes.destination_external_account_id,
      changes.developer_fees && JSON.stringify(changes.developer_fees),
      changes.label,
      JSON.stringify(changes.metadata),
      now,
    ],
  );
}

/** The row, if it was in `from`. Only states.ts calls this. */
export function updateAddressStatus(
  tx: Tx,
  depositAddressId: string,
  from: DepositAddressStatus,
  to: DepositAddressStatus,
  now: Date,
): Promise<DepositAddressRow[]> {
  return tx.query<DepositAddressRow>(
    `update deposit_addresses set status = $4, updated_at = $5,
       deleted_at = case when $4 = 'deleted' then $5::timestamptz end
     where project_id = $1 and deposit_address_id = $2 and status = $3 returning ${COLUMNS}`,
    [tx.scope, depositAddressId, from, to, now],
  );
}

export interface DepositAddressFilter {
  readonly status?: 'active' | 'paused' | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

const LISTED: readonly DepositAddressStatus[] = ['active', 'paused'];

/** Without deleted ones. */
export function listAddresses(
  tx: Tx,
  customerId: string,
  filter: DepositAddressFilter,
  page: PageRequest,
): Promise<{ rows: DepositAddressRow[]; hasMore: boolean }> {
  return selectPage<DepositAddressRow>(
    tx,
    `select ${COLUMNS} from deposit_addresses`,
    'deposit_address_id',
    [
      ['customer_id = ?', customerId],
      ['status = any(?)', filter.status ? [filter.status] : LISTED],
      ...createdWithin('depositAddress', 'deposit_address_id', filter),
    ],
    page,
  );
}
