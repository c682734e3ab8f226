import { must } from '../../src/kernel/assert.ts';
import { ApiError } from '../../src/kernel/errors.ts';
import type { TransactionRow } from '../../src/transactions/service.ts';
import type { Act } from './actors.ts';
import type { SimWallet } from './bed.ts';
import type { PaymentKnown, QuoteKnown, Request } from './model.ts';
import { overlap } from './overlap.ts';
import { dollarsOf, FEE_SETTINGS, type Flow, minorOf, NO_TRANSFER_FEES, usdcOf } from './prices.ts';
import type { Run } from './run.ts';

const MAX_MEETING = 5;
/** Most payments are small beside what a wallet holds, some are more than it has. */
const MINORS = [1_000_000, 7_500_000, 20_000_000, 45_000_000];
const USDC_PER_CENT = 10_000n;

interface Target {
  readonly flow: Flow;
  readonly wallet: Readonly<Record<string, string>>;
}

function targetFor({ chance, facts }: Run, payer: SimWallet): Target {
  const flow: Flow = chance.happens(0.5) ? 'cryptoToCrypto' : chance.pick(['ach', 'wire'] as const);
  if (flow !== 'cryptoToCrypto') return { flow, wallet: { externalAccount: payer.accounts[flow] } };
  if (chance.happens(0.4)) {
    const others = facts.wallets.filter(({ walletId }) => walletId !== payer.walletId);
    return { flow, wallet: { walletId: chance.pick(others).walletId } };
  }
  // Also addresses of ours, named as if they were anyone's.
  const own = [facts.treasury, ...facts.wallets.map(({ address }) => address)];
  const address = chance.happens(0.3) ? facts.outlaw : chance.pick([`0x${chance.hex(20)}`, ...own]);
  return { flow, wallet: { blockchainAddress: address } };
}

interface NewQuote {
  readonly quote: QuoteKnown;
  readonly create: Request;
}

function newQuote(run: Run, payer = run.chance.pick(run.facts.wallets)): NewQuote {
  const { model, chance } = run;
  const { flow, wallet } = targetFor(run, payer);
  const side = chance.happens(0.7) ? ('source' as const) : ('destination' as const);
  const usdc = BigInt(chance.pick(MINORS) + chance.below(1_000));
  const isFiat = flow !== 'cryptoToCrypto';
  const minor = side === 'destination' && isFiat ? usdc / USDC_PER_CENT : usdc;
  const amount = side === 'destination' && isFiat ? dollarsOf(minor) : usdcOf(minor);
  const sponsorsGas = chance.happens(0.5);
  const ref = `quote${model.quotes.length + 1}`;
  const usdcOnPolygon = { asset: 'usdc', network: 'polygon' };
  const body = {
    customerId: payer.customerId,
    source: { walletId: payer.walletId, ...usdcOnPolygon, ...(side === 'source' && { amount }) },
    destination: {
      wallet,
      ...(isFiat ? { asset: 'usd', network: flow } : usdcOnPolygon),
      ...(side === 'destination' && { amount }),
    },
    sponsorGas: sponsorsGas,
  };
  const create = model.request(
    ref,
    { operationId: 'createQuote', key: `key-${ref}`, body },
    (text) => {
      model.noteQuote(quote, toldOf(text, flow));
    },
    (text) => model.breaches.push(`${ref} is refused: ${text}`),
  );
  const asked = { flow, side, minor, sponsorsGas };
  const quote: QuoteKnown = { ref, payer, target: wallet, asked, told: undefined };
  model.quotes.push(quote);
  return { quote, create };
}

interface QuoteBody {
  readonly id: string;
  readonly source: {
    readonly amountGross: string;
    readonly feesDeducted: { readonly oms: string; readonly developer: string; readonly gas: string };
  };
  readonly destination: { readonly amountGross: string };
  readonly expiresAt: string;
}

function toldOf(text: string, flow: Flow): NonNullable<QuoteKnown['told']> {
  const { id, source, destination, expiresAt } = JSON.parse(text) as QuoteBody;
  const { oms, developer, gas } = source.feesDeducted;
  return {
    id,
    expiresMs: Date.parse(expiresAt),
    gross: minorOf(source.amountGross, 6),
    oms: minorOf(oms, 6),
    developer: minorOf(developer, 6),
    gas: minorOf(gas, 6),
    arriving: minorOf(destination.amountGross, flow === 'cryptoToCrypto' ? 6 : 2),
  };
}

/** What was paid before the run. */
export function recall({ model, facts }: Run): void {
  for (const [index, { payer, flow, minor, quote: text, transactionId }] of facts.payouts.entries()) {
    const ref = `quote0.${index + 1}`;
    const asked = { flow, side: 'source' as const, minor, sponsorsGas: true };
    const target = { externalAccount: payer.accounts[flow] };
    const quote: QuoteKnown = { ref, payer, target, asked, told: undefined };
    model.noteQuote(quote, toldOf(text, flow));
    model.quotes.push(quote);
    model.payments.push({ ref: `payment of ${ref}`, quote, request: undefined, transactionId });
  }
}

/** A client asks for prices; some meet in one batch. */
export const askForQuotes: Act = async (run) => {
  const count = run.chance.happens(0.6) ? 1 : run.chance.between(2, 3);
  const quotes = Array.from({ length: count }, () => newQuote(run));
  await Promise.all(quotes.map(({ create }) => run.send(create)));
  return true;
};

const known = ({ model }: Run): QuoteKnown[] => model.quotes.filter(({ told }) => told !== undefined);

/** One to execute: mostly one that nobody has tried. */
function pickQuote(run: Run): QuoteKnown | undefined {
  const { model, chance } = run;
  const all = known(run);
  if (all.length === 0) return undefined;
  const tried = new Set(model.payments.map(({ quote }) => quote));
  const fresh = all.filter((quote) => !tried.has(quote));
  return chance.pick(fresh.length > 0 && chance.happens(0.75) ? fresh : all);
}

const idOf = ({ told, ref }: QuoteKnown): string => must(told, `${ref} is known`).id;

function newPayment({ model, ground }: Run, quote: QuoteKnown): Request {
  const ref = `payment${model.payments.length + 1} of ${quote.ref}`;
  const call = {
    operationId: 'createTransaction',
    key: `key-payment${model.payments.length + 1}`,
    body: { quoteId: idOf(quote) },
  };
  const onRefusal = (text: string): void =>
    model.noteRefusal(payment, (JSON.parse(text) as { code: string }).code, ground.clock.now());
  const request = model.request(
    ref,
    call,
    (text) => model.noteExecuted(payment, (JSON.parse(text) as { id: string }).id),
    onRefusal,
  );
  const payment: PaymentKnown = { ref, quote, request, transactionId: undefined };
  model.payments.push(payment);
  return request;
}

/** A client executes a quote, whether it is still open or not. */
export const execute: Act = async (run) => {
  const quote = pickQuote(run);
  if (!quote) return false;
  await run.send(newPayment(run, quote));
  return true;
};

/** A client executes what it has just been told. */
export const pay: Act = async (run) => {
  const { quote, create } = newQuote(run);
  await run.send(create);
  if (quote.told) await run.send(newPayment(run, quote));
  return true;
};

/** Executions that meet in one batch: of one quote under different keys, and one key twice. */
export const executeTogether: Act = async (run) => {
  const { chance } = run;
  const quotes = Array.from({ length: chance.between(1, MAX_MEETING) }, () => pickQuote(run));
  const requests: Request[] = [];
  for (const quote of quotes) if (quote) requests.push(newPayment(run, quote));
  if (requests.length === 0) return false;
  const again = Array.from({ length: chance.between(0, 2) }, () => chance.pick(requests));
  await Promise.all([...requests, ...again].map((request) => run.send(request)));
  return true;
};

/** Two processes execute at the same time, the second amid the first one's transaction. */
async function atOnce(run: Run, quotes: readonly [QuoteKnown, QuoteKnown]): Promise<void> {
  const { life, model, trace, ground } = run;
  const work = (quote: QuoteKnown) => (tx: Parameters<typeof life.context.execution.run>[0]) =>
    life.context.execution.run(tx, [{ quoteId: idOf(quote) }]);
  const results = await overlap(run, work(quotes[0]), work(quotes[1]));
  const said = results.map(([result], index): string => {
    const quote = must(quotes[index], 'a quote each');
    const outcome: TransactionRow | ApiError = must(result, 'an outcome');
    const ref = `payment${model.payments.length + 1} of ${quote.ref}`;
    const payment: PaymentKnown = { ref, quote, request: undefined, transactionId: undefined };
    model.payments.push(payment);
    if (outcome instanceof ApiError) model.noteRefusal(payment, outcome.code, ground.clock.now());
    else model.noteExecuted(payment, outcome.transaction_id);
    return outcome instanceof ApiError ? outcome.code : 'taken';
  });
  trace.add(`  ${quotes.map(({ ref }) => ref).join(' and ')} at once: ${said.join(', ')}`);
}

/** The same quote is executed twice at the same time. */
export const executeTwice: Act = async (run) => {
  const quote = pickQuote(run);
  if (!quote) return false;
  await atOnce(run, [quote, quote]);
  return true;
};

/** The same money is spent twice at the same time. */
export const spendTwice: Act = async (run) => {
  const payer = run.chance.pick(run.facts.wallets);
  const [one, other] = [newQuote(run, payer), newQuote(run, payer)];
  for (const { create } of [one, other]) await run.send(create);
  if (one.quote.told && other.quote.told) await atOnce(run, [one.quote, other.quote]);
  return true;
};

/** The project charges between wallets or does not; its sandbox's bank settles by itself or waits. */
export const changeSettings: Act = async (run) => {
  const { model, chance } = run;
  const change = chance.pick([FEE_SETTINGS, NO_TRANSFER_FEES, { pace: 'auto' }, { pace: 'manual' }]);
  const ref = `settings${model.requests.length}`;
  const call = { operationId: 'updateSettings', key: `key-${ref}`, body: change };
  await run.send(model.request(`${ref} ${Object.keys(change)[0]}`, call, () => undefined));
  return true;
};
