import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  asSuperuser,
  createTestDatabase,
  createTestProject,
  type TestDatabase,
} from '../../test/postgres.ts';
import { PLATFORM } from '../db/database.ts';
import { Waker } from '../db/waker.ts';
import { JOBS_CHANNEL, Jobs } from '../jobs/jobs.ts';
import { JobRunner } from '../jobs/runner.ts';
import { addMs, ManualClock, MINUTE_MS, SECOND_MS } from '../kernel/clock.ts';
import { silentLogger } from '../kernel/log.ts';
import { custody, customerWallet } from './chart.ts';
import { checkLedger } from './check.ts';
import type { Finding } from './finding.ts';
import { balanceAt, type Entry, listEntries } from './history.ts';
import { type ChainSummary, chainBatches, checkChain, listUnchainedProjects } from './journal-chain.ts';
import { Ledger } from './ledger.ts';
import { expireHoldsTask } from './tasks.ts';
import type { TransferRequest } from './transfers.ts';

const START = new Date('2026-03-01T12:00:00Z');
const alice = customerWallet('wlt_alice', 'usdc');
const bob = customerWallet('wlt_bob', 'usdc');
const vault = custody('polygon', 'usdc');
const EMPTY = { postedMinor: 0n, availableMinor: 0n, incomingMinor: 0n };

let database: TestDatabase;
let waker: Waker;
let clock: ManualClock;
let runner: JobRunner;
let ledger: Ledger;
let project: string;
let groups = 0;

beforeAll(async () => {
  database = await createTestDatabase({ clock: { now: () => clock.now() } });
  waker = new Waker(database.db, JOBS_CHANNEL);
});
afterAll(async () => {
  waker.close();
  await database.drop();
});
beforeEach(async () => {
  project = await createTestProject(database.db);
  clock = new ManualClock(START);
  ledger = new Ledger(new Jobs(waker));
  runner = new JobRunner({ db: database.db, clock, waker, log: silentLogger, concurrency: 4 });
  runner.register(expireHoldsTask(ledger));
});

async function apply(...transfers: TransferRequest[]): Promise<string> {
  const groupId = `group-${++groups}`;
  const [outcome] = await database.db.tx(project, (tx) => ledger.applyEach(tx, [{ groupId, transfers }]));
  return String(outcome);
}
const fund = (minor: bigint) => apply({ kind: 'single', debit: vault, credit: alice, minor });
const pay = (minor: bigint) => apply({ kind: 'single', debit: alice, credit: bob, minor });
const hold = (transferId: string, minor: bigint, expiresAt?: Date) =>
  apply({ kind: 'pending', transferId, debit: alice, credit: bob, minor, ...(expiresAt && { expiresAt }) });
const balance = (account = alice) => database.db.tx(project, (tx) => ledger.balance(tx, account));
const at = (time: Date, account = alice) => database.db.tx(project, (tx) => balanceAt(tx, account, time));
const entries = (limit = 100, after?: string): Promise<Entry[]> =>
  database.db.tx(project, (tx) => listEntries(tx, alice, { limit, ...(after !== undefined && { after }) }));
const close = (...accounts: (typeof alice)[]) =>
  database.db.tx(project, (tx) => ledger.closeAccounts(tx, accounts));
const expectHealthy = async (): Promise<void> =>
  expect(await database.db.tx(project, checkLedger)).toEqual([]);

describe('a hold with an end', () => {
  const END = addMs(START, MINUTE_MS);
  beforeEach(() => fund(100n));

  it('is voided by its job when its time is over, and not before', async () => {
    await hold('tr_timed', 60n, END);
    clock.advance(MINUTE_MS - 1);
    await runner.drain();
    expect(await balance()).toMatchObject({ availableMinor: 40n });
    clock.advance(1);
    await runner.drain();
    expect(await balance()).toEqual({ ...EMPTY, postedMinor: 100n, availableMinor: 100n });
    expect(await apply({ kind: 'post', pendingId: 'tr_timed' })).toBe('hold_unresolvable');
    await expectHealthy();
  });

  it('cannot be posted once its time is over, even before it is voided', async () => {
    await hold('tr_timed', 60n, END);
    clock.advance(MINUTE_MS);
    expect(await apply({ kind: 'post', pendingId: 'tr_timed' })).toBe('hold_expired');
    expect(await apply({ kind: 'void', pendingId: 'tr_timed' })).toBe('applied');
    await runner.drain();
    await expectHealthy();
  });

  it('that was posted in time stays posted', async () => {
    await hold('tr_timed', 60n, END);
    expect(await apply({ kind: 'post', pendingId: 'tr_timed' })).toBe('applied');
    clock.advance(MINUTE_MS);
    await runner.drain();
    expect(await balance(bob)).toMatchObject({ postedMinor: 60n });
    await expectHealthy();
  });

  it('makes no job when it is refused', async () => {
    expect(await hold('tr_timed', 101n, END)).toBe('insufficient_funds');
    clock.advance(MINUTE_MS);
    expect(await runner.drain()).toBe(0);
  });

  it('may be made and posted in one call', async () => {
    const made = { kind: 'pending', transferId: 'tr_timed', debit: alice, credit: bob, minor: 60n } as const;
    expect(await apply({ ...made, expiresAt: END }, { kind: 'post', pendingId: 'tr_timed' })).toBe('applied');
    await expectHealthy();
  });
});

describe('an account', () => {
  it('closes when it is empty, and then takes nothing more', async () => {
    await fund(10n);
    expect(await close(alice, bob)).toEqual(['not_empty', 'not_found']);
    await pay(10n);
    expect(await close(alice)).toEqual(['closed']);
    expect(await close(alice)).toEqual(['closed']);
    expect(await fund(1n)).toBe('account_closed');
    expect(await hold('tr_late', 1n)).toBe('account_closed');
    expect(await balance(bob)).toMatchObject({ postedMinor: 10n });
    await expectHealthy();
  });

  it('does not close while a hold is open on either side', async () => {
    await fund(10n);
    await pay(10n);
    await apply({ kind: 'pending', transferId: `tr_${project}`, debit: bob, credit: alice, minor: 4n });
    expect(await close(alice)).toEqual(['not_empty']);
  });

  it('refuses alone: the other groups of the call are applied', async () => {
    await fund(10n);
    await pay(10n);
    await close(alice);
    const single = { kind: 'single', debit: vault, minor: 1n } as const;
    const outcomes = await database.db.tx(project, (tx) =>
      ledger.applyEach(tx, [
        { groupId: 'to-closed', transfers: [{ ...single, credit: alice }] },
        { groupId: 'to-open', transfers: [{ ...single, credit: bob }] },
      ]),
    );
    expect(outcomes).toEqual(['account_closed', 'applied']);
    await expectHealthy();
  });
});

describe('the past', () => {
  it('is what the account held at that instant, holds included', async () => {
    await fund(100n);
    clock.advance(SECOND_MS);
    await hold('tr_past', 60n);
    clock.advance(SECOND_MS);
    await apply({ kind: 'post', pendingId: 'tr_past', minor: 50n });
    clock.advance(SECOND_MS);
    await pay(7n);
    expect(await at(addMs(START, -1))).toEqual(EMPTY);
    expect(await at(START)).toEqual({ ...EMPTY, postedMinor: 100n, availableMinor: 100n });
    expect(await at(addMs(START, 1_500))).toEqual({ ...EMPTY, postedMinor: 100n, availableMinor: 40n });
    expect(await at(addMs(START, 1_500), bob)).toEqual({ ...EMPTY, incomingMinor: 60n });
    expect(await at(addMs(START, 2_000))).toEqual({ ...EMPTY, postedMinor: 50n, availableMinor: 50n });
    expect(await at(addMs(START, 9_000))).toEqual(await balance());
    expect(await at(START, customerWallet('wlt_nobody', 'usdc'))).toEqual(EMPTY);
  });

  it('goes forward even when a clock goes back', async () => {
    await fund(100n);
    clock.advance(-MINUTE_MS);
    await pay(10n);
    const [last, first] = await entries();
    expect(last?.createdAt).toEqual(first?.createdAt);
    expect(await at(START)).toMatchObject({ postedMinor: 90n });
    await expectHealthy();
  });

  it('is listed entry by entry with the balance after each, in pages that inserts do not shift', async () => {
    await fund(100n);
    clock.advance(SECOND_MS);
    await hold('tr_listed', 60n);
    await apply({ kind: 'post', pendingId: 'tr_listed', minor: 50n });
    for (let i = 1; i <= 5; i++) await pay(1n);
    const all = await entries();
    expect(all).toHaveLength(8);
    expect(all.map(({ balance: { postedMinor } }) => postedMinor)).toEqual([
      45n,
      46n,
      47n,
      48n,
      49n,
      50n,
      100n,
      100n,
    ]);
    expect(all.at(-2)).toMatchObject({
      kind: 'pending',
      side: 'debit',
      holdId: 'tr_listed',
      counterpartId: 'customer_wallet:wlt_bob:usdc',
      minor: 60n,
      balance: { availableMinor: 40n },
    });
    const paged: Entry[] = [];
    for (;;) {
      const page = await entries(3, paged.at(-1)?.cursor);
      if (page.length === 0) break;
      paged.push(...page);
      await pay(1n);
    }
    expect(paged).toEqual(all);
  });
});

describe('the chain', () => {
  async function verify(at?: bigint): Promise<{ summary: ChainSummary; findings: Finding[] }> {
    return database.db.snapshot(project, async (tx) => {
      const findings: Finding[] = [];
      const steps = checkChain(tx, { at });
      for (;;) {
        const { value, done } = await steps.next();
        if (done) return { summary: value, findings };
        findings.push(value);
      }
    });
  }

  it('takes in every batch once, whoever does it at the same time', async () => {
    for (let i = 0; i < 12; i++) await fund(1n);
    expect(await database.db.tx(PLATFORM, listUnchainedProjects)).toContain(project);
    await Promise.all(Array.from({ length: 4 }, () => database.db.tx(project, chainBatches)));
    expect(await database.db.tx(PLATFORM, listUnchainedProjects)).not.toContain(project);
    await fund(1n);
    const { summary, findings } = await verify();
    expect(findings).toEqual([]);
    expect(summary).toMatchObject({ position: 12n, transfers: 13, unchained: 1 });
  });

  it('has one batch for all that a call applied, and none for a call that was refused', async () => {
    await fund(10n);
    await pay(11n);
    await database.db.tx(project, (tx) =>
      ledger.applyEach(
        tx,
        Array.from({ length: 20 }, (_, index) => ({
          groupId: `one-call-${index}`,
          transfers: [{ kind: 'single', debit: alice, credit: bob, minor: 1n }],
        })),
      ),
    );
    await database.db.tx(project, chainBatches);
    expect((await verify()).summary).toMatchObject({ position: 2n, transfers: 11, unchained: 0 });
  });

  it('lacks the link that was noted when the last of it was taken out', async () => {
    for (let i = 0; i < 3; i++) await fund(1n);
    await database.db.tx(project, chainBatches);
    const { summary: noted } = await verify();
    expect((await verify(noted.position)).summary.hashAt).toBe(noted.hash);
    await asSuperuser(database.url, async (client) => {
      await client.query(`set session_replication_role = 'replica'`);
      const { rows } = await client.query(
        'delete from ledger_batches where project_id = $1 and chain_position = 3 returning batch_id',
        [project],
      );
      await client.query('delete from ledger_transfers where batch_id = $1', [rows[0].batch_id]);
      await client.query(
        `update ledger_accounts set debits_posted = least(debits_posted, 2), credits_posted = least(credits_posted, 2)
         where project_id = $1`,
        [project],
      );
    });
    await expectHealthy();
    const { summary, findings } = await verify(noted.position);
    expect(findings).toEqual([]);
    expect(summary.position).toBe(2n);
    expect(summary.hashAt).toBeUndefined();
  });
});

describe('the check of a large ledger', () => {
  it('follows an account through more entries than it reads at once', async () => {
    const count = 1_000;
    for (let call = 0; call < 12; call++) {
      await database.db.tx(project, (tx) =>
        ledger.apply(
          tx,
          ...Array.from({ length: count }, (_, index) => ({
            groupId: `many-${call}-${index}`,
            transfers: [
              {
                kind: 'single' as const,
                debit: vault,
                credit: customerWallet(`wlt_${index}`, 'usdc'),
                minor: 1n,
              },
            ],
          })),
        ),
      );
    }
    await expectHealthy();
    await asSuperuser(database.url, async (client) => {
      await client.query(`set session_replication_role = 'replica'`);
      await client.query(
        `update ledger_transfers set amount = 2 where project_id = $1 and group_id = 'many-11-999'`,
        [project],
      );
    });
    const findings = await database.db.tx(project, checkLedger);
    expect(findings.map(({ rule }) => rule)).toHaveLength(5);
  });
});
