import type { Tx } from '../db/database.ts';
import { ApiError, attempt, notFound } from '../kernel/errors.ts';
import type { NewTransaction } from '../transactions/service.ts';
import { type CashInsDeps, SEND_PURPOSE } from './deps.ts';
import { requireInRange, requireWithinLimits, type Usage, type WindowName } from './limits.ts';
import { depositPostings } from './postings.ts';
import { type CashInPrice, EXCHANGE_RATE, priceCashIn } from './pricing.ts';
import type { CashDeposit } from './provider.ts';
import { transition } from './states.ts';
import * as store from './store.ts';

/** A deposit that passed every check, with what it sets off. */
interface Accepted {
  readonly index: number;
  readonly deposit: CashDeposit;
  readonly row: store.CashInRow;
  readonly price: CashInPrice;
  readonly transactionId: string;
}

/** Nothing, or why the deposit was not taken. */
export type DepositResult = ApiError | undefined;

/**
 * Cash was taken at tills, whoever tells us so: the one door for results of a cash network, taken once per provider
 * event. Each is decided by itself, in order; a refused one leaves no trace. Those taken are converted, posted, and
 * their delivery on chain is ordered, one statement per table whatever their number.
 */
export async function applyCashDeposits(
  deps: CashInsDeps,
  tx: Tx,
  deposits: readonly CashDeposit[],
): Promise<DepositResult[]> {
  const results: DepositResult[] = deposits.map(() => undefined);
  const accepted = await decide(deps, tx, deposits, results);
  const posted = await post(deps, tx, accepted, results);
  if (posted.length > 0) await start(deps, tx, posted);
  return results;
}

/** Checks in order, so that an earlier deposit of the same call counts against the limits of a later one. */
async function decide(
  deps: CashInsDeps,
  tx: Tx,
  deposits: readonly CashDeposit[],
  results: DepositResult[],
): Promise<Accepted[]> {
  const { ids, customers, cashNetwork, providerEvents } = deps;
  // Customers are always locked before cash-ins, and limits are exact only under that lock.
  const unlocked = await store.findCashIns(tx, unique(deposits.map(({ cashInId }) => cashInId)));
  const customerIds = unique(unlocked.map((row) => row.customer_id));
  await customers.lock(tx, customerIds);
  const rows = await store.lockCashIns(
    tx,
    unlocked.map((row) => row.cash_in_id),
  );
  const byId = new Map(rows.map((row) => [row.cash_in_id, row]));
  const usage = await store.depositUsages(tx, customerIds, tx.now());
  const eventIds = deposits.map(({ providerEventId }) => providerEventId);
  const known = await providerEvents.known(tx, cashNetwork.name, eventIds);
  const taken = new Set<string>();
  const accepted: Accepted[] = [];
  deposits.forEach((deposit, index) => {
    if (known.has(deposit.providerEventId)) return;
    const row = byId.get(deposit.cashInId);
    const used = row && usage.get(row.customer_id);
    const refusal = refusalOf(deposit, row, used, taken);
    results[index] = refusal;
    if (refusal || !row || !used) return;
    known.add(deposit.providerEventId);
    taken.add(row.cash_in_id);
    usage.set(row.customer_id, withDeposit(used, deposit.amountMinor));
    const price = priceCashIn(deposit.amountMinor, row);
    accepted.push({ index, deposit, row, price, transactionId: ids.next('transaction', tx) });
  });
  return accepted;
}

function refusalOf(
  deposit: CashDeposit,
  row: store.CashInRow | undefined,
  usage: store.DepositUsage | undefined,
  taken: ReadonlySet<string>,
): ApiError | undefined {
  if (!row || !usage) return notFound('cash-in');
  if (taken.has(row.cash_in_id) || (row.status !== 'pending' && row.status !== 'expired')) {
    return alreadyDeposited(row);
  }
  return attempt(() => {
    requireInRange('amount', deposit.amountMinor, row.max_deposit);
    requireWithinLimits('amount', deposit.amountMinor, usage);
    return undefined;
  });
}

/** The books decide first: what the treasury cannot cover goes no further. */
async function post(
  { ledger }: CashInsDeps,
  tx: Tx,
  accepted: readonly Accepted[],
  results: DepositResult[],
): Promise<Accepted[]> {
  if (accepted.length === 0) return [];
  const outcomes = await ledger.applyEach(
    tx,
    accepted.map(({ row, price }) => ({
      groupId: `${row.cash_in_id}.deposited`,
      transfers: depositPostings(row, price),
    })),
  );
  return accepted.filter(({ index }, place) => {
    const outcome = outcomes[place];
    if (outcome === 'applied') return true;
    if (outcome !== 'insufficient_funds') throw new Error(`deposit postings refused: ${outcome}`);
    results[index] = new ApiError(503, 'provider_unavailable', 'The treasury is short; try again later.');
    return false;
  });
}

/** Rows, events and sends of what was posted. */
async function start(deps: CashInsDeps, tx: Tx, posted: readonly Accepted[]): Promise<void> {
  const { events, sends, transactions, treasuries, providerEvents, cashNetwork } = deps;
  const now = tx.now();
  const source = await treasuries.get(tx);
  await providerEvents.accept(
    tx,
    cashNetwork.name,
    posted.map(({ deposit }) => deposit.providerEventId),
    'cash.deposited',
  );
  await transactions.start(
    tx,
    posted.map((each) => transactionOf(each, now)),
  );
  for (const from of ['pending', 'expired'] as const) {
    const changes = posted
      .filter(({ row }) => row.status === from)
      .map(({ row, deposit, transactionId }) => ({
        cashInId: row.cash_in_id,
        deposit: { amountMinor: deposit.amountMinor, transactionId },
      }));
    if (changes.length === 0) continue;
    await transition(tx, events, { from, to: 'processing', subStatus: 'order_reserved', changes, now });
  }
  await sends.requestSends(
    tx,
    posted.map(({ row, price }) => ({
      fromKeyIndex: source.key_index,
      fromAddress: source.address,
      to: row.destination_address,
      amountMinor: price.destination.minor,
      network: row.destination_network,
      asset: row.destination_asset,
      purpose: SEND_PURPOSE,
      resourceId: row.cash_in_id,
      booksRecipient: row.destination_wallet_id !== null,
    })),
  );
}

const transactionOf = ({ row, price, transactionId }: Accepted, now: Date): NewTransaction => ({
  transaction_id: transactionId,
  type: 'fiatToCrypto',
  cash_in_id: row.cash_in_id,
  sender_customer_id: row.customer_id,
  recipient_customer_id: row.destination_wallet_id === null ? null : row.customer_id,
  source_asset: 'usd',
  source_network: 'cash',
  source_gross: price.grossMinor,
  source_fee_oms: price.feeMinor,
  location_id: row.location_id,
  location_reference: row.location_reference,
  destination_asset: row.destination_asset,
  destination_network: row.destination_network,
  destination_wallet_id: row.destination_wallet_id,
  destination_external_account_id: row.destination_external_account_id,
  destination_address: row.destination_wallet_id === null ? row.destination_address : null,
  destination_gross: price.destination.minor,
  exchange_rate: EXCHANGE_RATE,
  sponsor_gas: row.sponsor_gas,
  metadata: row.metadata,
  created_at: now,
});

function withDeposit(usage: store.DepositUsage, cents: bigint): store.DepositUsage {
  const add = (name: WindowName): Usage => ({
    cents: usage[name].cents + cents,
    count: usage[name].count + 1n,
  });
  return { day: add('day'), week: add('week'), month: add('month') };
}

export const alreadyDeposited = ({ status, deposited }: store.CashInRow): ApiError => {
  const why = deposited === null ? 'its order was declined' : 'cash was taken for it already';
  return new ApiError(409, 'invalid_state', `The cash-in is ${status}; ${why}.`);
};

const unique = (values: readonly string[]): string[] => [...new Set(values)];
