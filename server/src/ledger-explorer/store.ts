import type { Tx } from '../db/database.ts';
import { type Filter, type PageRequest, selectPage } from '../db/list.ts';
import { ASSETS, type Asset } from '../kernel/money.ts';
import type { AccountKind } from '../ledger/chart.ts';

export interface AccountRow {
  account_no: bigint;
  account_id: string;
  kind: AccountKind;
  owner: string;
  asset: Asset;
  debits_pending: bigint;
  debits_posted: bigint;
  credits_pending: bigint;
  credits_posted: bigint;
  created_at: Date;
}

const ACCOUNT = `account_no, account_id, kind, owner, asset, debits_pending, debits_posted, credits_pending,
  credits_posted, created_at`;

export interface AccountFilter {
  readonly kind?: string | undefined;
  readonly ownerId?: string | undefined;
  readonly asset?: string | undefined;
}

/** Of a kind, each asset is a range of the index of its own. */
const assetFilter = ({ kind, asset, ownerId }: AccountFilter): Filter =>
  kind === undefined || asset !== undefined || ownerId !== undefined
    ? ['asset = ?', asset]
    : [ASSETS.map((_, index) => `asset = (?::text[])[${index + 1}]`), ASSETS];

/** `page.from` is the number of an account. */
export const listAccounts = (
  tx: Tx,
  filter: AccountFilter,
  page: PageRequest,
): Promise<{ rows: AccountRow[]; hasMore: boolean }> =>
  selectPage<AccountRow>(
    tx,
    `select ${ACCOUNT} from ledger_accounts`,
    'account_no',
    [['kind = ?', filter.kind], ['owner = ?', filter.ownerId], assetFilter(filter)],
    page,
  );

export async function findAccount(tx: Tx, accountId: string): Promise<AccountRow | undefined> {
  const [row] = await tx.query<AccountRow>(
    `select ${ACCOUNT} from ledger_accounts where project_id = $1 and account_id = $2`,
    [tx.scope, accountId],
  );
  return row;
}

/** Accounts of a kind and asset are counted as far as this. */
const MAX_COUNTED = 1_000;

export interface CountRow {
  kind: AccountKind;
  asset: Asset;
  accounts: bigint;
}

/** Of those that there are. */
export const countAccounts = (
  tx: Tx,
  kinds: readonly AccountKind[],
  assets: readonly Asset[],
): Promise<CountRow[]> =>
  tx.query<CountRow>(
    `select kind, asset, accounts
     from unnest($2::text[]) kinds (kind) cross join unnest($3::text[]) assets (asset)
     cross join lateral (
       select count(*) accounts from (
         select from ledger_accounts a
         where a.project_id = $1 and a.kind = kinds.kind and a.asset = assets.asset limit ${MAX_COUNTED}) found) counted
     where accounts > 0 order by kind, asset`,
    [tx.scope, kinds, assets],
  );

export interface HeadRow {
  chain_position: bigint;
  chain_hash: Buffer;
}

export async function findHead(tx: Tx): Promise<HeadRow | undefined> {
  const [row] = await tx.query<HeadRow>(
    `select chain_position, chain_hash from ledger_batches where project_id = $1 and chain_position is not null
     order by chain_position desc limit 1`,
    [tx.scope],
  );
  return row;
}

export interface EntryRow {
  group_id: string;
  position: number;
  kind: 'single' | 'pending' | 'post' | 'void';
  side: 'debit' | 'credit';
  counterpart_id: string;
  amount: bigint;
  /** Credits less debits. */
  posted: bigint;
  created_at: Date;
  created_us: bigint;
  seq: bigint;
}

/** A place among the entries of an account: its time in microseconds, and the number of the transfer. */
export interface EntryPlace {
  readonly us: bigint;
  readonly seq: bigint;
}

export interface EntryPage {
  readonly limit: number;
  readonly direction: 'older' | 'newer';
  readonly from: EntryPlace | undefined;
  readonly createdAfter: Date | undefined;
  readonly createdBefore: Date | undefined;
}

/**
 * Newest first. Each side is a range of an index of its own, of which a page is read. The conditions are those that there
 * are: under row level security an index is not asked for what a `coalesce` decides.
 */
export async function listEntries(
  tx: Tx,
  accountNo: bigint,
  { limit, direction, from, createdAfter, createdBefore }: EntryPage,
): Promise<{ rows: EntryRow[]; hasMore: boolean }> {
  const isDown = direction === 'older';
  const end = isDown ? 'desc' : 'asc';
  const values: unknown[] = [accountNo, limit + 1];
  const given = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [
    ...(from
      ? [
          `(t.created_at, t.seq) ${isDown ? '<' : '>'} (
             timestamptz 'epoch' + ${given(from.us)}::bigint * interval '1 microsecond', ${given(from.seq)}::bigint)`,
        ]
      : []),
    ...(createdAfter ? [`t.created_at >= ${given(createdAfter)}`] : []),
    ...(createdBefore ? [`t.created_at <= ${given(createdBefore)}`] : []),
  ];
  const side = (own: string, other: string): string => `
    (select t.created_at, t.seq, '${own}' side, t.${other}_no other_no, t.group_id, t.position, t.kind, t.amount,
       t.${own}_posted_after posted
     from ledger_transfers t where ${[`t.${own}_no = $1`, ...conditions].join(' and ')}
     order by t.created_at ${end}, t.seq ${end} limit $2)`;
  const found = await tx.query<EntryRow>(
    `select e.*, o.account_id counterpart_id, ledger_us(e.created_at) created_us
     from (${side('debit', 'credit')} union all ${side('credit', 'debit')}) e
     join ledger_accounts o on o.account_no = e.other_no
     order by e.created_at ${end}, e.seq ${end} limit $2`,
    values,
    { planned: 'each time' },
  );
  const rows = found.slice(0, limit);
  return { rows: isDown ? rows : rows.reverse(), hasMore: found.length > limit };
}

export async function findFirstEntryAt(tx: Tx, accountNo: bigint): Promise<Date | undefined> {
  const [row] = await tx.query<{ at: Date | null }>(
    `select least((select min(created_at) from ledger_transfers where debit_no = $1),
       (select min(created_at) from ledger_transfers where credit_no = $1)) at`,
    [accountNo],
  );
  return row?.at ?? undefined;
}

/** Credits less debits at each of the instants, all entries of it included: two look-ups each, whatever lies between. */
export const listBalancesAt = (
  tx: Tx,
  accountNo: bigint,
  instants: readonly Date[],
): Promise<{ at: Date; posted: bigint }[]> =>
  tx.query<{ at: Date; posted: bigint }>(
    `select at, coalesce(last.posted, 0) posted
     from unnest($2::timestamptz[]) with ordinality instants (at, place)
     left join lateral (
       select posted from (
         (select created_at, seq, debit_posted_after posted from ledger_transfers
          where debit_no = $1 and created_at <= at order by created_at desc, seq desc limit 1)
         union all
         (select created_at, seq, credit_posted_after from ledger_transfers
          where credit_no = $1 and created_at <= at order by created_at desc, seq desc limit 1)) sides
       order by created_at desc, seq desc limit 1) last on true
     order by place`,
    [accountNo, instants],
  );

/** What people call the owners of accounts: customers by their wallets, deposit addresses and themselves. */
export async function ownerNames(tx: Tx, owners: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ owner: string; name: string | null }>(
    `with owners as (
       select wallet_id owner, customer_id from wallets where project_id = $1 and wallet_id = any($2)
       union all
       select deposit_address_id, customer_id from deposit_addresses
       where project_id = $1 and deposit_address_id = any($2)
       union all
       select customer_id, customer_id from customers where project_id = $1 and customer_id = any($2))
     select o.owner, nullif(concat_ws(' ', c.first_name, c.last_name), '') "name"
     from owners o join customers c on c.project_id = $1 and c.customer_id = o.customer_id`,
    [tx.scope, owners],
  );
  return new Map(rows.flatMap(({ owner, name }) => (name === null ? [] : [[owner, name] as const])));
}
