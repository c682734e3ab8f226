import type { Tx } from '../../src/db/database.ts';
import { must } from '../../src/kernel/assert.ts';
import {
  type AccountRef,
  accountId,
  capital,
  cashClearing,
  conversion,
  custody,
  customerWallet,
  inFlight,
  omsFees,
  treasury,
} from '../../src/ledger/chart.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import {
  bookPayment,
  type Payment,
  paymentsOf,
  expectedTransfers as paymentTransfers,
  readPayments,
} from './payment-books.ts';

/** 1.5 % and 50 cents, half up; written down anew, not taken from the product. */
const feeOf = (cents: bigint): bigint => (cents * 15n + 500n) / 1_000n + 50n;
const USDC_PER_CENT = 10_000n;

const NETWORK = 'polygon';

export interface CashInRow {
  readonly cash_in_id: string;
  readonly customer_id: string;
  readonly provider: string;
  readonly status: 'pending' | 'expired' | 'processing' | 'completed' | 'failed';
  readonly deposited: bigint | null;
  readonly destination_wallet_id: string | null;
  readonly destination_address: string;
}

export interface SendRow {
  readonly send_id: string;
  readonly purpose: string;
  readonly resource_id: string;
  readonly status: 'queued' | 'relaying' | 'paid' | 'failed';
  readonly from_address: string;
  readonly to_address: string;
  readonly amount: bigint;
  readonly failure_code: string | null;
  readonly tx_hash: string | null;
  readonly log_index: number | null;
  readonly block_number: bigint | null;
}

export interface DepositRow {
  readonly deposit_id: string;
  readonly purpose: 'wallet' | 'treasury';
  readonly resource_id: string;
  readonly amount: bigint;
  readonly status: 'detected' | 'credited' | 'orphaned';
  readonly tx_hash: string;
  readonly log_index: number;
  readonly block_number: bigint;
}

/** An event that endpoints hear of, and where it is on its way to those that asked for it. */
export interface EventRow {
  readonly event_id: string;
  readonly type: string;
  readonly resource_id: string;
  readonly is_wanted: boolean;
  readonly is_queued: boolean;
  readonly delivery: string | null;
}

/** What the books say, all of one instant. */
export interface Books {
  readonly cashIns: readonly CashInRow[];
  readonly payments: readonly Payment[];
  readonly sends: readonly SendRow[];
  readonly deposits: readonly DepositRow[];
  readonly transfersByGroup: ReadonlyMap<string, number>;
  readonly events: readonly EventRow[];
}

export async function readBooks(tx: Tx): Promise<Books> {
  const cashIns = await tx.query<CashInRow>(
    `select cash_in_id, customer_id, provider, status, deposited, destination_wallet_id, destination_address
     from cash_ins order by cash_in_id`,
  );
  const sends = await tx.query<SendRow>(
    `select send_id, purpose, resource_id, s.status, from_address, to_address, amount, failure_code, tx_hash, log_index,
       block_number from sends s where s.project_id = $1 order by send_id`,
    [tx.scope],
  );
  const payments = paymentsOf(await readPayments(tx), sends);
  const deposits = await tx.query<DepositRow>(
    `select deposit_id, purpose, resource_id, amount, status, tx_hash, log_index, block_number from deposits
     where project_id = $1 order by block_number, log_index`,
    [tx.scope],
  );
  const groups = await tx.query<{ group_id: string; transfers: bigint }>(
    'select group_id, count(*) transfers from ledger_transfers where project_id = $1 group by group_id',
    [tx.scope],
  );
  const transfersByGroup = new Map(groups.map(({ group_id, transfers }) => [group_id, Number(transfers)]));
  const events = await tx.query<EventRow>(
    `select e.event_id, e.type, e.resource_id, w.webhook_id is not null is_wanted, d.status delivery, exists (
       select from event_outbox o where o.project_id = $1 and o.event_id = e.event_id) is_queued
     from events e
     left join webhooks w on w.project_id = $1 and e.type = any(w.events) and e.created_at > w.created_at
     left join webhook_deliveries d on d.project_id = $1 and d.event_id = e.event_id
     where e.project_id = $1 and (e.type like 'cashIn.%' or e.type like 'wallet.%' or e.type like 'transaction.crypto%')
     order by resource_id, sequence`,
    [tx.scope],
  );
  return { cashIns, payments, sends, deposits, transfersByGroup, events };
}

export const deliveredMinor = (cents: bigint): bigint => (cents - feeOf(cents)) * USDC_PER_CENT;

const isTaken = ({ status }: CashInRow): boolean =>
  status === 'processing' || status === 'completed' || status === 'failed';

/** How many transfers each decision makes; every other one is one too many. */
function expectedTransfers({ cashIns, payments, deposits }: Books): Map<string, number> {
  const expected = new Map<string, number>(payments.flatMap(paymentTransfers));
  for (const row of cashIns.filter(isTaken)) {
    const holds = row.destination_wallet_id === null ? 1 : 2;
    expected.set(`${row.cash_in_id}.deposited`, 4 + holds);
    if (row.status === 'completed') expected.set(`${row.cash_in_id}.delivered`, holds);
    if (row.status === 'failed') expected.set(`${row.cash_in_id}.failed`, 3 + holds);
  }
  for (const { deposit_id, status } of deposits) {
    if (status === 'credited') expected.set(`${deposit_id}.credited`, 1);
  }
  return expected;
}

/** What every account holds if each decision was booked once, on the credit side. */
class Balances {
  readonly refs = new Map<string, AccountRef>();
  readonly #posted = new Map<string, bigint>();
  readonly #held = new Map<string, bigint>();

  /** A movement as the ledger has it. */
  move(debit: AccountRef, credit: AccountRef, minor: bigint): void {
    this.#add(this.#posted, debit, -minor);
    this.#add(this.#posted, credit, minor);
  }

  hold(debit: AccountRef, minor: bigint): void {
    this.#add(this.#held, debit, minor);
  }

  of(id: string): { posted: bigint; available: bigint } {
    const posted = this.#posted.get(id) ?? 0n;
    return { posted, available: posted - (this.#held.get(id) ?? 0n) };
  }

  #add(sums: Map<string, bigint>, ref: AccountRef, minor: bigint): void {
    const id = accountId(ref);
    this.refs.set(id, ref);
    sums.set(id, (sums.get(id) ?? 0n) + minor);
  }
}

function expectedBalances({ cashIns, payments, deposits }: Books): Balances {
  const balances = new Balances();
  for (const row of cashIns.filter(isTaken)) bookCashIn(balances, row);
  for (const payment of payments) bookPayment(balances, payment);
  for (const { status, purpose, resource_id, amount } of deposits) {
    if (status !== 'credited') continue;
    if (purpose === 'wallet') {
      balances.move(custody(NETWORK, 'usdc'), customerWallet(resource_id, 'usdc'), amount);
    } else balances.move(treasury(NETWORK, 'usdc'), capital(NETWORK, 'usdc'), amount);
  }
  return balances;
}

function bookCashIn(balances: Balances, row: CashInRow): void {
  const cents = must(row.deposited, 'cash was taken');
  const minor = deliveredMinor(cents);
  const usd = inFlight(row.customer_id, 'usd');
  const usdc = inFlight(row.customer_id, 'usdc');
  balances.move(cashClearing(row.provider), usd, cents);
  if (row.status === 'failed') return;
  balances.move(usd, omsFees('usd'), feeOf(cents));
  balances.move(usd, conversion('usd'), cents - feeOf(cents));
  balances.move(conversion('usdc'), usdc, minor);
  const wallet = row.destination_wallet_id;
  if (row.status === 'processing') balances.hold(usdc, minor);
  else if (wallet === null) balances.move(usdc, treasury(NETWORK, 'usdc'), minor);
  else {
    balances.move(usdc, customerWallet(wallet, 'usdc'), minor);
    balances.move(custody(NETWORK, 'usdc'), treasury(NETWORK, 'usdc'), minor);
  }
}

const SPENT_BY_CUSTOMERS = /^customer_/;

/** What may still be reorganised away has moved no money. */
export function finalityFindings({ sends, deposits }: Books, final: number): string[] {
  return [
    ...sends.filter(({ status }) => status === 'paid').map((row) => ({ ...row, id: row.send_id })),
    ...deposits.filter(({ status }) => status === 'credited').map((row) => ({ ...row, id: row.deposit_id })),
  ]
    .filter(({ block_number }) => Number(block_number) > final)
    .map(({ id, status, block_number }) => `${id} is ${status} in block ${block_number}, final is ${final}`);
}

/** A deposit is told of when it is seen and when it is credited; what was asked for is delivered or queued. */
export function eventFindings({ deposits, events }: Books): string[] {
  const told = events.filter(({ type }) => type === 'wallet.depositCredited').length;
  const credited = deposits.filter(({ status, purpose }) => status === 'credited' && purpose === 'wallet');
  const forgotten = events.filter(
    ({ is_wanted, is_queued, delivery }) => is_wanted && !is_queued && delivery === null,
  );
  return [
    ...(told === credited.length ? [] : [`${told} credits told, ${credited.length} made`]),
    ...forgotten.map(({ event_id, type }) => `${type} ${event_id} is neither queued nor delivered`),
  ];
}

/** What the ledger has and should not, or should have and has not. */
export async function bookFindings(tx: Tx, ledger: Ledger, books: Books): Promise<string[]> {
  const found: string[] = [];
  const expected = expectedTransfers(books);
  for (const group of new Set([...expected.keys(), ...books.transfersByGroup.keys()])) {
    const [wanted = 0, there = 0] = [expected.get(group), books.transfersByGroup.get(group)];
    if (wanted !== there) found.push(`${group}: ${there} transfers, not ${wanted}`);
  }
  const balances = expectedBalances(books);
  const actual = await ledger.balances(tx, [...balances.refs.values()]);
  for (const id of balances.refs.keys()) {
    const { posted, available } = balances.of(id);
    const { postedMinor = 0n, availableMinor = 0n } = actual.get(id) ?? {};
    if (posted !== postedMinor) found.push(`${id}: ${postedMinor} is booked, not ${posted}`);
    if (SPENT_BY_CUSTOMERS.test(id) && available !== availableMinor) {
      found.push(`${id}: ${availableMinor} is available, not ${available}`);
    }
  }
  return found;
}
