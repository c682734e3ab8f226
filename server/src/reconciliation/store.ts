import { one, type Tx, toJsonRows } from '../db/database.ts';
import { type PageRequest, selectPage } from '../db/list.ts';

export type SubjectType = 'wallet' | 'treasury' | 'depositAddress';

/** An address of the project and what the ledger says it held after a block. */
export interface Holding {
  subject_type: SubjectType;
  subject_id: string;
  address: string;
  network: 'polygon';
  asset: 'usdc';
  ledger_minor: bigint;
  /** Payments and deposits of later blocks that were taken out of the ledger's balance. */
  adjusted_items: number;
}

/**
 * `page` selects subject_type, subject_id, address, network, asset and the ledger's balance as posted_minor. One
 * statement, so that balances and the items that later blocks added to them are of one snapshot: settlement commits
 * both together. Everything is looked up address by address, whatever the planner thinks of the limit: joined, the ledger
 * accounts of a million wallets took 3 s a page, looked up 15 ms.
 */
const holdingsOf = (page: string): string => `
  select subject_type, subject_id, page.address, network, asset,
    posted_minor - later.minor ledger_minor, later.items adjusted_items
  from (${page}) page cross join lateral (
    select coalesce(sum(minor), 0) minor, count(*)::integer items from (
      select amount minor from deposits d
      where d.project_id = $1 and d.status = 'credited' and d.to_address = lower(page.address)
        and d.block_number > $2
      union all
      select amount from sends s
      where s.project_id = $1 and s.status = 'paid' and s.books_recipient and s.to_address = lower(page.address)
        and s.block_number > $2
      union all
      select -amount from sends s
      where s.project_id = $1 and s.status = 'paid' and s.from_address = lower(page.address)
        and s.block_number > $2) effects) later
  order by subject_id`;

/** Since when the chain holds what the ledger of the project says: after the block, unless it is being made so. */
export interface WorldStart {
  since_block: bigint | null;
  is_changing: boolean;
}

export async function findWorldStart(tx: Tx): Promise<WorldStart> {
  const rows = await tx.query<WorldStart>(
    `select
       (select max(since_block) from world_changes where project_id = $1 and since_block is not null) since_block,
       exists (select from world_changes where project_id = $1 and status = 'applied') is_changing`,
    [tx.scope],
  );
  return one(rows, 'an answer');
}

/** The project's treasury on each network. */
export function treasuryHoldings(tx: Tx, block: bigint): Promise<Holding[]> {
  return tx.query<Holding>(
    holdingsOf(
      `select 'treasury' subject_type, t.network subject_id, t.address, t.network, 'usdc' asset,
         coalesce(a.debits_posted - a.credits_posted, 0) posted_minor
       from treasuries t left join ledger_accounts a
         on a.project_id = t.project_id and a.account_id = 'treasury:' || t.network || ':usdc'
       where t.project_id = $1`,
    ),
    [tx.scope, block],
  );
}

/** The wallets after the given id, in the order of their ids. */
export function walletHoldings(tx: Tx, block: bigint, after: string, limit: number): Promise<Holding[]> {
  return tx.query<Holding>(
    holdingsOf(
      `select 'wallet' subject_type, w.wallet_id subject_id, w.address, w.chain network, w.asset,
         coalesce(a.credits_posted - a.debits_posted, 0) posted_minor
       from (select * from wallets where project_id = $1 and wallet_id > $3 order by wallet_id limit $4) w
       left join lateral (
         select credits_posted, debits_posted from ledger_accounts
         where project_id = $1 and account_id = 'customer_wallet:' || w.wallet_id || ':' || w.asset limit 1) a on true`,
    ),
    [tx.scope, block, after, limit],
  );
}

/** The same of deposit addresses, deleted ones too: what arrives there is ours all the same. */
export function depositAddressHoldings(
  tx: Tx,
  block: bigint,
  after: string,
  limit: number,
): Promise<Holding[]> {
  return tx.query<Holding>(
    holdingsOf(
      `select 'depositAddress' subject_type, w.deposit_address_id subject_id, w.address, w.network, w.asset,
         coalesce(a.credits_posted - a.debits_posted, 0) posted_minor
       from (select * from deposit_addresses where project_id = $1 and deposit_address_id > $3
         order by deposit_address_id limit $4) w
       left join lateral (
         select credits_posted, debits_posted from ledger_accounts
         where project_id = $1 and account_id = 'deposit_address:' || w.deposit_address_id || ':' || w.asset
         limit 1) a on true`,
    ),
    [tx.scope, block, after, limit],
  );
}

/** What the chain may have done at an address and the ledger has not booked; outgoing is negative. */
export interface OpenItems {
  address: string;
  deposits_minor: bigint;
  sends_minor: bigint;
}

/** Of those of the addresses (in lower case) that have any. */
export function openItemsOf(tx: Tx, addresses: readonly string[]): Promise<OpenItems[]> {
  return tx.query<OpenItems>(
    `select address, coalesce(sum(minor) filter (where what = 'deposit'), 0) deposits_minor,
       coalesce(sum(minor) filter (where what = 'send'), 0) sends_minor
     from (
       select 'deposit' what, to_address address, amount minor from deposits
       where project_id = $1 and status = 'detected' and to_address = any($2)
       union all
       select 'send', to_address, amount from sends
       where project_id = $1 and status in ('queued', 'relaying') and authorization_nonce is not null
         and books_recipient and to_address = any($2)
       union all
       select 'send', from_address, -amount from sends
       where project_id = $1 and status in ('queued', 'relaying') and authorization_nonce is not null
         and from_address = any($2)) items
     group by address`,
    [tx.scope, addresses],
  );
}

export interface RunRow {
  run_id: string;
  network: 'polygon';
  asset: 'usdc';
  status: 'running' | 'completed' | 'failed';
  block_number: bigint;
  addresses: number;
  ledger_minor: bigint;
  chain_minor: bigint;
  adjusted_items: number;
  opened_breaks: number;
  closed_breaks: number;
  open_breaks: number;
  error: string | null;
  started_at: Date;
  completed_at: Date | null;
}

const RUN_COLUMNS = `run_id, network, asset, status, block_number, addresses, ledger_minor, chain_minor,
  adjusted_items, opened_breaks, closed_breaks, open_breaks, error, started_at, completed_at`;

export async function insertRun(
  tx: Tx,
  run: Pick<RunRow, 'run_id' | 'network' | 'asset' | 'block_number' | 'started_at'>,
): Promise<void> {
  await tx.query(
    `insert into reconciliation_runs (project_id, run_id, network, asset, status, block_number, started_at)
     values ($1, $2, $3, $4, 'running', $5, $6)`,
    [tx.scope, run.run_id, run.network, run.asset, run.block_number, run.started_at],
  );
}

export async function isRunning(tx: Tx, runId: string): Promise<boolean> {
  const rows = await tx.query(
    `select from reconciliation_runs where project_id = $1 and run_id = $2 and status = 'running'`,
    [tx.scope, runId],
  );
  return rows.length > 0;
}

/** What a run has counted. */
export interface RunTotals {
  addresses: number;
  ledgerMinor: bigint;
  chainMinor: bigint;
  adjustedItems: number;
  openedBreaks: number;
}

/** The run itself, completed; empty when it no longer runs. Closes the breaks that it did not see. */
export function completeRun(tx: Tx, runId: string, totals: RunTotals, at: Date): Promise<RunRow[]> {
  return tx.query<RunRow>(
    `with closed as (
       update reconciliation_breaks set status = 'closed', closed_at = $3
       where project_id = $1 and status = 'open' and last_run_id <> $2 returning break_id
     ), open as (
       select count(*)::integer count from reconciliation_breaks
       where project_id = $1 and status = 'open' and last_run_id = $2
     )
     update reconciliation_runs set status = 'completed', completed_at = $3, addresses = $4, ledger_minor = $5,
       chain_minor = $6, adjusted_items = $7, opened_breaks = $8,
       closed_breaks = (select count(*) from closed), open_breaks = (select count from open)
     where project_id = $1 and run_id = $2 and status = 'running'
     returning ${RUN_COLUMNS}`,
    [
      tx.scope,
      runId,
      at,
      totals.addresses,
      totals.ledgerMinor,
      totals.chainMinor,
      totals.adjustedItems,
      totals.openedBreaks,
    ],
  );
}

/** The given run, or every one that is said to be running. */
export async function failRuns(tx: Tx, error: string, at: Date, runId?: string): Promise<void> {
  await tx.query(
    `update reconciliation_runs set status = 'failed', error = $2, completed_at = $3
     where project_id = $1 and status = 'running' and ($4::text is null or run_id = $4)`,
    [tx.scope, error, at, runId ?? null],
  );
}

export interface BreakRow {
  break_id: string;
  subject_type: SubjectType;
  subject_id: string;
  address: string;
  network: 'polygon';
  asset: 'usdc';
  ledger_minor: bigint;
  chain_minor: bigint;
  cause: 'in_flight' | 'unbooked_transfer' | 'missing_on_chain' | 'unknown';
  block_number: bigint;
  status: 'open' | 'closed';
  first_seen_at: Date;
  last_seen_at: Date;
  closed_at: Date | null;
}

const BREAK_COLUMNS = `break_id, subject_type, subject_id, address, network, asset, ledger_minor, chain_minor, cause,
  block_number, status, first_seen_at, last_seen_at, closed_at`;

export type SeenBreak = Omit<BreakRow, 'status' | 'first_seen_at' | 'last_seen_at' | 'closed_at'>;

/** Opens breaks, or notes that open ones of the same subjects are still there. How many are new. */
export async function saveBreaks(
  tx: Tx,
  runId: string,
  breaks: readonly SeenBreak[],
  at: Date,
): Promise<number> {
  const rows = await tx.query<{ is_new: boolean }>(
    `insert into reconciliation_breaks as held (project_id, break_id, subject_type, subject_id, address, network,
       asset, ledger_minor, chain_minor, cause, block_number, status, first_run_id, first_seen_at, last_run_id,
       last_seen_at)
     select $1, break_id, subject_type, subject_id, address, network, asset, ledger_minor, chain_minor, cause,
       block_number, 'open', $2, $4, $2, $4
     from jsonb_populate_recordset(null::reconciliation_breaks, $3::jsonb)
     on conflict (project_id, subject_type, subject_id, asset) where status = 'open' do update set
       ledger_minor = excluded.ledger_minor, chain_minor = excluded.chain_minor, cause = excluded.cause,
       block_number = excluded.block_number, last_run_id = excluded.last_run_id, last_seen_at = excluded.last_seen_at
     returning first_run_id = $2 is_new`,
    [tx.scope, runId, toJsonRows(breaks), at],
  );
  return rows.filter((row) => row.is_new).length;
}

export function listRuns(tx: Tx, page: PageRequest): Promise<{ rows: RunRow[]; hasMore: boolean }> {
  return selectPage<RunRow>(tx, `select ${RUN_COLUMNS} from reconciliation_runs`, 'run_id', [], page);
}

export function listBreaks(
  tx: Tx,
  status: BreakRow['status'] | undefined,
  page: PageRequest,
): Promise<{ rows: BreakRow[]; hasMore: boolean }> {
  const select = `select ${BREAK_COLUMNS} from reconciliation_breaks`;
  return selectPage<BreakRow>(tx, select, 'break_id', [['status = ?', status]], page);
}

export interface IgnoredTransferRow {
  ignored_transfer_id: string;
  network: 'polygon';
  reason: 'wrong_token' | 'zero_value';
  token: string;
  from_address: string;
  to_address: string;
  amount: bigint;
  tx_hash: string;
  log_index: number;
  block_number: bigint;
  block_time: Date;
  purpose: SubjectType;
  resource_id: string;
  created_at: Date;
}

export interface IgnoredTransferFilter {
  readonly reason?: IgnoredTransferRow['reason'];
  /** In any letter case. */
  readonly address?: string;
}

export function listIgnoredTransfers(
  tx: Tx,
  { reason, address }: IgnoredTransferFilter,
  page: PageRequest,
): Promise<{ rows: IgnoredTransferRow[]; hasMore: boolean }> {
  return selectPage<IgnoredTransferRow>(
    tx,
    `select ignored_transfer_id, network, reason, token, from_address, to_address, amount, tx_hash, log_index,
       block_number, block_time, purpose, resource_id, created_at
     from ignored_transfers`,
    'ignored_transfer_id',
    [
      ['reason = ?', reason],
      ['to_address = ?', address?.toLowerCase()],
    ],
    page,
  );
}

/** In the platform's scope: projects whose last run began at that time or before, or that have none. */
export async function listDueProjects(tx: Tx, startedBefore: Date): Promise<string[]> {
  const rows = await tx.query<{ project_id: string }>(
    `select project_id from projects p where not exists (
       select from reconciliation_runs r where r.project_id = p.project_id and r.started_at > $1)
     order by project_id`,
    [startedBefore],
  );
  return rows.map((row) => row.project_id);
}
