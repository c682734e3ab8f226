import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, createTestProject, type TestDatabase } from '../../test/postgres.ts';
import type { Tx } from '../db/database.ts';
import { Waker } from '../db/waker.ts';
import { JOBS_CHANNEL, Jobs } from '../jobs/jobs.ts';
import { must } from '../kernel/assert.ts';
import { ManualClock, systemClock } from '../kernel/clock.ts';
import { TypeIds } from '../kernel/ids.ts';
import {
  type AccountRef,
  accountId,
  cashClearing,
  conversion,
  custody,
  customerWallet,
  inFlight,
  limitSideOf,
  omsFees,
} from './chart.ts';
import { checkLedger } from './check.ts';
import { Ledger } from './ledger.ts';
import { NO_BALANCE, type Refusal, type TransferGroup, type TransferRequest } from './transfers.ts';

/** LEDGER_RUNS asks for more than a test run has time for. */
const RUNS = Number(process.env.LEDGER_RUNS ?? 1_000);
const MAX_BATCHES = 6;
const LONG_RUNS = 4;
const LONG_BATCHES = 25;
const CONCURRENT_RUNS = Math.ceil(RUNS / 100);
const CONNECTIONS = 8;
const CALLS_PER_CONNECTION = 12;
const HOLD_MS = 2_000;
const STEP_MS = 1_000;
const START = new Date('2026-03-01T12:00:00Z');

const ACCOUNTS: readonly AccountRef[] = [
  customerWallet('wlt_1', 'usd'),
  customerWallet('wlt_2', 'usd'),
  inFlight('cst_1', 'usd'),
  custody('polygon', 'usd'),
  cashClearing('sandbox'),
  conversion('usd'),
  omsFees('usd'),
];

/** One thing to try; accounts and holds by index, so that it can be shrunk. */
type Step =
  | {
      readonly kind: 'single' | 'pending';
      readonly debit: number;
      readonly shift: number;
      readonly minor: bigint;
      readonly isTimed: boolean;
    }
  | { readonly kind: 'post'; readonly hold: number; readonly minor: bigint | undefined }
  | { readonly kind: 'void'; readonly hold: number };

const minor = fc.bigInt({ min: 1n, max: 100n });
const movement = {
  debit: fc.nat({ max: ACCOUNTS.length - 1 }),
  shift: fc.integer({ min: 1, max: ACCOUNTS.length - 1 }),
  minor,
  isTimed: fc.boolean(),
};
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('single' as const), ...movement }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pending' as const), ...movement }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('post' as const),
      hold: fc.nat({ max: 30 }),
      minor: fc.option(minor, { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('void' as const), hold: fc.nat({ max: 30 }) }) },
);
const group = fc.array(step, { minLength: 1, maxLength: 3 });
/** Groups of one call, and whether an account is to be closed after it. */
const call = fc.record({
  groups: fc.array(group, { minLength: 1, maxLength: 8 }),
  closing: fc.option(fc.nat({ max: ACCOUNTS.length - 1 }), { nil: undefined, freq: 4 }),
});
type Call = typeof call extends fc.Arbitrary<infer C> ? C : never;

interface Sums {
  readonly debitsPending: bigint;
  readonly debitsPosted: bigint;
  readonly creditsPending: bigint;
  readonly creditsPosted: bigint;
}
interface Hold {
  readonly debit: AccountRef;
  readonly credit: AccountRef;
  readonly minor: bigint;
  readonly expiresAt: Date | undefined;
  readonly isOpen: boolean;
}
type Outcome = 'applied' | Refusal;

const NOTHING: Sums = { debitsPending: 0n, debitsPosted: 0n, creditsPending: 0n, creditsPosted: 0n };

/** What the ledger should do, in the plainest terms: four sums an account, and a list of holds. */
class Model {
  now = START;
  #sums = new Map<string, Sums>();
  #holds = new Map<string, Hold>();
  readonly #decided = new Set<string>();
  readonly #closed = new Set<string>();

  of(account: AccountRef): Sums {
    return this.#sums.get(accountId(account)) ?? NOTHING;
  }

  apply(groupId: string, requests: readonly TransferRequest[]): Outcome {
    if (this.#decided.has(groupId)) return 'exists';
    const before = { sums: new Map(this.#sums), holds: new Map(this.#holds) };
    for (const request of requests) {
      const outcome = this.#applyOne(request);
      if (outcome === 'applied') continue;
      this.#sums = before.sums;
      this.#holds = before.holds;
      return outcome;
    }
    this.#decided.add(groupId);
    return 'applied';
  }

  /** An account that nothing was ever moved on is not there to be closed. */
  close(account: AccountRef): 'closed' | 'not_empty' | 'not_found' {
    const sums = this.#sums.get(accountId(account));
    if (!sums) return 'not_found';
    const { debitsPending, debitsPosted, creditsPending, creditsPosted } = sums;
    if (debitsPending !== 0n || creditsPending !== 0n || debitsPosted !== creditsPosted) return 'not_empty';
    this.closeEmpty(account);
    return 'closed';
  }

  closeEmpty(account: AccountRef): void {
    this.#closed.add(accountId(account));
  }

  /** Ids of holds that are open though their time is over. */
  overdue(): string[] {
    return [...this.#holds].flatMap(([id, { isOpen, expiresAt }]) =>
      isOpen && expiresAt && expiresAt <= this.now ? [id] : [],
    );
  }

  #applyOne(request: TransferRequest): Outcome {
    if (request.kind === 'single') {
      return this.#move(request.debit, request.credit, { pending: 0n, posted: request.minor });
    }
    if (request.kind === 'pending') {
      const { debit, credit, minor: held, expiresAt } = request;
      this.#holds.set(request.transferId, { debit, credit, minor: held, expiresAt, isOpen: true });
      return this.#move(debit, credit, { pending: held, posted: 0n });
    }
    const hold = this.#holds.get(request.pendingId);
    if (!hold?.isOpen) return 'hold_unresolvable';
    const posted = request.kind === 'post' ? (request.minor ?? hold.minor) : 0n;
    if (posted > hold.minor) return 'hold_unresolvable';
    if (request.kind === 'post' && hold.expiresAt && hold.expiresAt <= this.now) return 'hold_expired';
    this.#holds.set(request.pendingId, { ...hold, isOpen: false });
    return this.#move(hold.debit, hold.credit, { pending: -hold.minor, posted });
  }

  #move(debit: AccountRef, credit: AccountRef, by: { pending: bigint; posted: bigint }): Outcome {
    if (this.#closed.has(accountId(debit)) || this.#closed.has(accountId(credit))) return 'account_closed';
    const from = this.of(debit);
    const to = this.of(credit);
    this.#sums.set(accountId(debit), {
      ...from,
      debitsPending: from.debitsPending + by.pending,
      debitsPosted: from.debitsPosted + by.posted,
    });
    this.#sums.set(accountId(credit), {
      ...to,
      creditsPending: to.creditsPending + by.pending,
      creditsPosted: to.creditsPosted + by.posted,
    });
    return this.#suffices(debit) && this.#suffices(credit) ? 'applied' : 'insufficient_funds';
  }

  #suffices(account: AccountRef): boolean {
    const { debitsPending, debitsPosted, creditsPending, creditsPosted } = this.of(account);
    const side = limitSideOf(account.kind);
    if (side === 'credit') return debitsPosted + debitsPending <= creditsPosted;
    if (side === 'debit') return creditsPosted + creditsPending <= debitsPosted;
    return true;
  }
}

const clock = new ManualClock(START);
const ids = new TypeIds(systemClock);
let database: TestDatabase;
let ledger: Ledger;
let jobs: Jobs;
let waker: Waker;
beforeAll(async () => {
  database = await createTestDatabase({ maxConnections: CONNECTIONS, clock });
  waker = new Waker(database.db, JOBS_CHANNEL);
  jobs = new Jobs(waker);
  ledger = new Ledger(jobs);
});
afterAll(async () => {
  waker.close();
  await database.drop();
});

const account = (index: number): AccountRef => must(ACCOUNTS[index % ACCOUNTS.length], 'an account');

/** Holds are named in the order they were asked for, also those of refused groups: some names are of no hold. */
function toRequest(one: Step, holdIds: string[]): TransferRequest {
  if (one.kind === 'post' || one.kind === 'void') {
    const pendingId = holdIds.at(-1 - (one.hold % Math.max(holdIds.length, 1))) ?? 'tr_none';
    if (one.kind === 'void' || one.minor === undefined) return { kind: one.kind, pendingId };
    return { kind: 'post', pendingId, minor: one.minor };
  }
  const parties = { debit: account(one.debit), credit: account(one.debit + one.shift), minor: one.minor };
  if (one.kind === 'single') return { kind: 'single', ...parties };
  const transferId = ids.next('transfer');
  holdIds.push(transferId);
  const expiresAt = new Date(clock.now().getTime() + HOLD_MS);
  return { kind: 'pending', transferId, ...parties, ...(one.isTimed && { expiresAt }) };
}

/** What the ledger says of every account is what the model says, and every invariant holds. */
async function expectEqual(tx: Tx, model: Model): Promise<void> {
  const balances = await ledger.balances(tx, ACCOUNTS);
  for (const ref of ACCOUNTS) {
    const { debitsPending, debitsPosted, creditsPending, creditsPosted } = model.of(ref);
    const postedMinor = creditsPosted - debitsPosted;
    expect(balances.get(accountId(ref)) ?? NO_BALANCE).toEqual({
      postedMinor,
      availableMinor: postedMinor - debitsPending,
      incomingMinor: creditsPending,
    });
  }
  expect(await checkLedger(tx)).toEqual([]);
}

/** Makes the calls one after the other, a second apart, and compares after each. Which outcomes there were. */
async function follow(calls: readonly Call[]): Promise<Set<string>> {
  const project = await createTestProject(database.db);
  const seen = new Set<string>();
  const model = new Model();
  model.now = clock.now();
  const holdIds: string[] = [];
  for (const [number, { groups: asked, closing }] of calls.entries()) {
    const groups = asked.map((steps, index) => ({
      groupId: `group-${number}-${index % 5}`,
      transfers: steps.map((one) => toRequest(one, holdIds)),
    }));
    const expected = groups.map((each) => model.apply(each.groupId, each.transfers));
    await database.db.tx(project, async (tx) => {
      const outcomes = await ledger.applyEach(tx, groups);
      expect(outcomes).toEqual(expected);
      for (const outcome of outcomes) seen.add(outcome);
      if (closing !== undefined) {
        // The database opens the accounts of refused groups too; the model does not know of them.
        const [closed] = await ledger.closeAccounts(tx, [account(closing)]);
        const modelled = model.close(account(closing));
        expect(modelled === 'not_found' ? ['closed', 'not_found'] : [modelled]).toContain(closed);
        if (closed === 'closed') model.closeEmpty(account(closing));
        seen.add(String(closed));
      }
      await expectEqual(tx, model);
    });
    clock.advance(STEP_MS);
    model.now = clock.now();
    const overdue = model.overdue();
    if (number % 2 === 0 || overdue.length === 0) continue;
    for (const pendingId of overdue) {
      expect(model.apply(`${pendingId}.expired`, [{ kind: 'void', pendingId }])).toBe('applied');
    }
    await database.db.tx(project, async (tx) => {
      await ledger.expireHolds(tx, overdue);
      await expectEqual(tx, model);
    });
  }
  return seen;
}

const move = (kind: 'single' | 'pending', debit: number, isTimed: boolean): Step => ({
  kind,
  debit,
  shift: 1,
  minor: 5n,
  isTimed,
});
const post: Step = { kind: 'post', hold: 0, minor: undefined };
const intoFees = move('single', 5, false);
/** Every outcome there is, whatever chance brings: the sixth group of a call has the id of its first. */
const EVERY_OUTCOME: Call[] = [
  {
    groups: [[intoFees], [post], [move('single', 0, false)], [intoFees], [intoFees], [intoFees]],
    closing: 6,
  },
  { groups: [[move('pending', 5, true)]], closing: 0 },
  { groups: [[move('single', 6, false)]], closing: undefined },
  { groups: [[post]], closing: undefined },
];

const ALL_OUTCOMES = [
  'account_closed',
  'applied',
  'closed',
  'exists',
  'hold_expired',
  'hold_unresolvable',
  'insufficient_funds',
  'not_empty',
];

it('does what a plain model of it does, whatever is asked in whatever order', async () => {
  const seen = new Set<string>();
  const calls = (max: number) => fc.array(call, { minLength: 1, maxLength: max, size: 'max' });
  const property = (max: number) =>
    fc.asyncProperty(calls(max), async (made) => {
      for (const outcome of await follow(made)) seen.add(outcome);
    });
  await fc.assert(property(MAX_BATCHES), { numRuns: RUNS, examples: [[EVERY_OUTCOME]] });
  await fc.assert(property(LONG_BATCHES), { numRuns: LONG_RUNS });
  expect([...seen].sort()).toEqual(expect.arrayContaining(ALL_OUTCOMES));
}, 600_000);

it('does what the model does in the order of its journal, whatever many connections ask at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(group, { minLength: 1, maxLength: 4 }), {
        minLength: CONNECTIONS * CALLS_PER_CONNECTION,
        maxLength: CONNECTIONS * CALLS_PER_CONNECTION,
      }),
      async (calls) => {
        const project = await createTestProject(database.db);
        const holdIds: string[] = [];
        const asked = calls.map((groups, number) =>
          groups.map((steps, index) => ({
            // Half of the ids are asked for by two connections.
            groupId: `group-${Math.floor(number / 2)}-${index}`,
            transfers: steps.map((one) =>
              toRequest({ ...one, ...('isTimed' in one && { isTimed: false }) }, holdIds),
            ),
          })),
        );
        const outcomes = await Promise.all(
          asked.map((groups) => database.db.tx(project, (tx) => ledger.applyEach(tx, groups))),
        );
        await replay(project, asked.flat(), outcomes.flat());
      },
    ),
    { numRuns: CONCURRENT_RUNS, endOnFailure: true },
  );
}, 300_000);

/** Each group id that was applied was applied once, and the journal's order explains all of them. */
async function replay(
  project: string,
  groups: readonly TransferGroup[],
  outcomes: readonly string[],
): Promise<void> {
  const journal = await database.db.tx(project, (tx) =>
    tx.query<{ group_id: string; first_hold: string | null }>(
      `select group_id from ledger_transfers group by group_id order by min(seq)`,
    ),
  );
  const applied = groups.filter((_, index) => outcomes[index] === 'applied');
  expect(journal.map(({ group_id }) => group_id).sort()).toEqual(
    applied.map(({ groupId }) => groupId).sort(),
  );
  const model = new Model();
  for (const { group_id } of journal) {
    const asked = must(
      applied.find(({ groupId }) => groupId === group_id),
      'an applied group was asked for',
    );
    expect(model.apply(group_id, asked.transfers)).toBe('applied');
  }
  await database.db.tx(project, (tx) => expectEqual(tx, model));
}
