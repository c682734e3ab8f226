import type {
  ExternalAccountNetwork,
  ExternalAccountType,
} from '@openoms/contract/external-account-rails.ts';
import type { BankDetails, ExternalAccountEventData } from '@openoms/contract/external-accounts.ts';
import { one, type Tx } from '../db/database.ts';
import { type PageRequest, selectPage } from '../db/list.ts';

export type ExternalAccountStatus = ExternalAccountEventData['status'];

export interface ExternalAccountRow {
  external_account_id: string;
  customer_id: string;
  type: ExternalAccountType;
  /** The rail; for a saved address, its chain. */
  network: ExternalAccountNetwork;
  status: ExternalAccountStatus;
  owner_name: string;
  owner_type: 'individual' | 'business';
  /** Null for a saved address. */
  country: string | null;
  currency: 'usd' | 'usdc';
  /** Of a saved address alone, in EIP-55 form. */
  address: string | null;
  /** The details as they are shown: numbers masked. */
  display: BankDetails;
  numbers_sealed: Buffer | null;
  created_at: Date;
  updated_at: Date;
}

const COLUMNS = `external_account_id, customer_id, type, network, status, owner_name, owner_type, country, currency,
  address, display, numbers_sealed, created_at, updated_at`;

export async function insertAccount(
  tx: Tx,
  row: Omit<ExternalAccountRow, 'status' | 'updated_at'>,
): Promise<ExternalAccountRow> {
  return one(
    await tx.query<ExternalAccountRow>(
      `insert into external_accounts (project_id, external_account_id, customer_id, type, network, status, owner_name,
         owner_type, country, currency, address, display, numbers_sealed, created_at, updated_at)
       values ($1, $2, $3, $4, $5, 'pending', $6, $7, $8, $9, $10, $11, $12, $13, $13)
       returning ${COLUMNS}`,
      [
        tx.scope,
        row.external_account_id,
        row.customer_id,
        row.type,
        row.network,
        row.owner_name,
        row.owner_type,
        row.country,
        row.currency,
        row.address,
        JSON.stringify(row.display),
        row.numbers_sealed,
        row.created_at,
      ],
    ),
    'external account',
  );
}

export async function findAccount(
  tx: Tx,
  externalAccountId: string,
): Promise<ExternalAccountRow | undefined> {
  const [row] = await tx.query<ExternalAccountRow>(
    `select ${COLUMNS} from external_accounts where project_id = $1 and external_account_id = $2`,
    [tx.scope, externalAccountId],
  );
  return row;
}

/** As it stays until the commit: it is neither deleted nor corrected meanwhile. */
export async function holdAccount(
  tx: Tx,
  externalAccountId: string,
): Promise<ExternalAccountRow | undefined> {
  const [row] = await tx.query<ExternalAccountRow>(
    `select ${COLUMNS} from external_accounts where project_id = $1 and external_account_id = $2 for share`,
    [tx.scope, externalAccountId],
  );
  return row;
}

/** Locked to be changed. */
export async function lockAccount(
  tx: Tx,
  externalAccountId: string,
): Promise<ExternalAccountRow | undefined> {
  const [row] = await tx.query<ExternalAccountRow>(
    `select ${COLUMNS} from external_accounts where project_id = $1 and external_account_id = $2
     for no key update`,
    [tx.scope, externalAccountId],
  );
  return row;
}

/** Those of the ids that there are, in their order. */
export function findAccounts(tx: Tx, externalAccountIds: readonly string[]): Promise<ExternalAccountRow[]> {
  return tx.query<ExternalAccountRow>(
    `select ${COLUMNS} from external_accounts where project_id = $1 and external_account_id = any($2)
     order by array_position($2, external_account_id)`,
    [tx.scope, externalAccountIds],
  );
}

/** Only states.ts calls this. */
export async function updateStatus(
  tx: Tx,
  externalAccountId: string,
  from: ExternalAccountStatus,
  to: ExternalAccountStatus,
  now: Date,
): Promise<ExternalAccountRow[]> {
  return tx.query<ExternalAccountRow>(
    `update external_accounts set status = $4, updated_at = $5
     where project_id = $1 and external_account_id = $2 and status = $3 returning ${COLUMNS}`,
    [tx.scope, externalAccountId, from, to, now],
  );
}

export async function updateNumbers(
  tx: Tx,
  externalAccountId: string,
  display: BankDetails,
  numbersSealed: Buffer | null,
  now: Date,
): Promise<ExternalAccountRow> {
  return one(
    await tx.query<ExternalAccountRow>(
      `update external_accounts set display = $3, numbers_sealed = $4, updated_at = $5
       where project_id = $1 and external_account_id = $2 returning ${COLUMNS}`,
      [tx.scope, externalAccountId, JSON.stringify(display), numbersSealed, now],
    ),
    'external account',
  );
}

export interface ExternalAccountFilter {
  readonly type?: string | undefined;
  readonly network?: string | undefined;
  readonly status?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

/** Without deleted ones. */
export function listAccounts(
  tx: Tx,
  customerId: string,
  filter: ExternalAccountFilter,
  page: PageRequest,
): Promise<{ rows: ExternalAccountRow[]; hasMore: boolean }> {
  return selectPage<ExternalAccountRow>(
    tx,
    `select ${COLUMNS} from external_accounts`,
    'external_account_id',
    [
      ['customer_id = ?', customerId],
      ['status <> ?', 'deleted'],
      ['type = ?', filter.type],
      ['network = ?', filter.network],
      ['status = ?', filter.status],
      ['created_at >= ?', filter.createdAfter],
      ['created_at <= ?', filter.createdBefore],
    ],
    page,
  );
}
