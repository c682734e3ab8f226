import type { CashDeposit } from '../../src/cash-ins/service.ts';
import type { Tx } from '../../src/db/database.ts';
import { must } from '../../src/kernel/assert.ts';
import { ApiError } from '../../src/kernel/errors.ts';
import type { AuthorizationKnown, CashInKnown, ProviderEventKnown, Request } from './model.ts';
import { overlap } from './overlap.ts';
import type { Run } from './run.ts';

/** What an actor does; false when there is nothing to do it with. */
export type Act = (run: Run) => Promise<boolean>;

const MIN_CENTS = 2_000;
const MAX_CENTS = 49_999;
const MAX_MEETING = 5;

const dollars = (cents: bigint): string => `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;

/** A customer asks for a code. */
export const createCashIn: Act = async (run) => {
  const { model, chance, facts } = run;
  const wallet = chance.pick(facts.wallets);
  const elsewhere = [facts.outlaw, chance.pick(facts.wallets).address, `0x${chance.hex(20)}`];
  const outside = chance.happens(0.4) ? chance.pick(elsewhere) : undefined;
  const ref = `ci${model.cashIns.length + 1}`;
  const call = {
    operationId: 'createCashIn',
    key: `key-${ref}`,
    body: {
      customerId: wallet.customerId,
      source: { asset: 'usd', indicatedAmount: dollars(BigInt(chance.between(MIN_CENTS, MAX_CENTS))) },
      destination: {
        wallet: outside === undefined ? { wallet: wallet.walletId } : { blockchainAddress: outside },
        asset: 'usdc',
        network: 'polygon',
      },
      cash: { cashLocationId: facts.location.id, cashLocationReference: facts.location.reference },
    },
  };
  const create = model.request(ref, call, (text) => {
    const body = JSON.parse(text) as { id: string; depositInstructions: { code: string } };
    cashIn.id = body.id;
    cashIn.code = body.depositInstructions.code;
  });
  const cashIn: CashInKnown = {
    ref,
    create,
    customerId: wallet.customerId,
    walletId: outside === undefined ? wallet.walletId : undefined,
    to: (outside ?? wallet.address).toLowerCase(),
    id: undefined,
    code: '',
    offered: new Set(),
    takenCents: undefined,
  };
  model.cashIns.push(cashIn);
  await run.send(create);
  return true;
};

const knownCashIns = ({ model }: Run): CashInKnown[] => model.cashIns.filter(({ id }) => id !== undefined);

/** The till reads a code. */
export const authorize: Act = async (run) => {
  const { model, chance } = run;
  const open = knownCashIns(run).filter(({ takenCents }) => takenCents === undefined || chance.happens(0.1));
  if (open.length === 0) return false;
  const cashIn = chance.pick(open);
  const ref = `auth${model.requests.length}`;
  const cents = BigInt(chance.between(MIN_CENTS, MAX_CENTS));
  const body = { barcode: cashIn.code, amount: dollars(cents) };
  const call = { operationId: 'simulateBarcodeAuth', key: `key-${ref}`, body };
  const request = model.request(`${ref} of ${cashIn.ref}`, call, (text) => {
    const read = JSON.parse(text) as AuthorizationKnown['body'] & { confirmationId: string };
    const { accountNumber, accountReferenceNumber, confirmationId: originalConfirmationId } = read;
    const numbers = { accountNumber, accountReferenceNumber, originalConfirmationId };
    model.authorizations.push({ ref, cashIn, cents, body: numbers, committedCents: undefined });
  });
  await run.send(request);
  return true;
};

function newCommit(run: Run, authorization: AuthorizationKnown): Request {
  const { model, chance } = run;
  const { cashIn, ref, body } = authorization;
  const cents = chance.happens(0.85) ? authorization.cents : authorization.cents - 100n;
  cashIn.offered.add(cents);
  const name = `commit${model.requests.length} of ${ref}`;
  const call = {
    operationId: 'simulateAuthCommit',
    ...(chance.happens(0.9) && { key: `key-${name.replaceAll(' ', '-')}` }),
    body: { ...body, amount: dollars(cents) },
  };
  const onSuccess = (): void => {
    authorization.committedCents = cents;
    model.noteTaken(cashIn, cents, name);
  };
  return model.request(name, call, onSuccess, (text) => {
    if (authorization.committedCents === cents) model.breaches.push(`${name}: done before, now ${text}`);
  });
}

/** The till commits, alone. */
export const commit: Act = async (run) => {
  const { model, chance } = run;
  if (model.authorizations.length === 0) return false;
  const fresh = model.authorizations.filter(({ cashIn }) => cashIn.takenCents === undefined);
  const authorization = chance.pick(fresh.length > 0 && chance.happens(0.8) ? fresh : model.authorizations);
  await run.send(newCommit(run, authorization));
  return true;
};

/** Commits that meet in one batch: some under equal keys, some of the same load under different ones. */
export const commitTogether: Act = async (run) => {
  const { model, chance } = run;
  if (model.authorizations.length === 0) return false;
  const first = Array.from({ length: chance.between(1, MAX_MEETING) }, () =>
    newCommit(run, chance.pick(model.authorizations)),
  );
  const again = Array.from({ length: chance.between(1, MAX_MEETING) }, () => chance.pick(first));
  await Promise.all([...first, ...again].map((request) => run.send(request)));
  return true;
};

/** A client that had no answer, or did not hear it, asks again. */
export const repeat: Act = async (run) => {
  const { model, chance } = run;
  const keyed = model.requests.filter(({ call }) => call.key !== undefined);
  if (keyed.length === 0) return false;
  const unanswered = keyed.filter(({ final }) => !final);
  await run.send(chance.pick(unanswered.length > 0 && chance.happens(0.7) ? unanswered : keyed));
  return true;
};

export const refresh: Act = async (run) => {
  const { model, chance } = run;
  const known = knownCashIns(run);
  if (known.length === 0) return false;
  const cashIn = chance.pick(known);
  const ref = `refresh${model.requests.length} of ${cashIn.ref}`;
  const call = {
    operationId: 'refreshCashIn',
    key: `key-${ref.replaceAll(' ', '-')}`,
    params: { cashInId: must(cashIn.id, 'it is known') },
  };
  const request = model.request(ref, call, (text) => {
    cashIn.code = (JSON.parse(text) as { depositInstructions: { code: string } }).depositInstructions.code;
  });
  await run.send(request);
  return true;
};

/** The cash network reports cash: news, something said before, or both, in any order. */
export const report: Act = async (run) => {
  const { model, chance } = run;
  const open = knownCashIns(run).filter(({ takenCents }) => takenCents === undefined || chance.happens(0.2));
  const news: ProviderEventKnown[] = [];
  if (open.length > 0 && chance.happens(0.6)) {
    const cashIn = chance.pick(open);
    for (let count = chance.happens(0.3) ? 2 : 1; count > 0; count--) {
      const cents = BigInt(chance.between(MIN_CENTS, MAX_CENTS));
      const ref = `event${model.providerEvents.length + 1}`;
      const event = { ref, id: `network-${ref}`, cashIn, cents, isTaken: false };
      model.providerEvents.push(event);
      news.push(event);
    }
  }
  if (model.providerEvents.length === 0) return false;
  const again = Array.from({ length: chance.between(0, 2) }, () => chance.pick(model.providerEvents));
  const heard = [...again, ...(chance.happens(0.8) ? news : [])];
  if (heard.length === 0) return false;
  await hear(run, heard);
  return true;
};

async function hear(run: Run, events: readonly ProviderEventKnown[]): Promise<void> {
  for (const { cashIn, cents } of events) cashIn.offered.add(cents);
  const { life, facts } = run;
  const deposits = events.map(
    ({ id, cashIn, cents }): CashDeposit => ({
      providerEventId: id,
      cashInId: must(cashIn.id, 'it is known'),
      amountMinor: cents,
    }),
  );
  const names = events.map(({ ref, cashIn }) => `${ref} of ${cashIn.ref}`).join(', ');
  await run.attempt(names, async () => {
    const results = await life.context.db.tx(facts.caller.projectId, (tx) =>
      life.context.cashIns.applyCashDeposits(tx, deposits),
    );
    // Taken now or before: either way the cash of this event is in.
    for (const [index, event] of events.entries()) {
      const { cashIn, cents, ref, isTaken } = event;
      if (!results[index]) run.model.noteTaken(cashIn, cents, ref);
      else if (isTaken) run.model.breaches.push(`${ref}: taken before, now ${results[index].code}`);
      event.isTaken ||= !results[index];
    }
    run.trace.add(`  ${names}: ${results.map((result) => result?.code ?? 'taken').join(', ')}`);
  });
}

/** Two tills commit at the same time: one load twice, or two loads of one code. */
export const commitTwice: Act = async (run) => {
  const { life, model, trace, chance } = run;
  if (model.authorizations.length === 0) return false;
  const one = chance.pick(model.authorizations);
  const other = chance.pick(model.authorizations.filter(({ cashIn }) => cashIn === one.cashIn));
  const pair = [one, other] as const;
  for (const { cashIn, cents } of pair) cashIn.offered.add(cents);
  const take = async (tx: Tx, { body, cents }: AuthorizationKnown) =>
    (await life.context.till.commit(tx, [{ ...body, amount: dollars(cents) }]))[0];
  const results = await overlap(
    run,
    (tx) => take(tx, pair[0]),
    (tx) => take(tx, pair[1]),
  );
  for (const [index, authorization] of pair.entries()) {
    const { cashIn, cents, ref, committedCents } = authorization;
    if (!(results[index] instanceof ApiError)) {
      authorization.committedCents = cents;
      model.noteTaken(cashIn, cents, ref);
    } else if (committedCents === cents) model.breaches.push(`${ref}: committed before, now refused`);
  }
  const said = results.map((result) => (result instanceof ApiError ? result.code : 'taken'));
  trace.add(`  ${pair.map(({ ref }) => ref).join(' and ')} at once: ${said.join(', ')}`);
  return true;
};

/** Somebody else's tokens come to a wallet; sometimes none, which is no deposit. */
export const receive: Act = async ({ chance, facts, ground, trace }) => {
  const wallet = chance.pick(facts.wallets);
  const minor = chance.happens(0.2) ? 0 : chance.between(1, 30_000_000);
  await ground.chain.transfer(chance.pick(facts.outsiders), wallet.address, BigInt(minor));
  trace.add(`  an outsider transfers ${minor}`);
  return true;
};

/** What endpoints ask for; all events would be most of a run's work. */
const SUBSCRIBED = [
  'cashIn.completed',
  'cashIn.failed',
  'wallet.depositCredited',
  'transaction.cryptoToCrypto.failed',
  'transaction.cryptoToFiat.completed',
  'transaction.cryptoToFiat.returned',
  'transaction.cryptoToFiat.refunded',
];

/** An integrator wants to hear of what happens, once a run. */
export const subscribe: Act = async (run) => {
  const { model, ground } = run;
  const isThere = model.requests.some(({ call }) => call.operationId === 'createWebhook');
  if (isThere) return false;
  const body = { url: ground.receiver.url, events: SUBSCRIBED };
  const call = { operationId: 'createWebhook', key: 'key-endpoint', body };
  await run.send(model.request('endpoint', call, () => undefined));
  return true;
};
