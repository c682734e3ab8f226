import type { World } from '../../test/world.ts';
import type { Tx } from '../db/database.ts';
import { JobRunner } from '../jobs/runner.ts';
import { bankClearing, bankUnplaced } from '../ledger/chart.ts';
import { ProviderEvents } from '../providers/provider-events.ts';
import { SandboxBank } from '../providers/sandbox/bank.ts';
import type { BankPace } from '../providers/sandbox/bank-store.ts';
import { settleTask } from '../providers/sandbox/bank-tasks.ts';
import type { BankHandlers, NoticeOfChange, ReceivedCredit, ReturnedBankCredit } from './deps.ts';
import type {
  BankRail,
  InternationalBankDetails,
  OutgoingPayment,
  PayoutDetails,
  UsBankDetails,
} from './provider.ts';
import { Bank, type PayoutRequest } from './service.ts';
import { returnCreditTask, submitTask } from './tasks.ts';
import type { BankCredit, FailedPayout, Payout, ReturnedPayout } from './view.ts';

const JOBS_AT_ONCE = 8;

/** What the handlers were told, by commit. */
export interface Told {
  readonly settled: Payout[];
  readonly failed: FailedPayout[];
  readonly returned: ReturnedPayout[];
  readonly corrected: NoticeOfChange[];
  readonly received: ReceivedCredit[];
  readonly sentBack: ReturnedBankCredit[];
}

export const US_ACCOUNT: UsBankDetails = {
  kind: 'us',
  ownerName: 'Ada Lovelace',
  bankName: 'First Bank',
  accountNumber: '000123456789',
  routingNumber: '011000015',
  accountType: 'checking',
};

export const IBAN_ACCOUNT: InternationalBankDetails = {
  kind: 'international',
  ownerName: 'Ada Lovelace',
  bankName: 'Erste Bank',
  accountNumber: 'DE89370400440532013000',
  bic: 'COBADEFFXXX',
  country: 'DE',
};

export type BankBed = ReturnType<typeof createBankBed>;

/**
 * A bank with handlers that record, the sandbox's bank behind it, and their worker, on a world's database. `world.drain`
 * is not for payouts of this bed: the world's own handlers refuse them.
 */
export function createBankBed(world: World) {
  const { context, clock } = world;
  const { db } = context;
  const projectId = world.project.projectId;
  const told: Told = { settled: [], failed: [], returned: [], corrected: [], received: [], sentBack: [] };
  const faults = { lostAnswers: 0, failingHandlers: 0 };
  let pace: BankPace = 'auto';
  let details: PayoutDetails = US_ACCOUNT;
  let resources = 0;

  const record =
    <T>(list: T[]) =>
    async (tx: { afterCommit(work: () => void): void }, items: readonly T[]): Promise<void> => {
      if (faults.failingHandlers > 0) {
        faults.failingHandlers -= 1;
        throw new Error('the handler fails');
      }
      tx.afterCommit(() => void list.push(...items));
    };
  /** As their owner would. */
  const book = (tx: Tx, credits: readonly BankCredit[], what: 'received' | 'returned'): Promise<void> => {
    const accounts = { debit: bankClearing('bank'), credit: bankUnplaced('bank') };
    const undone = { debit: accounts.credit, credit: accounts.debit };
    return context.ledger.apply(
      tx,
      ...credits.map(({ creditId, amountMinor: minor }) => ({
        groupId: `${creditId}.${what}`,
        transfers: [{ kind: 'single' as const, ...(what === 'received' ? accounts : undone), minor }],
      })),
    );
  };
  const handlers: BankHandlers = {
    payoutsSettled: record(told.settled),
    payoutsFailed: record(told.failed),
    payoutsReturned: record(told.returned),
    detailsCorrected: record(told.corrected),
    creditsReceived: async (tx, credits) => {
      await book(tx, credits, 'received');
      await record(told.received)(tx, credits);
    },
    creditsReturned: async (tx, credits) => {
      await book(tx, credits, 'returned');
      await record(told.sentBack)(tx, credits);
    },
  };
  const bank = new Bank({
    ...context,
    providerEvents: new ProviderEvents(),
    accounts: { payoutDetails: async () => details },
    handlers,
  });
  const sandbox = new SandboxBank({
    ...context,
    bank,
    rails: { tellBank: (tx, event) => bank.applyEvents(tx, [event]) },
    settings: { get: async () => ({ mode: 'sandbox' as const, pace }) },
  });
  const submissions: OutgoingPayment[] = [];
  const bankRail: BankRail = {
    name: sandbox.name,
    newAccount: (random) => sandbox.newAccount(random),
    returnCredit: async (credit) => {
      await sandbox.returnCredit(credit);
      loseAnswer();
    },
    submit: async (payment) => {
      submissions.push(payment);
      const result = await sandbox.submit(payment);
      loseAnswer();
      return result;
    },
  };
  const loseAnswer = (): void => {
    if (faults.lostAnswers === 0) return;
    faults.lostAnswers -= 1;
    throw new Error('the answer is lost');
  };
  const runner = new JobRunner({ ...context, waker: context.jobWaker, concurrency: JOBS_AT_ONCE });
  runner.register(submitTask({ ...context, bank, bankRail }));
  runner.register(returnCreditTask({ ...context, bank, bankRail }));
  runner.register(settleTask(sandbox, context.sealers));

  const bed = {
    bank,
    sandbox,
    told,
    faults,
    projectId,
    submissions,
    tx: <T>(work: Parameters<typeof db.tx<T>>[1]): Promise<T> => db.tx(projectId, work),
    setPace(next: BankPace): void {
      pace = next;
    },
    setDetails(next: PayoutDetails): void {
      details = next;
    },

    request: (overrides: Partial<PayoutRequest> = {}): PayoutRequest => ({
      rail: 'ach',
      amountMinor: 12_345n,
      externalAccountId: 'cpUsBank_test',
      purpose: 'test',
      resourceId: `resource-${++resources}`,
      ...overrides,
    }),

    async payout(overrides: Partial<PayoutRequest> = {}): Promise<string> {
      const [payoutId = ''] = await bed.tx((tx) => bank.requestPayouts(tx, [bed.request(overrides)]));
      return payoutId;
    },

    /** Runs what is due, and what follows from it. */
    drain: (): Promise<number> => runner.drain(),

    /** The same after a failed job's pause. */
    async drainRetries(): Promise<void> {
      await runner.drain();
      clock.advance(60_000);
      await runner.drain();
    },

    async statusOf(payoutId: string): Promise<string | undefined> {
      return (await bed.tx((tx) => bank.findPayout(tx, payoutId)))?.status;
    },

    /** What the handlers were told of a payout, in one word each. */
    toldOf: (payoutId: string): string[] => [
      ...told.settled.filter((each) => each.payoutId === payoutId).map(() => 'settled'),
      ...told.failed.filter((each) => each.payoutId === payoutId).map(() => 'failed'),
      ...told.returned.filter((each) => each.payoutId === payoutId).map(() => 'returned'),
    ],
  };
  return bed;
}
