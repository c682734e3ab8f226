import type { QuoteRequest } from '@openoms/contract/quotes.ts';
import type { CustomerRow, EndorsementName } from '../customers/service.ts';
import type { Tx } from '../db/database.ts';
import { must } from '../kernel/assert.ts';
import { addMs, SECOND_MS } from '../kernel/clock.ts';
import {
  ApiError,
  asRefusal,
  attempt,
  type ErrorDetail,
  isNoRefusal,
  notFound,
  validationError,
} from '../kernel/errors.ts';
import type { FeeFlow, ProjectSettings } from '../settings/service.ts';
import type { NewTransaction } from '../transactions/service.ts';
import type { WalletRow } from '../wallets/service.ts';
import type { PayableAccount, QuotesDeps } from './deps.ts';
import { priceOrder } from './pricing.ts';
import type { RateTerms } from './provider.ts';
import { type QuoteOrder, readQuoteOrder } from './request.ts';
import { accept } from './states.ts';
import * as store from './store.ts';
import type { QuoteView } from './view.ts';

export type { PayableAccount, PayableAccounts, RateQuotes } from './deps.ts';

/** Everything that the quotes of one batch are decided by, read at once. */
interface Surroundings {
  readonly settings: ProjectSettings;
  readonly wallets: ReadonlyMap<string, WalletRow>;
  readonly accounts: ReadonlyMap<string, PayableAccount>;
  readonly rates: ReadonlyMap<string, string | ApiError>;
  readonly terms: ReadonlyMap<QuoteOrder, RateTerms>;
}

/** Where a quote goes, checked. */
interface Destination
  extends Pick<
    store.NewQuote,
    | 'destination_wallet_id'
    | 'destination_address'
    | 'destination_external_account_id'
    | 'destination_location_id'
    | 'destination_location_reference'
    | 'destination_network'
  > {
  readonly flow: FeeFlow;
}

/** Shown to a client for whose quote there is no rate. */
const RATE_RETRY_SECONDS = 1;

const NOWHERE = {
  destination_wallet_id: null,
  destination_address: null,
  destination_external_account_id: null,
  destination_location_id: null,
  destination_location_reference: null,
};

/** Prices, locked for minutes, and what executing one takes. */
export class Quotes {
  readonly #deps: QuotesDeps;

  constructor(deps: QuotesDeps) {
    this.#deps = deps;
  }

  /** Each decided by itself, in order: a quote, or why there is none. */
  async create(tx: Tx, bodies: readonly QuoteRequest[]): Promise<(QuoteView | ApiError)[]> {
    const orders = bodies.map((body) => attempt(() => readQuoteOrder(body)));
    const readable = orders.filter(isNoRefusal);
    const customers = await this.#customersOf(tx, readable);
    const around = await this.#surroundings(tx, readable);
    const quotes = orders.map((order): store.NewQuote | ApiError => {
      if (order instanceof ApiError) return order;
      const customer = must(customers.get(order), 'each order has a customer or a refusal');
      if (customer instanceof ApiError) return customer;
      return attempt(() => this.#quote(tx, order, customer, around));
    });
    const made = quotes.filter(isNoRefusal);
    if (made.length > 0) await store.insertQuotes(tx, made);
    return quotes.map((quote) =>
      quote instanceof ApiError ? quote : { ...quote, status: 'open', transaction_id: null },
    );
  }

  async get(tx: Tx, quoteId: string): Promise<store.QuoteRow> {
    const row = await store.findQuote(tx, quoteId);
    if (!row) throw notFound('quote');
    return row;
  }

  /**
   * The transactions that quotes become, or why not: 404, 409 `quote_already_accepted`, 422 `quote_expired`, and what
   * may have changed since they were made. Holds the quotes' rows until the commit.
   */
  async toExecute(tx: Tx, quoteIds: readonly string[]): Promise<(NewTransaction | ApiError)[]> {
    const locked = await store.lockQuotes(tx, [...new Set(quoteIds)]);
    const quotes = new Map(locked.map((row) => [row.quote_id, row]));
    const customers = await this.#deps.customers.endorsedAll(
      tx,
      locked.map((row) => ({ customerId: row.customer_id, needed: neededFor(row.type) })),
    );
    const customerOf = new Map(locked.map((row, index) => [row, customers[index]]));
    const wallets = await this.#wallets(
      tx,
      locked.flatMap((row) => [row.source_wallet_id, row.destination_wallet_id]),
    );
    const accounts = await this.#accounts(
      tx,
      locked.map((row) => row.destination_external_account_id),
    );
    return quoteIds.map((quoteId) => {
      const quote = quotes.get(quoteId);
      if (!quote) return notFound('quote');
      if (quote.status === 'accepted') return this.alreadyAccepted();
      if (quote.expires_at <= tx.now()) return expired();
      const customer = must(customerOf.get(quote), 'each quote has a customer');
      if (customer instanceof ApiError) return customer;
      return attempt(() => {
        if (quote.type === 'cryptoToFiat') this.#deps.customers.requireProvisioned(customer);
        return this.#transactionOf(tx, quote, wallets, accounts);
      });
    });
  }

  /** The quotes are used up: each by the transaction that carries its id. */
  async accepted(
    tx: Tx,
    transactions: readonly { readonly quote_id: string | null; readonly transaction_id: string }[],
  ): Promise<void> {
    if (transactions.length === 0) return;
    const changes = transactions.map(({ quote_id, transaction_id }) => ({
      quoteId: must(quote_id, 'it executes a quote'),
      transactionId: transaction_id,
    }));
    await accept(tx, changes, tx.now());
  }

  alreadyAccepted(): ApiError {
    return new ApiError(409, 'quote_already_accepted', 'The quote was executed before; it is used once.');
  }

  async #customersOf(
    tx: Tx,
    orders: readonly QuoteOrder[],
  ): Promise<Map<QuoteOrder, CustomerRow | ApiError>> {
    const customers = await this.#deps.customers.endorsedAll(
      tx,
      orders.map((order) => ({ customerId: order.customerId, needed: neededFor(typeOf(order)) })),
    );
    return new Map(orders.map((order, index) => [order, must(customers[index], 'a customer per order')]));
  }

  async #surroundings(tx: Tx, orders: readonly QuoteOrder[]): Promise<Surroundings> {
    const rates = new Map<string, string | ApiError>();
    for (const asset of new Set(orders.map(({ destinationAsset }) => destinationAsset))) {
      const found = await this.#deps.rates.get(tx, 'usdc', asset).catch(asRefusal);
      rates.set(asset, found instanceof ApiError ? found : found.rate);
    }
    const terms = await this.#deps.rateDesk.termsOf(tx, orders);
    return {
      settings: await this.#deps.settings.get(tx),
      rates,
      terms: new Map(orders.map((order, index) => [order, must(terms[index], 'terms per order')])),
      wallets: await this.#wallets(
        tx,
        orders.flatMap(({ walletId, target }) => [
          walletId,
          target.kind === 'wallet' ? target.walletId : null,
        ]),
      ),
      accounts: await this.#accounts(
        tx,
        orders.map(({ target }) => (target.kind === 'externalAccount' ? target.externalAccountId : null)),
      ),
    };
  }

  async #wallets(tx: Tx, ids: readonly (string | null)[]): Promise<Map<string, WalletRow>> {
    const rows = await this.#deps.wallets.findAll(tx, named(ids));
    return new Map(rows.map((row) => [row.wallet_id, row]));
  }

  async #accounts(tx: Tx, ids: readonly (string | null)[]): Promise<Map<string, PayableAccount>> {
    const wanted = named(ids);
    if (wanted.length === 0) return new Map();
    const rows = await this.#deps.externalAccounts.findAll(tx, wanted);
    return new Map(rows.map((row) => [row.external_account_id, row]));
  }

  #quote(tx: Tx, order: QuoteOrder, customer: CustomerRow, around: Surroundings): store.NewQuote {
    const { ids, settings, customers } = this.#deps;
    const source = around.wallets.get(order.walletId);
    if (source?.customer_id !== order.customerId) throw notFound('wallet');
    const { flow, ...destination } = this.#destination(order, around);
    const type = typeOf(order);
    if (type === 'cryptoToFiat') customers.requireProvisioned(customer);
    const rate = must(around.rates.get(order.destinationAsset), 'a rate or a refusal');
    if (rate instanceof ApiError) throw rate;
    const terms = around.terms.get(order);
    if (terms === 'rateUnavailable') throw noRate();
    const priced = priceOrder(settings, around.settings, order, { flow, exchangeRate: rate });
    const { price } = priced;
    const now = tx.now();
    const lifetimeMs = around.settings.quoteLifetimeSeconds * SECOND_MS;
    return {
      quote_id: ids.next('quote', tx),
      customer_id: order.customerId,
      type,
      source_wallet_id: source.wallet_id,
      source_asset: source.asset,
      source_network: source.chain,
      source_gross: price.grossMinor,
      fee_developer: price.developerFeesMinor.reduce((sum, fee) => sum + fee, 0n),
      fee_oms: price.omsFeeMinor,
      fee_gas: price.gasFeeMinor,
      ...destination,
      destination_asset: order.destinationAsset,
      destination_gross: price.destination.minor,
      exchange_rate: priced.exchangeRate,
      fixed_side: order.fixedSide,
      developer_fees: priced.developerFees,
      sponsor_gas: order.sponsorGas,
      gas_cost: priced.gasCostMinor,
      metadata: order.metadata,
      expires_at: terms === 'expiresAtOnce' ? now : addMs(now, lifetimeMs),
      created_at: now,
    };
  }

  #destination(order: QuoteOrder, { wallets, accounts }: Surroundings): Destination {
    const { target } = order;
    const onChain = { ...NOWHERE, destination_network: order.destinationNetwork };
    if (target.kind === 'address') {
      return { ...onChain, destination_address: target.address, flow: 'cryptoToCrypto' };
    }
    if (target.kind === 'wallet') {
      const wallet = wallets.get(target.walletId);
      if (!wallet) throw notFound('wallet');
      if (wallet.wallet_id === order.walletId) {
        throw validationError([{ field: 'destination.wallet', issue: 'is the wallet that pays' }]);
      }
      return { ...onChain, destination_wallet_id: wallet.wallet_id, flow: 'cryptoToCrypto' };
    }
    if (target.kind === 'cash') return this.#cashDestination(order, target.locationId, target.reference);
    return accountDestination(order, target, accounts.get(target.externalAccountId));
  }

  #cashDestination(order: QuoteOrder, locationId: string, reference: string): Destination {
    const location = this.#deps.cashNetwork.find(locationId);
    if (!location) throw notFound('cash location');
    const field = 'destination.cash';
    const issues: ErrorDetail[] = [];
    if (location.reference !== reference) {
      issues.push({ field: `${field}.locationReference`, issue: 'is not the reference of this location' });
    }
    if (!location.cashOutAllowed) {
      issues.push({ field: `${field}.locationId`, issue: 'does not pay out cash' });
    }
    if (issues.length > 0) throw validationError(issues);
    return {
      ...NOWHERE,
      destination_network: order.destinationNetwork,
      destination_location_id: location.locationId,
      destination_location_reference: location.reference,
      flow: 'cashOut',
    };
  }

  #transactionOf(
    tx: Tx,
    quote: store.QuoteRow,
    wallets: ReadonlyMap<string, WalletRow>,
    accounts: ReadonlyMap<string, PayableAccount>,
  ): NewTransaction {
    const source = must(wallets.get(quote.source_wallet_id), 'a wallet is never deleted');
    const recipient = quote.destination_wallet_id ? wallets.get(quote.destination_wallet_id) : undefined;
    const account = quote.destination_external_account_id
      ? usable(accounts.get(quote.destination_external_account_id), quote.customer_id)
      : undefined;
    return {
      transaction_id: this.#deps.ids.next('transaction', tx),
      type: quote.type,
      quote_id: quote.quote_id,
      sender_customer_id: quote.customer_id,
      recipient_customer_id: recipientOf(quote, recipient),
      source_asset: quote.source_asset,
      source_network: quote.source_network,
      source_wallet_id: source.wallet_id,
      source_address: source.address,
      source_key_index: source.key_index,
      source_gross: quote.source_gross,
      source_fee_developer: quote.fee_developer,
      source_fee_oms: quote.fee_oms,
      source_fee_gas: quote.fee_gas,
      destination_asset: quote.destination_asset,
      destination_network: quote.destination_network,
      destination_wallet_id: quote.destination_wallet_id,
      destination_address: recipient?.address ?? quote.destination_address,
      destination_external_account_id: quote.destination_external_account_id,
      destination_location_id: quote.destination_location_id,
      destination_location_reference: quote.destination_location_reference,
      destination_owner: account?.owner_name ?? null,
      bank_details: account && quote.destination_asset === 'usd' ? { ...account.display } : null,
      destination_gross: quote.destination_gross,
      exchange_rate: quote.exchange_rate,
      fixed_side: quote.fixed_side,
      developer_fees: quote.developer_fees,
      sponsor_gas: quote.sponsor_gas,
      gas_cost: quote.gas_cost,
      metadata: quote.metadata,
      created_at: tx.now(),
    };
  }
}

const typeOf = ({ destinationAsset }: QuoteOrder): store.QuoteRow['type'] =>
  destinationAsset === 'usd' ? 'cryptoToFiat' : 'cryptoToCrypto';

/** `basic` for all, `usd` for what ends in dollars (contract 2.11). */
const neededFor = (type: store.QuoteRow['type']): readonly EndorsementName[] =>
  type === 'cryptoToFiat' ? ['basic', 'usd'] : ['basic'];

/** Whose the money is in the end; outside the system that is nobody's to know. */
function recipientOf(quote: store.QuoteRow, recipient: WalletRow | undefined): string | null {
  if (quote.type === 'cryptoToFiat') return quote.customer_id;
  return recipient?.customer_id ?? null;
}

/** A deleted account is as absent as another customer's. */
function usable(account: PayableAccount | undefined, customerId: string): PayableAccount {
  if (account?.customer_id !== customerId || account.status === 'deleted') {
    throw notFound('external account');
  }
  return account;
}

const BANK_RAILS = ['ach', 'wire', 'swift'] as const;

function accountDestination(
  order: QuoteOrder,
  target: { readonly externalAccountId: string; readonly field: string },
  found: PayableAccount | undefined,
): Destination {
  const account = usable(found, order.customerId);
  if (account.status !== 'verified') {
    throw validationError([{ field: target.field, issue: `is ${account.status}` }]);
  }
  const external = { ...NOWHERE, destination_external_account_id: account.external_account_id };
  const isAddress = account.address !== null;
  if (isAddress !== (order.destinationAsset === 'usdc')) {
    throw notPayable(isAddress ? 'takes usdc on polygon' : 'takes usd');
  }
  if (isAddress) {
    return {
      ...external,
      destination_address: account.address,
      destination_network: order.destinationNetwork,
      flow: 'cryptoToCrypto',
    };
  }
  const rail = BANK_RAILS.find((each) => each === account.network);
  if (!rail) throw notPayable(`is not paid to over ${account.network}`);
  if (order.destinationNetwork !== 'usBank' && order.destinationNetwork !== rail) {
    throw notPayable(`is registered for ${rail}`);
  }
  return { ...external, destination_network: rail, flow: rail };
}

const notPayable = (why: string): ApiError =>
  new ApiError(422, 'unsupported_asset_network', 'The external account cannot be paid like this.', {
    details: [{ field: 'destination.network', issue: `the account ${why}` }],
  });

const noRate = (): ApiError =>
  new ApiError(503, 'rate_unavailable', 'Nobody holds a rate for this quote; try again later.', {
    retryAfterSeconds: RATE_RETRY_SECONDS,
  });

const expired = (): ApiError =>
  new ApiError(422, 'quote_expired', 'The quote has expired; ask for a new one.');

const named = (ids: readonly (string | null)[]): string[] => [...new Set(ids.filter((id) => id !== null))];
