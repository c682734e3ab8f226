import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { RAILS } from '@openoms/contract/external-account-rails.ts';
import type { Operation } from '@openoms/contract/operation.ts';
import type { Source } from './generate.ts';
import type { Seen } from './pool.ts';
import type { Random } from './random.ts';

/** A request before it is text. */
export interface Draft {
  params: Record<string, unknown>;
  query: Record<string, unknown>;
  body?: Record<string, unknown>;
}

/** How often an operation is chosen, by name. */
const WEIGHTS: Readonly<Record<string, number>> = {
  createToken: 0.3,
  createCustomer: 2,
  createWallet: 2,
  createCashIn: 4,
  simulateBarcodeAuth: 4,
  simulateAuthCommit: 4,
  createWebhook: 0.5,
  deleteWebhook: 2,
  rotateWebhookSecret: 0.5,
  testWebhook: 0.5,
  getWebhookDelivery: 0.5,
  retryWebhookDelivery: 0.5,
  createExternalAccount: 2,
  deleteExternalAccount: 0.3,
  deleteCustomerExternalAccount: 0.3,
  createQuote: 4,
  createTransaction: 4,
  simulateTransaction: 3,
  simulateCashIn: 0.3,
  simulateStatementLine: 0.5,
  updateSettings: 0.5,
  deleteVirtualAccount: 0.3,
  simulateVirtualAccountDeposit: 3,
  deleteDepositAddress: 0.3,
  simulateDeposit: 2,
  // They wait for the worker, which runs between the requests here.
  setSandboxClock: 0,
  resetSandbox: 0,
  createSandboxSnapshot: 0,
  restoreSandboxSnapshot: 0,
  // One call may take half of the addresses there are.
  createSandboxProjects: 0,
  // What it makes goes wrong is no answer of the contract.
  createSandboxTrouble: 0,
};

export const MAX_WEIGHT = 4;

/** A read leads nowhere: however many there are, flows of several writes come to their ends. */
export const weightOf = (name: string, { method }: Operation): number =>
  WEIGHTS[name] ?? (method === 'GET' ? 0.4 : 1);

type Flow = (
  source: Source,
  credentials: { apiKey: string; apiSecret: string },
) => Partial<Draft> | undefined;

const AMOUNTS = ['20.00', '50.00', '100.00', '137.55'];

/**
 * Bodies that lead somewhere: what earlier answers returned, put where the next request of a flow takes it. A new
 * operation needs an entry only when its body must fit together.
 */
export const FLOWS: Readonly<Record<string, Flow>> = {
  createToken: (_source, { apiKey, apiSecret }) => ({ body: { apiKey, apiSecret } }),
  createCustomer: () => ({ body: { ...EXAMPLE_CUSTOMER } }),
  createWallet: () => ({ body: { asset: 'usdc', chain: 'polygon' } }),
  listCashLocations: ({ random }) => ({
    query: {
      provider: 'greendot',
      latitude: random.int(25, 48),
      longitude: -random.int(70, 122),
      ...(random.chance(0.3) && { flow: 'cashOut' }),
    },
  }),
  createCashIn: ({ random, pool }) => {
    const wallet = pool.object('wallet', random);
    const location = pool.object('cashLocation', random);
    if (!wallet || !location) return undefined;
    return {
      body: {
        customerId: wallet.customerId,
        source: { asset: 'usd', indicatedAmount: random.pick(AMOUNTS) },
        destination: { wallet: { wallet: wallet.id }, asset: 'usdc', network: 'polygon' },
        cash: { cashLocationId: location.id, cashLocationReference: location.cashLocationReference },
      },
    };
  },
  simulateBarcodeAuth: ({ random, pool }) => {
    const instructions = pool.recent('.depositInstructions', random);
    return instructions && { body: { barcode: instructions.code, amount: random.pick(AMOUNTS) } };
  },
  simulateAuthCommit: ({ random, pool }) => {
    const authorized: Seen | undefined = pool.recent('simulateBarcodeAuth', random);
    if (!authorized) return undefined;
    const { accountNumber, accountReferenceNumber, confirmationId, authorizedAmount } = authorized;
    return {
      body: {
        accountNumber,
        accountReferenceNumber,
        originalConfirmationId: confirmationId,
        amount: random.chance(0.8) ? authorizedAmount : random.pick(AMOUNTS),
      },
    };
  },
  createExternalAccount: ({ random, pool }) => {
    const customer = pool.object('customer', random);
    return customer && { params: { customerId: customer.id }, body: accountOf(random) };
  },
  'v0.11 createExternalAccount': ({ random, pool }) => {
    const customer = pool.object('customer', random);
    const accountType = random.pick(['checking', 'savings']);
    const bankUs = { accountNumber: random.digits(9), routingNumber: '021000021', accountType };
    const owner = { kind: 'customer', customerId: customer?.id };
    return customer && { body: { owner, type: 'bankUs', bankUs } };
  },
  createQuote: (source) => {
    const wallet = payerOf(source);
    const target = wallet && targetOf(source, wallet);
    return target && { body: quoteOf(source.random, wallet, target) };
  },
  'v0.11 createQuote': (source) => {
    const wallet = payerOf(source);
    const target = wallet && targetOf(source, wallet);
    if (!target) return undefined;
    const { wallet: { id, externalAccount, ...rest } = {}, ...destination } = target;
    const flat = { ...destination, ...rest, walletId: id, externalAccountId: externalAccount };
    return { body: quoteOf(source.random, wallet, flat) };
  },
  createTransaction: ({ random, pool }) => {
    const quote = pool.recent('quote', random);
    return quote && { body: { quoteId: quote.id } };
  },
  simulateTransaction: ({ random, pool }) => {
    const transaction = pool.objectWhere('transaction', random, ({ type }) => type === 'cryptoToFiat');
    return transaction && { params: { transactionId: transaction.id }, body: random.pick(OUTSIDE_EVENTS) };
  },
  simulateCashIn: ({ random, pool }) => {
    const cashIn = pool.object('cashIn', random);
    const event = random.pick(['codeExpired', 'orderDeclined']);
    return cashIn && { params: { cashInId: cashIn.id }, body: { event } };
  },
  simulateStatementLine: ({ random, pool }) => {
    const transaction = pool.objectWhere('transaction', random, ({ type }) => type === 'cryptoToFiat');
    const body = { direction: random.pick(['debit', 'credit']), amount: random.pick(AMOUNTS) };
    return transaction && { body: { ...body, transactionId: transaction.id } };
  },
  createVirtualAccount: ({ random, pool }) => {
    const wallet = pool.object('wallet', random);
    return wallet && { params: { customerId: wallet.customerId }, body: virtualAccountTo(wallet) };
  },
  'v0.11 createVirtualAccount': ({ random, pool }) => {
    const wallet = pool.object('wallet', random);
    if (!wallet) return undefined;
    const destination = { type: 'walletOms', details: { id: wallet.id } };
    const source = { asset: 'usd', network: 'usBank' };
    return { body: { customerId: wallet.customerId, type: 'bankUs', source, destination } };
  },
  updateVirtualAccount: ({ random, pool }) => {
    const account = pool.object('virtualAccount', random);
    return account && { params: { virtualAccountId: account.id }, body: random.pick(CHANGES) };
  },
  simulateVirtualAccountDeposit: ({ random, pool }) => {
    const account = pool.object('virtualAccount', random);
    const amount = { value: random.pick(AMOUNTS), currency: 'USD' };
    const rail = random.pick(['ach_in', 'wire_in', 'swift_in', 'rtp_in']);
    return account && { params: { virtualAccountId: account.id }, body: { rail, amount } };
  },
  createDepositAddress: (source) => {
    const wallet = source.pool.object('wallet', source.random);
    const target = wallet && targetOf(source, wallet);
    if (!target) return undefined;
    const { amount: _, ...destination } = target;
    return { params: { customerId: wallet.customerId }, body: { source: USDC, destination } };
  },
  updateDepositAddress: ({ random, pool }) => {
    const address = pool.object('depositAddress', random);
    return address && { params: { depositAddressId: address.id }, body: random.pick(CHANGES) };
  },
  simulateDeposit: ({ random, pool }) => {
    const address = pool.object('depositAddress', random);
    const value = random.pick(['0.000001', '0.50', ...AMOUNTS]);
    return address && { params: { depositAddressId: address.id }, body: { amount: { value } } };
  },
  // Seldom what keeps every later payment from coming to its end, and then not for long.
  updateSettings: ({ random }) => ({ body: random.pick(SETTINGS_CHANGES) }),
  // Few are switched on: each event is delivered to each of them.
  createWebhook: ({ random }) => ({
    body: {
      url: 'http://127.0.0.1:9/hook',
      events: random.pick([[], ['cashIn.*'], ['transaction.*.failed']]),
      enabled: random.chance(0.05),
      ...(random.chance(0.3) && { rateLimit: random.int(1, 1_000), inOrder: random.chance(0.5) }),
    },
  }),
  testWebhook: ({ random, pool }) => {
    const webhook = pool.objectWhere('webhook', random, ({ enabled }) => enabled === true);
    return webhook && { params: { webhookId: webhook.id } };
  },
  getWebhookDelivery: deliveryOf,
  retryWebhookDelivery: deliveryOf,
  replayWebhook: ({ random, pool }) => {
    const webhook = pool.objectWhere('webhook', random, ({ enabled }) => enabled === true);
    const event = pool.object('event', random);
    return webhook && { params: { webhookId: webhook.id }, body: random.pick(replaysOf(event)) };
  },
};

/** Of the webhook that has it. */
function deliveryOf({ random, pool }: Source): Partial<Draft> | undefined {
  const delivery = pool.object('webhookDelivery', random);
  return delivery && { params: { webhookId: delivery.webhookId, deliveryId: delivery.id } };
}

/** Ways to say what is sent again. */
const replaysOf = (event: Seen | undefined): Record<string, unknown>[] => [
  ...(event ? [{ eventIds: [event.id] }, { resource: event.resourceId, onlyUndelivered: true }] : []),
  { sinceLastSuccess: true },
  { createdAfter: '2024-01-15T10:00:00Z' },
];

const USDC = { asset: 'usdc', network: 'polygon' };

const DEFAULT_SETTINGS = { fees: null, developerFees: null, gasFee: null, limits: null, pace: null };
const SETTINGS_CHANGES = [
  DEFAULT_SETTINGS,
  DEFAULT_SETTINGS,
  { pace: 'manual' },
  { quoteLifetimeSeconds: 10 },
  { quoteLifetimeSeconds: null },
  { gasFee: '0.03', fees: { ach: { percentage: '0.01' }, cryptoToCrypto: { fixed: '0.000001' } } },
  { developerFees: { wire: { percentage: '0.999999' }, depositAddress: { percentage: '0.015' } } },
];

/** Of an account or address that takes money in. */
const CHANGES = [{ status: 'active' }, { status: 'active' }, { status: 'paused' }, { label: 'Rent' }];

const virtualAccountTo = (wallet: Seen) => ({
  source: { asset: 'usd', network: 'usBank' },
  destination: { wallet: { wallet: wallet.id }, ...USDC },
});

const OUTSIDE_EVENTS = [
  { event: 'cashCollected' },
  { event: 'cashPickupExpired' },
  { event: 'payoutSettled' },
  { event: 'payoutRejected' },
  { event: 'payoutReturned', returnCode: 'R01' },
  { event: 'notificationOfChange', code: 'C01', corrected: { accountNumber: '987654321' } },
  { event: 'underReview' },
];

/** An account of one of the rails, by the examples of its fields. */
function accountOf(random: Random): Record<string, unknown> {
  const { type, network, fields } = random.pick(RAILS);
  const details = fields.map(({ name, example }) => [name, example] as const);
  return {
    type,
    network,
    owner: { name: 'Jane Smith', type: 'individual' },
    bankDetails: Object.fromEntries(details),
  };
}

interface Target extends Record<string, unknown> {
  readonly wallet?: Readonly<Record<string, unknown>>;
}

/** A wallet that may have money, mostly: one to which cash was paid in. */
function payerOf({ random, pool }: Source): Seen | undefined {
  const paid = pool.objectWhere('cashIn', random, ({ status }) => status === 'completed');
  const destination = paid?.destination as { readonly wallet: Seen } | undefined;
  if (paid && destination?.wallet.id !== undefined && random.chance(0.8)) {
    return { id: destination.wallet.id, customerId: paid.customerId };
  }
  return pool.object('wallet', random);
}

/** Somewhere a wallet can pay to. */
function targetOf({ random, pool }: Source, wallet: Seen): Target | undefined {
  const account = pool.objectWhere(
    'counterparty.',
    random,
    ({ customerId }) => customerId === wallet.customerId,
  );
  if (account && random.chance(0.6)) {
    const isAddress = account.type === 'blockchainAddress';
    const asset = isAddress ? USDC : { asset: 'usd', network: account.network };
    return { wallet: { externalAccount: account.id }, ...asset };
  }
  const location = pool.object('cashLocation', random);
  if (location?.cashOutAllowed === true && random.chance(0.3)) {
    const cash = { locationId: location.id, locationReference: location.locationReference };
    return { cash, asset: 'usd', network: 'cash', amount: random.pick(['20.00', '40.00']) };
  }
  const other = pool.object('wallet', random);
  const isToWallet = other && other.id !== wallet.id && random.chance(0.5);
  return { wallet: isToWallet ? { id: other.id } : { blockchainAddress: `0x${random.digits(40)}` }, ...USDC };
}

function quoteOf(
  random: Random,
  wallet: Seen,
  destination: Record<string, unknown>,
): Record<string, unknown> {
  return {
    customerId: wallet.customerId,
    source: {
      walletId: wallet.id,
      ...USDC,
      ...(destination.amount === undefined && { amount: random.pick(['1.00', '5.00', '12.345678']) }),
    },
    destination,
  };
}
