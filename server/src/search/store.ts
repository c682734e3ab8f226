import type { Tx } from '../db/database.ts';

/*
 * Each look-up is a range or a point of one index, and reads a bounded number of rows.
 */

export interface FoundRow {
  id: string;
  title: string | null;
  detail: string | null;
}

/** Where ids lie, by their prefix. `title` and `detail` are of the row. */
const TABLES = {
  cst: {
    table: 'customers',
    id: 'customer_id',
    title: `nullif(concat_ws(' ', first_name, last_name), '')`,
    detail: 'email',
  },
  wlt: { table: 'wallets', id: 'wallet_id', title: 'address', detail: 'status' },
  txn: { table: 'transactions', id: 'transaction_id', title: 'type', detail: 'status' },
  ci: { table: 'cash_ins', id: 'cash_in_id', title: 'location_name', detail: 'status' },
  qt: { table: 'quotes', id: 'quote_id', title: 'type', detail: 'status' },
  va: { table: 'virtual_accounts', id: 'virtual_account_id', title: 'owner_name', detail: 'status' },
  da: { table: 'deposit_addresses', id: 'deposit_address_id', title: 'address', detail: 'status' },
  whk: { table: 'webhooks', id: 'webhook_id', title: 'url', detail: 'description' },
  evt: { table: 'events', id: 'event_id', title: 'type', detail: 'resource_id' },
  req: { table: 'request_log', id: 'request_id', title: `method || ' ' || path`, detail: 'status::text' },
  cpUsBank: { table: 'external_accounts', id: 'external_account_id', title: 'owner_name', detail: 'network' },
  cpIntlBank: {
    table: 'external_accounts',
    id: 'external_account_id',
    title: 'owner_name',
    detail: 'network',
  },
  cpBcAddr: { table: 'external_accounts', id: 'external_account_id', title: 'owner_name', detail: 'network' },
  pmCard: { table: 'external_accounts', id: 'external_account_id', title: 'owner_name', detail: 'network' },
} as const;

export type SearchedPrefix = keyof typeof TABLES;

export const isSearchedPrefix = (prefix: string): prefix is SearchedPrefix => Object.hasOwn(TABLES, prefix);

const selectOf = ({ table, id, title, detail }: (typeof TABLES)[SearchedPrefix]): string =>
  `select ${id} id, ${title} title, ${detail} detail from ${table}`;

/** Ids from the first to the last, both included. */
export function findByIds(
  tx: Tx,
  prefix: SearchedPrefix,
  first: string,
  last: string,
  limit: number,
): Promise<FoundRow[]> {
  const { id } = TABLES[prefix];
  return tx.query<FoundRow>(
    `${selectOf(TABLES[prefix])} where project_id = $1 and ${id} >= $2 and ${id} <= $3 order by ${id} desc limit $4`,
    [tx.scope, first, last, limit],
    { planned: 'each time' },
  );
}

const CUSTOMER = selectOf(TABLES.cst);

export const findCustomersByEmail = (tx: Tx, emails: readonly string[], limit: number): Promise<FoundRow[]> =>
  tx.query<FoundRow>(
    `${CUSTOMER} where project_id = $1 and email = any($2) order by customer_id desc limit $3`,
    [tx.scope, emails, limit],
  );

export const findCustomersByExternalId = (tx: Tx, externalId: string, limit: number): Promise<FoundRow[]> =>
  tx.query<FoundRow>(
    `${CUSTOMER} where project_id = $1 and external_id = $2 order by customer_id desc limit $3`,
    [tx.scope, externalId, limit],
  );

/** Sorts after every name that begins with what it is put behind. */
const BEYOND = '\u{10ffff}';

/** `start`: in lower case. */
export const findCustomersByName = (tx: Tx, start: string, limit: number): Promise<FoundRow[]> =>
  tx.query<FoundRow>(
    `select distinct on (id) * from (
       (${CUSTOMER} where project_id = $1 and name_key >= $2 and name_key < $3 order by name_key limit $4)
       union all
       (${CUSTOMER} where project_id = $1 and last_name_key >= $2 and last_name_key < $3
        order by last_name_key limit $4)) found
     order by id desc limit $4`,
    [tx.scope, start, start + BEYOND, limit],
    { planned: 'each time' },
  );

export interface AddressRow extends FoundRow {
  type: 'wallet' | 'depositAddress' | 'externalAccount';
}

/** `address`: in lower case; `checksummed`: in the form in which wallets have it. */
export const findByAddress = (
  tx: Tx,
  address: string,
  checksummed: string,
  limit: number,
): Promise<AddressRow[]> =>
  tx.query<AddressRow>(
    `(select 'wallet' "type", wallet_id id, address title, status detail from wallets
      where chain = 'polygon' and address in ($2, $3) and project_id = $1 limit $4)
     union all
     (select 'depositAddress', deposit_address_id, address, status from deposit_addresses
      where project_id = $1 and lower(address) = $2 limit $4)
     union all
     (select 'externalAccount', external_account_id, owner_name, network from external_accounts
      where project_id = $1 and lower(address) = $2 and address is not null limit $4)`,
    [tx.scope, address, checksummed, limit],
  );

export interface HashRow {
  resource_id: string | null;
  purpose: string;
  block_number: bigint | null;
}

/** Sends and deposits in a transaction of the chain. */
export const findByHash = (tx: Tx, hash: string, limit: number): Promise<HashRow[]> =>
  tx.query<HashRow>(
    `(select resource_id, purpose, block_number from sends
      where network = 'polygon' and tx_hash = $2 and status = 'paid' and project_id = $1 limit $3)
     union all
     (select resource_id, purpose, block_number from deposits
      where network = 'polygon' and tx_hash = $2 and project_id = $1 limit $3)`,
    [tx.scope, hash, limit],
  );

export interface CodeRow extends FoundRow {
  type: 'cashIn' | 'transaction';
}

/** Codes to hand over cash, and to collect it. */
export const findByCode = (tx: Tx, codes: readonly string[], limit: number): Promise<CodeRow[]> =>
  tx.query<CodeRow>(
    `(select 'cashIn' "type", cash_in_id id, location_name title, status detail from cash_ins
      where project_id = $1 and code = any($2) limit $3)
     union all
     (select 'transaction', transaction_id, type, status from transactions
      where project_id = $1 and cash_pickup ->> 'cashCode' = any($2) and cash_pickup is not null limit $3)`,
    [tx.scope, codes, limit],
  );

export const findRequestsByKey = (tx: Tx, key: string, limit: number): Promise<FoundRow[]> =>
  tx.query<FoundRow>(
    `${selectOf(TABLES.req)} where project_id = $1 and idempotency_key = $2 order by request_id desc limit $3`,
    [tx.scope, key, limit],
    { planned: 'each time' },
  );

/** Of a project there are at most hundreds. */
export const findApiKeys = (tx: Tx, start: string, limit: number): Promise<FoundRow[]> =>
  tx.query<FoundRow>(
    `select api_key id, name title, case when revoked_at is null then 'active' else 'revoked' end detail from api_keys
     where project_id = $1 and starts_with(api_key, $2) order by created_at desc limit $3`,
    [tx.scope, start, limit],
  );

export async function findLedgerAccount(tx: Tx, accountId: string): Promise<FoundRow | undefined> {
  const [row] = await tx.query<FoundRow>(
    `select account_id id, kind title, asset detail from ledger_accounts where project_id = $1 and account_id = $2`,
    [tx.scope, accountId],
  );
  return row;
}
