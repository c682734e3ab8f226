import type { Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { must } from '../kernel/assert.ts';
import { addMs } from '../kernel/clock.ts';
import { notFound, validationError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { ASSETS } from '../kernel/money.ts';
import { listTotals } from '../ledger/totals.ts';
import { KINDS, namesOf, ownersOf } from './names.ts';
import * as store from './store.ts';
import { VERIFY, type VerifyPayload } from './tasks.ts';
import * as verifications from './verification-store.ts';

export interface NamedAccount {
  readonly row: store.AccountRow;
  readonly name: string;
}

/** All accounts of a kind and asset together. */
export interface KindTotal extends store.CountRow {
  /** Credits less debits. */
  readonly net: bigint;
}

export interface BalancePoint {
  readonly at: Date;
  /** Credits less debits. */
  readonly posted: bigint;
}

const LATEST = 'latest';

/** The books, for people. */
export class LedgerExplorer {
  readonly #ids: Ids;
  readonly #jobs: Jobs;

  constructor(deps: { readonly ids: Ids; readonly jobs: Jobs }) {
    this.#ids = deps.ids;
    this.#jobs = deps.jobs;
  }

  /** What people call the accounts. */
  async namesOf(tx: Tx, accountIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const ids = [...new Set(accountIds)];
    const owners = ownersOf(ids);
    return namesOf(ids, owners.length === 0 ? new Map() : await store.ownerNames(tx, owners));
  }

  async accounts(
    tx: Tx,
    filter: store.AccountFilter,
    page: PageRequest,
  ): Promise<{ accounts: NamedAccount[]; hasMore: boolean }> {
    const { rows, hasMore } = await store.listAccounts(tx, filter, page);
    return { accounts: await this.#named(tx, rows), hasMore };
  }

  async account(tx: Tx, accountId: string): Promise<NamedAccount> {
    const [account] = await this.#named(tx, [await this.#get(tx, accountId)]);
    return must(account, 'one account');
  }

  async #get(tx: Tx, accountId: string): Promise<store.AccountRow> {
    const row = await store.findAccount(tx, accountId);
    if (!row) throw notFound('ledger account');
    return row;
  }

  async #named(tx: Tx, rows: readonly store.AccountRow[]): Promise<NamedAccount[]> {
    const names = await this.namesOf(
      tx,
      rows.map((row) => row.account_id),
    );
    return rows.map((row) => ({ row, name: names.get(row.account_id) ?? row.account_id }));
  }

  async totals(tx: Tx): Promise<{ totals: KindTotal[]; head: store.HeadRow | undefined }> {
    const counts = await store.countAccounts(tx, KINDS, ASSETS);
    const nets = new Map((await listTotals(tx)).map(({ kind, asset, net }) => [`${kind} ${asset}`, net]));
    const totals = counts.map((row) => ({ ...row, net: nets.get(`${row.kind} ${row.asset}`) ?? 0n }));
    return { totals, head: await store.findHead(tx) };
  }

  async entries(
    tx: Tx,
    accountId: string,
    page: store.EntryPage,
  ): Promise<{
    account: store.AccountRow;
    rows: store.EntryRow[];
    hasMore: boolean;
    names: ReadonlyMap<string, string>;
  }> {
    const account = await this.#get(tx, accountId);
    const { rows, hasMore } = await store.listEntries(tx, account.account_no, page);
    const names = await this.namesOf(
      tx,
      rows.map((row) => row.counterpart_id),
    );
    return { account, rows, hasMore, names };
  }

  /** The balance at the end of each of so many equal parts of the time. */
  async history(
    tx: Tx,
    accountId: string,
    range: { readonly from: Date | undefined; readonly to: Date | undefined; readonly points: number },
  ): Promise<{ account: store.AccountRow; points: BalancePoint[] }> {
    const account = await this.#get(tx, accountId);
    const to = range.to ?? tx.now();
    const from = range.from ?? (await store.findFirstEntryAt(tx, account.account_no)) ?? account.created_at;
    if (range.from && from > to) throw validationError([{ field: 'from', issue: 'is after the end' }]);
    const spanMs = Math.max(0, to.getTime() - from.getTime());
    const instants = Array.from({ length: range.points }, (_, index) =>
      addMs(from, Math.round((spanMs * index) / (range.points - 1))),
    );
    return { account, points: await store.listBalancesAt(tx, account.account_no, instants) };
  }

  /** Begins a verification, unless one runs. */
  async verify(tx: Tx): Promise<verifications.VerificationRow> {
    const begun = await verifications.insertVerification(tx, this.#ids.next('ledgerVerification', tx));
    if (!begun) return must(await verifications.findRunning(tx), 'another verification runs');
    const payload: VerifyPayload = { verificationId: begun.verification_id };
    await this.#jobs.enqueue(tx, VERIFY, payload);
    return begun;
  }

  async verification(tx: Tx, verificationId: string): Promise<verifications.VerificationRow> {
    const row =
      verificationId === LATEST
        ? await verifications.findLatest(tx)
        : await verifications.findVerification(tx, verificationId);
    if (!row) throw notFound('verification');
    return row;
  }
}
