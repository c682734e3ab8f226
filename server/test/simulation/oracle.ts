import { authorizationNonce } from '../../src/chain/token/authorization.ts';
import { USDC_POLYGON } from '../../src/chain/token/contracts.ts';
import { decodeTokenLog, TOKEN_LOG_TOPICS, type TokenLog, type WireLog } from '../../src/chain/token/logs.ts';
import type { Database } from '../../src/db/database.ts';
import { checkInvariants } from '../../src/invariants/check.ts';
import { must } from '../../src/kernel/assert.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { Facts, Ground } from './bed.ts';
import {
  type Books,
  bookFindings,
  deliveredMinor,
  eventFindings,
  finalityFindings,
  readBooks,
  type SendRow,
} from './books.ts';
import type { Model } from './model.ts';
import { booksArrival, onChainMinor, paymentFindings } from './payment-books.ts';
import { paymentsTold } from './payments-told.ts';

/** More authorizations than a send ever gets. */
const MAX_AUTHORIZATIONS = 5;

type TransferLog = Extract<TokenLog, { kind: 'transfer' }>;

/** What the token contract did since the run began. */
export interface Deeds {
  /** Position of the transfer, by send. */
  readonly paidAt: ReadonlyMap<string, readonly string[]>;
  /** To our addresses, and not booked by a send of ours. */
  readonly incoming: readonly TransferLog[];
  readonly findings: readonly string[];
}

const positionOf = (txHash: string, logIndex: number): string => `${txHash}:${logIndex}`;

/** Looks at everything from outside, past every fault. */
export class Oracle {
  readonly #ground: Ground;
  readonly #model: Model;
  readonly #ledger: Ledger;
  readonly #fromBlock: string;
  readonly #nonces = new Map<string, string>();
  #books: Books | undefined;
  /** Transactions of the processes when the books were read. */
  #seen = 0;

  constructor(ground: Ground, model: Model, ledger: Ledger) {
    this.#ground = ground;
    this.#model = model;
    this.#ledger = ledger;
    this.#fromBlock = `0x${ground.chain.firstBlock.toString(16)}`;
  }

  get #db(): Database {
    return this.#ground.db;
  }

  /** What must hold after every step; nothing, when all is well. What did not change is not read again. */
  async afterStep(): Promise<string[]> {
    const { transactions } = this.#ground.faultyDb;
    if (!this.#books || transactions !== this.#seen) {
      const { books, inBooks } = await this.#readBooks();
      this.#seen = transactions;
      this.#books = books;
      const found = [
        ...(await this.#invariants()),
        ...inBooks,
        ...finalityFindings(books, this.#ground.chain.final),
        ...eventFindings(books),
        ...toldFindings(this.#model, books),
        ...this.#payments(books),
      ];
      if (found.length > 0) return found;
    }
    const deeds = await this.#deeds(this.#books);
    return [...this.#model.breaches, ...deeds.findings];
  }

  /** What must hold once all faults are healed and nothing is left to do. */
  async atEnd(isCause: (send: SendRow) => boolean): Promise<string[]> {
    this.#books = undefined;
    const found = await this.afterStep();
    const { books } = await this.#readBooks();
    const deeds = await this.#deeds(books);
    return [
      ...found,
      ...finalFindings(books, isCause),
      ...deliveryFindings(books, this.#ground),
      ...chainFindings(books, deeds, this.#ground.facts, BigInt(this.#fromBlock)),
      ...(await this.#holdings(books)),
    ];
  }

  /** Each payment as far as its sends and its payout are, and as its client was told. */
  #payments(books: Books): string[] {
    const { wallets, treasury } = this.#ground.facts;
    const addresses = new Map(wallets.map(({ walletId, address }) => [walletId, address]));
    return [
      ...books.payments.flatMap((payment) =>
        paymentFindings(payment, must(addresses.get(payment.row.source_wallet_id), 'a wallet'), treasury),
      ),
      ...paymentsTold(this.#model, books.payments, this.#ground.facts),
    ];
  }

  async #readBooks(): Promise<{ books: Books; inBooks: string[] }> {
    return this.#db.tx(this.#ground.facts.caller.projectId, async (tx) => {
      const books = await readBooks(tx);
      return { books, inBooks: await bookFindings(tx, this.#ledger, books) };
    });
  }

  async #invariants(): Promise<string[]> {
    const chain = { rpc: this.#ground.chain.node, token: USDC_POLYGON };
    const found = await checkInvariants(this.#db, chain);
    return found.map(({ rule, subject, detail }) => `${rule}: ${subject}: ${detail}`);
  }

  /** Reads the token's logs: whose authorization was used, and how often. */
  async #deeds(books: Books): Promise<Deeds> {
    const { chain, facts } = this.#ground;
    const logs = (
      await chain.node.call<WireLog[]>('eth_getLogs', [
        { address: USDC_POLYGON, fromBlock: this.#fromBlock, toBlock: 'latest', topics: [TOKEN_LOG_TOPICS] },
      ])
    )
      .map(decodeTokenLog)
      .filter((log) => log !== undefined);
    const sends = new Map(books.sends.map((send) => [send.send_id, send]));
    for (const id of sends.keys()) this.#remember(id);
    const paidAt = new Map<string, string[]>();
    const found: string[] = [];
    const ours = new Set([facts.treasury, ...facts.wallets.map(({ address }) => address)].map(lower));
    const incoming: TransferLog[] = [];
    logs.forEach((log, index) => {
      if (log.kind !== 'transfer') return;
      const before = logs[index - 1];
      const isAuthorized =
        before?.kind === 'authorizationUsed' &&
        positionOf(before.txHash, before.logIndex + 1) === positionOf(log.txHash, log.logIndex);
      const send = isAuthorized ? sends.get(this.#nonces.get(before.nonce) ?? '') : undefined;
      if (ours.has(log.from) && !send) found.push(`${log.value} left ${log.from} without a send of ours`);
      if (send) {
        paidAt.set(send.send_id, [...(paidAt.get(send.send_id) ?? []), positionOf(log.txHash, log.logIndex)]);
        found.push(...deviations(send, log));
      }
      if (ours.has(log.to) && log.value > 0n && !(send && isBookedBySend(send, books))) incoming.push(log);
    });
    for (const [id, positions] of paidAt) {
      if (positions.length > 1) found.push(`${id} is paid ${positions.length} times on chain`);
    }
    return { paidAt, incoming, findings: found };
  }

  #remember(sendId: string): void {
    if (this.#nonces.has(authorizationNonce(sendId, 1))) return;
    for (let attempt = 1; attempt <= MAX_AUTHORIZATIONS; attempt++) {
      this.#nonces.set(authorizationNonce(sendId, attempt), sendId);
    }
  }

  /** Now, and not only at the block that is settled: nothing is under way any more. */
  async #holdings(books: Books): Promise<string[]> {
    const { facts, chain } = this.#ground;
    const found: string[] = [];
    for (const { walletId, address } of facts.wallets) {
      const received = books.deposits
        .filter(({ status, resource_id }) => status === 'credited' && resource_id === walletId)
        .map(({ amount }) => amount);
      const delivered = books.cashIns
        .filter((row) => row.status === 'completed' && row.destination_wallet_id === walletId)
        .map(({ deposited }) => deliveredMinor(deposited ?? 0n));
      const paid = books.payments.map((payment) => onChainMinor(payment, walletId));
      const expected = [...received, ...delivered, ...paid].reduce((sum, minor) => sum + minor, 0n);
      const held = await chain.balance(address);
      if (held !== expected) found.push(`${address} holds ${held} on chain, not ${expected}`);
    }
    return found;
  }
}

const lower = (text: string): string => text.toLowerCase();

const isBookedBySend = (send: SendRow, { payments, cashIns }: Books): boolean => {
  const payment = payments.find(({ row }) => row.transaction_id === send.resource_id);
  if (payment) return booksArrival(payment, send);
  return cashIns.some(
    ({ cash_in_id, destination_wallet_id }) =>
      cash_in_id === send.resource_id && destination_wallet_id !== null,
  );
};

function deviations(send: SendRow, { from, to, value }: TransferLog): string[] {
  const isRight = from === send.from_address && to === send.to_address && value === send.amount;
  return isRight ? [] : [`${send.send_id} moved ${value} from ${from} to ${to}`];
}

/** What was told is there once, and what was not asked for is not there. */
function toldFindings(model: Model, books: Books): string[] {
  const found: string[] = [];
  const rows = new Map(books.cashIns.map((row) => [row.cash_in_id, row]));
  const unanswered = model.cashIns.filter(({ create }) => !create.final).length;
  const known = new Set(model.cashIns.flatMap(({ id }) => id ?? []));
  const strangers = books.cashIns.filter(({ cash_in_id }) => !known.has(cash_in_id)).length;
  if (strangers > unanswered) found.push(`${strangers} cash-ins nobody heard of, ${unanswered} unanswered`);
  for (const { ref, id, takenCents, offered, walletId, to } of model.cashIns) {
    if (id === undefined) continue;
    const row = rows.get(id);
    if (!row) found.push(`${ref} is gone`);
    const cents = row?.deposited ?? undefined;
    if (takenCents !== undefined && cents !== takenCents) found.push(`${ref}: ${cents}, not ${takenCents}`);
    if (cents !== undefined && !offered.has(cents)) found.push(`${ref}: nobody paid ${cents} in`);
    if (row && (row.destination_wallet_id ?? undefined) !== walletId) found.push(`${ref}: another wallet`);
    if (row && lower(row.destination_address) !== to) found.push(`${ref}: another address`);
  }
  return found;
}

function finalFindings(books: Books, isCause: (send: SendRow) => boolean): string[] {
  const found: string[] = [];
  for (const { cash_in_id, status } of books.cashIns) {
    if (status === 'pending' || status === 'processing') found.push(`${cash_in_id} is ${status} at the end`);
  }
  for (const { row } of books.payments) {
    if (row.status === 'processing' || row.refund_status === 'pending') {
      found.push(`${row.transaction_id} is ${row.status}, its refund ${row.refund_status} at the end`);
    }
  }
  for (const send of books.sends) {
    if (send.status === 'queued' || send.status === 'relaying') {
      found.push(`${send.send_id} is ${send.status} at the end`);
    }
    if (send.status === 'failed' && !isCause(send)) {
      found.push(`${send.send_id} failed (${send.failure_code}), though nothing stands in its way`);
    }
  }
  for (const { deposit_id, status } of books.deposits) {
    if (status === 'detected') found.push(`${deposit_id} is not credited at the end`);
  }
  return found;
}

/** Whoever asked has heard of everything. */
function deliveryFindings({ events }: Books, { receiver }: Ground): string[] {
  const received = new Set(receiver.requests.map(({ json }) => json.eventId));
  return events
    .filter(
      ({ is_wanted, delivery, event_id }) =>
        is_wanted && !(delivery === 'delivered' && received.has(event_id)),
    )
    .map(({ event_id, type, delivery }) => `${type} ${event_id} is ${delivery} at the end`);
}

/** Books and chain tell the same story. */
function chainFindings(books: Books, { paidAt, incoming }: Deeds, facts: Facts, fromBlock: bigint): string[] {
  const found: string[] = [];
  const own = books.sends.filter(({ block_number }) => block_number === null || block_number >= fromBlock);
  for (const { send_id, status, tx_hash, log_index } of own) {
    const [position] = paidAt.get(send_id) ?? [];
    const booked = status === 'paid' ? positionOf(tx_hash ?? '', log_index ?? -1) : undefined;
    if (position !== booked) found.push(`${send_id} is ${status}, paid on chain at ${position}`);
  }
  const there = new Map(incoming.map((log) => [positionOf(log.txHash, log.logIndex), log]));
  const credited = books.deposits.filter(
    ({ status, block_number }) => status === 'credited' && block_number >= fromBlock,
  );
  const owners = new Map(facts.wallets.map(({ walletId, address }) => [walletId, lower(address)]));
  for (const { deposit_id, tx_hash, log_index, amount, resource_id } of credited) {
    const log = there.get(positionOf(tx_hash, log_index));
    there.delete(positionOf(tx_hash, log_index));
    const isRight = log?.value === amount && (owners.get(resource_id) ?? log.to) === log.to;
    if (!isRight) found.push(`${deposit_id} is credited, and is not on chain like that`);
  }
  for (const [position, log] of there) found.push(`${log.value} arrived at ${position} and is not credited`);
  return found;
}
