import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, createTestProject, type TestDatabase } from '../../test/postgres.ts';
import { must } from '../kernel/assert.ts';
import { systemClock } from '../kernel/clock.ts';
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
import { Ledger, type Refusal, type TransferRequest } from './ledger.ts';

const RUNS = 8;
const MAX_BATCHES = 25;

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
    }
  | { readonly kind: 'post'; readonly hold: number; readonly minor: bigint | undefined }
  | { readonly kind: 'void'; readonly hold: number };

const minor = fc.bigInt({ min: 1n, max: 100n });
const movement = {
  debit: fc.nat({ max: ACCOUNTS.length - 1 }),
  shift: fc.integer({ min: 1, max: ACCOUNTS.length - 1 }),
  minor,
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
  readonly isOpen: boolean;
}
type Outcome = 'applied' | Refusal;

const NOTHING: Sums = { debitsPending: 0n, debitsPosted: 0n, creditsPending: 0n, creditsPosted: 0n };

/** What the ledger should do, in the plainest terms: four sums an account, and a list of holds. */
class Model {
  #sums = new Map<string, Sums>();
  #holds = new Map<string, Hold>();
  readonly #decided = new Set<string>();

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

  #applyOne(request: TransferRequest): Outcome {
    if (request.kind === 'single') {
      return this.#move(request.debit, request.credit, { pending: 0n, posted: request.minor });
    }
    if (request.kind === 'pending') {
      const { debit, credit, minor: held } = request;
      this.#holds.set(request.transferId, { debit, credit, minor: held, isOpen: true });
      return this.#move(debit, credit, { pending: held, posted: 0n });
    }
    const hold = this.#holds.get(request.pendingId);
    if (!hold?.isOpen) return 'hold_unresolvable';
    const posted = request.kind === 'post' ? (request.minor ?? hold.minor) : 0n;
    if (posted > hold.minor) return 'hold_unresolvable';
    this.#holds.set(request.pendingId, { ...hold, isOpen: false });
    return this.#move(hold.debit, hold.credit, { pending: -hold.minor, posted });
  }

  #move(debit: AccountRef, credit: AccountRef, by: { pending: bigint; posted: bigint }): Outcome {
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

const ids = new TypeIds(systemClock);
const ledger = new Ledger(systemClock, ids);
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

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
  return { kind: 'pending', transferId, ...parties };
}

it('does what a plain model of it does, whatever is asked in whatever order', async () => {
  const seen = new Set<Outcome>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(group, { minLength: 1, maxLength: 8 }), {
        minLength: 5,
        maxLength: MAX_BATCHES,
        size: 'max',
      }),
      async (batches) => {
        const project = await createTestProject(database.db);
        const model = new Model();
        const holdIds: string[] = [];
        for (const [call, batch] of batches.entries()) {
          const groups = batch.map((steps, index) => ({
            groupId: `group-${call}-${index % 5}`,
            transfers: steps.map((one) => toRequest(one, holdIds)),
          }));
          const expected = groups.map((each) => model.apply(each.groupId, each.transfers));
          const outcomes = await database.db.tx(project, (tx) => ledger.applyEach(tx, groups));
          expect(outcomes).toEqual(expected);
          for (const outcome of outcomes) seen.add(outcome);
        }
        const balances = await database.db.tx(project, (tx) => ledger.balances(tx, ACCOUNTS));
        for (const ref of ACCOUNTS) {
          const { debitsPending, debitsPosted, creditsPending, creditsPosted } = model.of(ref);
          const postedMinor = creditsPosted - debitsPosted;
          expect(
            balances.get(accountId(ref)) ?? { postedMinor: 0n, availableMinor: 0n, incomingMinor: 0n },
          ).toEqual({
            postedMinor,
            availableMinor: postedMinor - debitsPending,
            incomingMinor: creditsPending,
          });
        }
        expect(await database.db.tx(project, checkLedger)).toEqual([]);
      },
    ),
    { numRuns: RUNS },
  );
  expect(seen.size).toBe(4);
});
