import type { Tx } from '../db/database.ts';
import { createdWithin, type PageRequest, selectPage } from '../db/list.ts';

export interface CustomerRow {
  customer_id: string;
  type: 'individual';
  status: 'active' | 'inactive';
  first_name: string | null;
  middle_name: string | null;
  last_name: string | null;
  email: string | null;
  phone: string | null;
  nationality: string | null;
  external_id: string | null;
  signed_agreement_at: Date | null;
  metadata: Record<string, string | number | boolean | null>;
  birth_date_sealed: Buffer | null;
  residential_address_sealed: Buffer | null;
  identifying_information_sealed: Buffer | null;
  ip_address_sealed: Buffer | null;
  missing_identity: string[];
  review_round: number;
  created_at: Date;
  updated_at: Date;
}

const COLUMNS = `customer_id, type, status, first_name, middle_name, last_name, email, phone, nationality, external_id,
  signed_agreement_at, metadata, birth_date_sealed, residential_address_sealed, identifying_information_sealed,
  ip_address_sealed, missing_identity, review_round, created_at, updated_at`;

const values = (row: CustomerRow): unknown[] => [
  row.customer_id,
  row.type,
  row.status,
  row.first_name,
  row.middle_name,
  row.last_name,
  row.email,
  row.phone,
  row.nationality,
  row.external_id,
  row.signed_agreement_at,
  JSON.stringify(row.metadata),
  row.birth_date_sealed,
  row.residential_address_sealed,
  row.identifying_information_sealed,
  row.ip_address_sealed,
  row.missing_identity,
  row.review_round,
  row.created_at,
  row.updated_at,
];

export async function insertCustomer(tx: Tx, row: CustomerRow): Promise<void> {
  await tx.query(
    `insert into customers (project_id, ${COLUMNS})
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
    [tx.scope, ...values(row)],
  );
}

export async function updateCustomer(tx: Tx, row: CustomerRow): Promise<void> {
  await tx.query(
    `update customers set (${COLUMNS}) =
       ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
     where project_id = $1 and customer_id = $2`,
    [tx.scope, ...values(row)],
  );
}

export async function findCustomer(tx: Tx, customerId: string): Promise<CustomerRow | undefined> {
  const [row] = await tx.query<CustomerRow>(
    `select ${COLUMNS} from customers where project_id = $1 and customer_id = $2`,
    [tx.scope, customerId],
  );
  return row;
}

/** Those of the ids that there are, in no order. */
export function findCustomers(tx: Tx, customerIds: readonly string[]): Promise<CustomerRow[]> {
  return tx.query<CustomerRow>(
    `select ${COLUMNS} from customers where project_id = $1 and customer_id = any($2)`,
    [tx.scope, customerIds],
  );
}

/** The customer with its row locked until the commit: what is decided on it cannot be overtaken. */
export async function lockCustomer(tx: Tx, customerId: string): Promise<CustomerRow | undefined> {
  const [row] = await tx.query<CustomerRow>(
    `select ${COLUMNS} from customers where project_id = $1 and customer_id = $2 for no key update`,
    [tx.scope, customerId],
  );
  return row;
}

/** Many at once, locked in sorted order. */
export async function lockCustomers(tx: Tx, customerIds: readonly string[]): Promise<void> {
  await tx.query(
    `select from customers where project_id = $1 and customer_id = any($2)
     order by customer_id for no key update`,
    [tx.scope, customerIds],
  );
}

export interface CustomerFilter {
  readonly status?: string | undefined;
  readonly email?: string | undefined;
  readonly externalId?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

export function listCustomers(
  tx: Tx,
  filter: CustomerFilter,
  page: PageRequest,
): Promise<{ rows: CustomerRow[]; hasMore: boolean }> {
  return selectPage<CustomerRow>(
    tx,
    `select ${COLUMNS} from customers`,
    'customer_id',
    [
      ['status = ?', filter.status],
      ['email = ?', filter.email],
      ['external_id = ?', filter.externalId],
      ...createdWithin('customer', 'customer_id', filter),
    ],
    page,
  );
}
