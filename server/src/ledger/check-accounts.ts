import type { Tx } from '../db/database.ts';
import type { Finding } from './finding.ts';

/** An account as it is stored. */
interface AccountRow {
  account_no: bigint;
  account_id: string;
  asset: string;
  limit_side: 'credit' | 'debit' | 'none';
  debits_pending: bigint;
  debits_posted: bigint;
  credits_pending: bigint;
  credits_posted: bigint;
  is_late: boolean;
}

/** One side of a transfer. Times are text: a cursor must keep their microseconds. */
interface EntryRow {
  account_no: bigint;
  at: string;
  seq: bigint;
  side: 'debit' | 'credit';
  name: string;
  kind: 'single' | 'pending' | 'post' | 'void';
  amount: bigint;
  posted: bigint;
  reserved: bigint;
  incoming: bigint;
  is_after_closing: boolean;
  other_asset: string | null;
  hold_amount: bigint | null;
  is_of_hold: boolean | null;
}

/** The account's sums over the entries read so far. */
interface Running {
  readonly account: AccountRow;
  at: string;
  seq: bigint;
  entries: number;
  debitsPending: bigint;
  debitsPosted: bigint;
  creditsPending: bigint;
  creditsPosted: bigint;
  /** Rules of which one finding of the account is enough. */
  readonly reported: Set<string>;
}

const ACCOUNTS_AT_ONCE = 200;
const ENTRIES_AT_ONCE = 20_000;

const SUMS = 'stored balances equal the sums of the transfers';
const ZERO = 'each asset sums to zero';
const BELOW = 'no limited account is below zero';
const ASSETS = 'a transfer moves the asset of both its accounts';
const HOLDS = 'a post or void stays within its hold';
const AFTER = 'an entry keeps the balances it led to';
const CLOSED = 'nothing is moved on a closed account';

/** Follows each account of the project through all its entries; answers the number of transfers. */
export async function* checkAccounts(
  tx: Tx,
  onRecomputed: (transfers: number) => Promise<void>,
): AsyncGenerator<Finding, number> {
  const assets = new Map<string, { posted: bigint; pending: bigint }>();
  let transfers = 0;
  for (let after = ''; ; ) {
    const accounts = await listAccounts(tx, after);
    for (const account of accounts) addTo(assets, account);
    transfers += yield* followAll(tx, accounts, onRecomputed);
    const last = accounts.at(-1);
    if (!last) break;
    after = last.account_id;
  }
  for (const [asset, { posted, pending }] of assets) {
    if (posted === 0n && pending === 0n) continue;
    yield { rule: ZERO, subject: asset, detail: `posted ${posted}, pending ${pending}` };
  }
  return transfers;
}

function addTo(assets: Map<string, { posted: bigint; pending: bigint }>, account: AccountRow): void {
  const sum = assets.get(account.asset) ?? { posted: 0n, pending: 0n };
  assets.set(account.asset, {
    posted: sum.posted + account.credits_posted - account.debits_posted,
    pending: sum.pending + account.credits_pending - account.debits_pending,
  });
}

/** The fewer accounts are left, the more entries of each are read at once. */
async function* followAll(
  tx: Tx,
  accounts: readonly AccountRow[],
  onRecomputed: (transfers: number) => Promise<void>,
): AsyncGenerator<Finding, number> {
  let open = accounts.map(begin);
  let transfers = 0;
  while (open.length > 0) {
    const limit = Math.floor(ENTRIES_AT_ONCE / open.length);
    const entries = Map.groupBy(await listEntries(tx, open, limit), ({ account_no }) => account_no);
    const unfinished: Running[] = [];
    const before = transfers;
    for (const running of open) {
      const own = entries.get(running.account.account_no) ?? [];
      for (const entry of own) {
        if (entry.side === 'debit') transfers += 1;
        yield* follow(running, entry);
      }
      if (own.length === limit) unfinished.push(running);
      else yield* finish(running);
    }
    open = unfinished;
    await onRecomputed(transfers - before);
  }
  return transfers;
}

const begin = (account: AccountRow): Running => ({
  account,
  at: '-infinity',
  seq: -1n,
  entries: 0,
  debitsPending: 0n,
  debitsPosted: 0n,
  creditsPending: 0n,
  creditsPosted: 0n,
  reported: new Set(),
});

function* follow(running: Running, entry: EntryRow): Generator<Finding> {
  running.at = entry.at;
  running.seq = entry.seq;
  running.entries += 1;
  if (entry.side === 'debit') yield* transferFindings(running.account, entry);
  const held =
    entry.kind === 'pending' ? entry.amount : entry.kind === 'single' ? 0n : -(entry.hold_amount ?? 0n);
  const moved = entry.kind === 'single' || entry.kind === 'post' ? entry.amount : 0n;
  if (entry.side === 'debit') {
    running.debitsPending += held;
    running.debitsPosted += moved;
  } else {
    running.creditsPending += held;
    running.creditsPosted += moved;
  }
  const posted = running.creditsPosted - running.debitsPosted;
  const isKept =
    entry.posted === posted &&
    entry.reserved === running.debitsPending &&
    entry.incoming === running.creditsPending;
  const detail = `${entry.name}: ${posted}/${running.debitsPending}/${running.creditsPending}`;
  if (!isKept)
    yield* once(running, AFTER, `${detail}, kept ${entry.posted}/${entry.reserved}/${entry.incoming}`);
  if (isBelowZero(running)) yield* once(running, BELOW, detail);
  if (entry.is_after_closing) yield* once(running, CLOSED, entry.name);
}

/** What is wrong with a transfer by itself, told with its debit side. */
function* transferFindings(account: AccountRow, entry: EntryRow): Generator<Finding> {
  if (entry.other_asset !== account.asset) {
    yield {
      rule: ASSETS,
      subject: entry.name,
      detail: `${account.asset}, ${entry.other_asset ?? 'no account'}`,
    };
  }
  const isResolution = entry.kind === 'post' || entry.kind === 'void';
  if (isResolution && (!entry.is_of_hold || entry.hold_amount === null || entry.amount > entry.hold_amount)) {
    yield {
      rule: HOLDS,
      subject: entry.name,
      detail: `${entry.amount} of ${entry.hold_amount ?? 'no hold'}`,
    };
  }
}

function isBelowZero({ account, ...sums }: Running): boolean {
  if (account.limit_side === 'credit') return sums.debitsPosted + sums.debitsPending > sums.creditsPosted;
  if (account.limit_side === 'debit') return sums.creditsPosted + sums.creditsPending > sums.debitsPosted;
  return false;
}

function* finish(running: Running): Generator<Finding> {
  const { account, debitsPending, debitsPosted, creditsPending, creditsPosted } = running;
  const isEqual =
    account.debits_pending === debitsPending &&
    account.debits_posted === debitsPosted &&
    account.credits_pending === creditsPending &&
    account.credits_posted === creditsPosted;
  const stored = `${account.debits_pending}/${account.debits_posted}/${account.credits_pending}/${account.credits_posted}`;
  const summed = `${debitsPending}/${debitsPosted}/${creditsPending}/${creditsPosted}`;
  if (!isEqual) yield* once(running, SUMS, `stored ${stored}, summed ${summed}`);
  if (account.is_late) yield* once(running, 'entries of an account go forward in time', running.at);
}

function* once(running: Running, rule: string, detail: string): Generator<Finding> {
  if (running.reported.has(rule)) return;
  running.reported.add(rule);
  yield { rule, subject: running.account.account_id, detail };
}

function listAccounts(tx: Tx, after: string): Promise<AccountRow[]> {
  return tx.query<AccountRow>(
    `select account_no, account_id, asset, limit_side, debits_pending, debits_posted, credits_pending,
       credits_posted, last_entry_at < greatest(
         (select max(t.created_at) from ledger_transfers t where t.debit_no = account_no),
         (select max(t.created_at) from ledger_transfers t where t.credit_no = account_no)) is_late
     from ledger_accounts where project_id = $1 and account_id > $2 order by account_id limit $3`,
    [tx.scope, after, ACCOUNTS_AT_ONCE],
  );
}

/** The next entries of each account, in their order. */
function listEntries(tx: Tx, accounts: readonly Running[], limit: number): Promise<EntryRow[]> {
  const side = (own: string, other: string): string => `
    (select t.created_at, t.seq, '${own}' side, t.${other}_no other_no, t.group_id, t.position, t.kind, t.pending_id,
       t.debit_no, t.credit_no, t.amount, t.${own}_posted_after posted, t.${own}_reserved_after reserved,
       t.${own}_incoming_after incoming
     from ledger_transfers t where t.${own}_no = read.no and (t.created_at, t.seq) > (read.at, read.seq)
     order by t.created_at, t.seq limit $5)`;
  return tx.query<EntryRow>(
    `select read.no account_no, e.created_at::text at, e.seq, e.side, e.group_id || ' ' || e.position as name, e.kind,
       e.amount, e.posted, e.reserved, e.incoming, coalesce(e.created_at > a.closed_at, false) is_after_closing,
       o.asset other_asset, h.amount hold_amount,
       (h.debit_no, h.credit_no) = (e.debit_no, e.credit_no) is_of_hold
     from unnest($2::bigint[], $3::timestamptz[], $4::bigint[]) read(no, at, seq)
     cross join lateral (
       select * from (${side('debit', 'credit')} union all ${side('credit', 'debit')}) sides
       order by created_at, seq limit $5) e
     left join lateral (select closed_at from ledger_accounts where account_no = read.no limit 1) a on true
     left join lateral (select asset from ledger_accounts where account_no = e.other_no limit 1) o on true
     left join lateral (
       select amount, debit_no, credit_no from ledger_transfers
       where project_id = $1 and transfer_id = e.pending_id limit 1) h on true
     order by read.no, e.created_at, e.seq`,
    [
      tx.scope,
      accounts.map(({ account }) => account.account_no),
      accounts.map(({ at }) => at),
      accounts.map(({ seq }) => seq),
      limit,
    ],
  );
}
