import type { BankEvent } from '../../src/bank/service.ts';
import type { Tx } from '../../src/db/database.ts';
import { must } from '../../src/kernel/assert.ts';
import { ApiError } from '../../src/kernel/errors.ts';
import type { SandboxBank } from '../../src/providers/sandbox/bank.ts';
import type { Act } from './actors.ts';
import { shareOf } from './chance.ts';
import type { BankWord } from './model.ts';
import type { Run } from './run.ts';

/** A payout as the bank has it. */
interface BankPayment {
  readonly payoutId: string;
  readonly quoteId: string;
  readonly rail: 'ach' | 'wire';
  readonly status: 'accepted' | 'settled' | 'rejected' | 'returned';
  readonly wasSettled: boolean;
  readonly code: string | null;
  readonly reference: string;
}

const CODES = {
  ach: { reject: ['R19', 'R26'], return: ['R01', 'R03', 'R10'] },
  wire: { reject: ['AC04', 'TM01'], return: ['AC06', 'CUST'] },
} as const;
const ACCOUNT_NUMBERS = 1_000_000;
/** Of what the bank has left when all is healed. */
const SETTLING = 0.7;
const RETURNING_LATE = 0.2;

const paymentsOf = ({ ground, facts }: Run): Promise<BankPayment[]> =>
  ground.db.tx(facts.caller.projectId, (tx) =>
    tx.query<BankPayment>(
      `select payment_id "payoutId", t.quote_id "quoteId", s.rail, s.status, s.settled_at is not null "wasSettled",
         s.code, s.reference
       from sandbox_bank_payments s join bank_payouts p on p.payout_id = s.payment_id
       join transactions t on t.transaction_id = p.resource_id
       where s.kind = 'payout' order by s.payment_id`,
    ),
  );

const refOf = ({ model }: Run, { quoteId }: BankPayment): string =>
  `payout of ${model.quotes.find(({ told }) => told?.id === quoteId)?.ref}`;

/** Something of the bank's that takes effect, or is refused as it should. */
async function say(
  run: Run,
  what: string,
  work: (tx: Tx, bank: SandboxBank) => Promise<unknown>,
  onDone: () => void = () => undefined,
): Promise<void> {
  const { life, facts, trace } = run;
  await run.attempt(what, async () => {
    const { context } = life;
    const { projectId } = facts.caller;
    await context.sealers.for(projectId);
    const refusal = await context.db
      .tx(projectId, (tx) => work(tx, context.sandboxBank))
      .then(() => undefined)
      .catch((error: unknown) => {
        if (error instanceof ApiError) return error;
        throw error;
      });
    if (!refusal) onDone();
    trace.add(`  ${what}: ${refusal?.code ?? 'done'}`);
  });
}

async function tell(run: Run, payment: BankPayment, word: BankWord): Promise<void> {
  const { model } = run;
  const { payoutId, rail } = payment;
  const code = word === 'settle' ? '' : run.chance.pick(CODES[rail][word]);
  model.noteBank(model.bankTried, payoutId, word);
  await say(
    run,
    `${word} ${code} ${refOf(run, payment)}`,
    (tx, bank) => {
      if (word === 'settle') return bank.settle(tx, payoutId);
      return word === 'reject' ? bank.reject(tx, payoutId, code) : bank.returnPayout(tx, payoutId, code);
    },
    () => model.noteBank(model.bankTold, payoutId, word),
  );
}

/** The bank moves a payout, in a way that it can or cannot go by now. */
export const decide: Act = async (run) => {
  const { chance } = run;
  const payments = await paymentsOf(run);
  if (payments.length === 0) return false;
  const open = payments.filter(({ status }) => status === 'accepted');
  const payment = chance.pick(open.length > 0 && chance.happens(0.7) ? open : payments);
  const word = chance.pick(['settle', 'settle', 'reject', 'return', 'return'] as const);
  await tell(run, payment, word);
  if (chance.happens(0.3)) await tell(run, payment, chance.pick([word, 'settle', 'return'] as const));
  return true;
};

/** What the bank has said of payouts, said again: under the same name or another, late, several in one call. */
export const repeatNews: Act = async (run) => {
  const { chance } = run;
  const news = (await paymentsOf(run)).flatMap((payment) =>
    newsOf(payment).map((event) => ({ event, ref: refOf(run, payment) })),
  );
  if (news.length === 0) return false;
  const said = Array.from({ length: chance.between(1, 3) }, () => {
    const { event, ref } = chance.pick(news);
    const suffix = chance.happens(0.5) ? '/again' : '';
    return { ref, event: { ...event, providerEventId: event.providerEventId + suffix } };
  });
  const what = said.map(({ event, ref }) => `${event.kind} of ${ref}`).join(', ');
  await say(run, what, (tx) =>
    run.life.context.bank.applyEvents(
      tx,
      said.map(({ event }) => event),
    ),
  );
  return true;
};

/** As the sandbox's bank names them. A settlement may come long after the return that overtook it. */
function newsOf({ payoutId, status, code, reference, wasSettled }: BankPayment): BankEvent[] {
  const event = { provider: 'sandbox-bank', payoutId };
  const settled: BankEvent = {
    ...event,
    providerEventId: `${payoutId}/settled`,
    kind: 'payoutSettled',
    reference,
  };
  if (status === 'accepted') return [];
  if (status === 'settled') return [settled];
  const reason = { code: must(code, 'a refusal has a code'), reason: 'for the second time' };
  if (status === 'rejected') {
    return [{ ...event, ...reason, providerEventId: `${payoutId}/rejected`, kind: 'payoutRejected' }];
  }
  const returned: BankEvent = {
    ...event,
    ...reason,
    providerEventId: `${payoutId}/returned`,
    kind: 'payoutReturned',
  };
  return wasSettled ? [settled, returned] : [returned, settled];
}

/** A receiving bank says what to write next time. */
export const notify: Act = async (run) => {
  const { chance } = run;
  const payments = (await paymentsOf(run)).filter(({ rail }) => rail === 'ach');
  if (payments.length === 0) return false;
  const payment = chance.pick(payments);
  const accountNumber = String(ACCOUNT_NUMBERS + chance.below(ACCOUNT_NUMBERS));
  await say(run, `correct ${refOf(run, payment)}`, (tx, bank) =>
    bank.notifyOfChange(tx, payment.payoutId, 'C01', { accountNumber }),
  );
  return true;
};

/** The bank comes to an end with all that it has, and sends some of it back after that. */
export async function decideAll(run: Run): Promise<void> {
  const { model, seed } = run;
  for (const payment of await paymentsOf(run)) {
    const share = shareOf(`${seed} bank ${refOf(run, payment)}`);
    const isReturnedLate = share < RETURNING_LATE * SETTLING;
    if (payment.status === 'accepted') {
      await tell(
        run,
        payment,
        share < SETTLING ? 'settle' : share < (1 + SETTLING) / 2 ? 'reject' : 'return',
      );
    } else if (
      payment.status === 'settled' &&
      isReturnedLate &&
      !model.bankTried.get(payment.payoutId)?.has('return')
    ) {
      await tell(run, payment, 'return');
    }
  }
}
