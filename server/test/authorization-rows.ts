import { depositAddressTo, OUTSIDE, type Things, USDC, virtualAccountTo } from './authorization-things.ts';

export interface Request {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** A request of one's own that succeeds, where path parameters alone do not make it. */
export const REQUESTS: Readonly<Record<string, (own: Things) => Request>> = {
  createWallet: () => ({ body: { asset: 'usdc', chain: 'polygon' } }),
  updateCustomer: () => ({ body: { lastName: 'Thief' } }),
  createExternalAccount: () => ({
    body: {
      type: 'usBank',
      network: 'ach',
      owner: { name: 'Thief', type: 'individual' },
      bankDetails: { accountNumber: '000123456789', routingNumber: '021000021', accountType: 'checking' },
    },
  }),
  'v0.11 createExternalAccount': (own) => ({
    body: {
      owner: { kind: 'customer', customerId: own.cst },
      type: 'bankUs',
      bankUs: { accountNumber: '000123456789', routingNumber: '021000021', accountType: 'checking' },
    },
  }),
  createQuote: (own) => quoteOf(own, { wallet: { blockchainAddress: OUTSIDE }, ...USDC }),
  'v0.11 createQuote': (own) => quoteOf(own, { blockchainAddress: OUTSIDE, ...USDC }),
  createTransaction: (own) => ({ body: { quoteId: own.openQuote } }),
  createDepositAddress: (own) => ({
    body: { ...depositAddressTo(own.wlt ?? ''), developerFees: [{ rate: '0.01', wallet: own.wlt }] },
  }),
  updateDepositAddress: (own) => ({
    body: {
      label: 'Thief',
      destination: depositAddressTo(own.wlt ?? '').destination,
      developerFees: [{ rate: '0.01', wallet: own.wlt }],
    },
  }),
  simulateDeposit: () => ({ body: { amount: { value: '0.01' } } }),
  createVirtualAccount: (own) => ({
    body: { ...virtualAccountTo(own.wlt ?? ''), developerFees: [{ type: 'percentage', rate: '0.01' }] },
  }),
  'v0.11 createVirtualAccount': (own) => ({
    body: {
      customerId: own.cst,
      type: 'bankUs',
      source: { asset: 'usd', network: 'usBank' },
      destination: { type: 'walletOms', details: { id: own.wlt } },
    },
  }),
  updateVirtualAccount: (own) => ({
    body: {
      destination: virtualAccountTo(own.wlt ?? '').destination,
      developerFees: [{ type: 'percentage', rate: '0.01' }],
    },
  }),
  simulateVirtualAccountDeposit: () => ({
    body: { rail: 'ach_in', amount: { value: '5.00', currency: 'USD' } },
  }),
  updateWebhook: () => ({ body: { url: 'https://hooks.example.com/thief' } }),
  rotateWebhookSecret: () => ({ body: { overlapSeconds: 0 } }),
  replayWebhook: (own) => ({ body: { eventIds: [own.evt] } }),
  createSandboxTrouble: (own) => ({ body: { kind: 'webhook.drop', webhookId: own.whk } }),
  createCashIn: (own) => ({
    body: {
      customerId: own.cst,
      source: { asset: 'usd', indicatedAmount: '20.00' },
      destination: { wallet: { wallet: own.wlt }, asset: 'usdc', network: 'polygon' },
      cash: { cashLocationId: own.loc, cashLocationReference: own.locationReference },
    },
  }),
  simulateBarcodeAuth: (own) => ({ body: { barcode: own.code, amount: '20.00' } }),
  simulateWalletDeposit: () => ({ body: { amount: { value: '0.01' } } }),
  simulateEndorsements: () => ({ body: { event: 'granted' } }),
  simulateCashIn: () => ({ body: { event: 'orderDeclined' } }),
  simulateStatementLine: (own) => ({
    body: { direction: 'debit', amount: '1.00', transactionId: own.txn },
  }),
  simulateTransaction: () => ({ body: { event: 'cashCollected' } }),
  simulateAuthCommit: (own) => ({
    body: {
      accountNumber: own.accountNumber,
      accountReferenceNumber: own.accountReferenceNumber,
      amount: '20.00',
      originalConfirmationId: own.cauth,
    },
  }),
};

const quoteOf = (own: Things, destination: object): Request => ({
  body: { customerId: own.cst, source: { walletId: own.purse, ...USDC, amount: '1.00' }, destination },
});

const toBank = (own: Things): Request => quoteOf(own, { asset: 'usd', network: 'ach' });

/** Of a time in which nothing will have happened. */
const REPLAY_OF_NOTHING = (): Request => ({ body: { createdAfter: '2100-01-01T00:00:00Z' } });

/** Cash is fixed by what is handed over. */
const toCash = (own: Things): Request => ({
  body: {
    customerId: own.cst,
    source: { walletId: own.purse, ...USDC },
    destination: {
      cash: { locationId: own.payoutPlace, locationReference: own.payoutReference },
      asset: 'usd',
      network: 'cash',
      amount: '40.00',
    },
  },
});

/**
 * `absent`: 404, as for an id that nobody has. `empty`: a list without entries. `nothing`: no delivery. `unmoved`: it names no object to be
 * read, and the answer is that for an id that nobody has.
 */
export type Outcome = 'absent' | 'empty' | 'nothing' | 'unmoved';

export interface Row {
  /** Its name: `createQuote`, `v0.11 createQuote`. */
  readonly operation: string;
  /** Where the id stands: `params.walletId`, `query.customerId`, `body.destination.wallet.id`. */
  readonly at: string;
  readonly outcome: Outcome;
  /** The request, where it is not that of the operation. */
  readonly request?: (own: Things) => Request;
  /** Another place of the request, empty in this one. */
  readonly instead?: string;
  /** The request names a customer, and the thing must be that customer's. */
  readonly ofCustomer?: true;
  /** The kind, where the schema does not say that this is an id. */
  readonly kind?: string;
}

const TRANSACTION_FILTERS = ['walletId', 'quoteId', 'virtualAccountId', 'depositAddressId'] as const;
const VIRTUAL_ACCOUNT_OPERATIONS = [
  'getVirtualAccount',
  'updateVirtualAccount',
  'listVirtualAccountDeposits',
  'simulateVirtualAccountDeposit',
  'deleteVirtualAccount',
];
const DEPOSIT_ADDRESS_OPERATIONS = [
  'getDepositAddress',
  'updateDepositAddress',
  'listAddressDeposits',
  'releaseDepositAddress',
  'simulateDeposit',
  'deleteDepositAddress',
];
const SIDES = ['senderCustomerId', 'recipientCustomerId'] as const;
const WALLET = 'body.destination.wallet';

/** Every id that a request may carry. */
export const ROWS: readonly Row[] = [
  { operation: 'getCustomer', at: 'params.customerId', outcome: 'absent' },
  { operation: 'updateCustomer', at: 'params.customerId', outcome: 'absent' },
  { operation: 'getCustomerBalance', at: 'params.customerId', outcome: 'absent' },
  { operation: 'listCustomerTransactions', at: 'params.customerId', outcome: 'absent' },
  { operation: 'createWallet', at: 'params.customerId', outcome: 'absent' },
  { operation: 'listCustomerWallets', at: 'params.customerId', outcome: 'absent' },
  { operation: 'getWallet', at: 'params.walletId', outcome: 'absent' },
  { operation: 'getWalletBalance', at: 'params.walletId', outcome: 'absent' },
  { operation: 'getCashIn', at: 'params.cashInId', outcome: 'absent' },
  { operation: 'refreshCashIn', at: 'params.cashInId', outcome: 'absent' },
  { operation: 'simulateStatementLine', at: 'body.transactionId', outcome: 'absent' },
  { operation: 'getTransaction', at: 'params.transactionId', outcome: 'absent' },
  { operation: 'simulateTransaction', at: 'params.transactionId', outcome: 'absent' },
  { operation: 'simulateWalletDeposit', at: 'params.walletId', outcome: 'absent' },
  { operation: 'simulateEndorsements', at: 'params.customerId', outcome: 'absent' },
  { operation: 'createDepositAddress', at: 'params.customerId', outcome: 'absent' },
  { operation: 'listDepositAddresses', at: 'params.customerId', outcome: 'absent' },
  ...DEPOSIT_ADDRESS_OPERATIONS.map(
    (operation): Row => ({ operation, at: 'params.depositAddressId', outcome: 'absent' }),
  ),
  ...['createDepositAddress', 'updateDepositAddress'].flatMap(depositTargetRows),
  { operation: 'listAllAddressDeposits', at: 'query.customerId', outcome: 'empty' },
  { operation: 'listAllAddressDeposits', at: 'query.depositAddressId', outcome: 'empty' },
  { operation: 'createVirtualAccount', at: 'params.customerId', outcome: 'absent' },
  { operation: 'v0.11 createVirtualAccount', at: 'body.customerId', outcome: 'absent' },
  {
    operation: 'v0.11 createVirtualAccount',
    at: 'body.destination.details.id',
    outcome: 'absent',
    ofCustomer: true,
  },
  { operation: 'listCustomerVirtualAccounts', at: 'params.customerId', outcome: 'absent' },
  ...VIRTUAL_ACCOUNT_OPERATIONS.map(
    (operation): Row => ({ operation, at: 'params.virtualAccountId', outcome: 'absent' }),
  ),
  { operation: 'getWebhook', at: 'params.webhookId', outcome: 'absent' },
  { operation: 'updateWebhook', at: 'params.webhookId', outcome: 'absent' },
  { operation: 'deleteWebhook', at: 'params.webhookId', outcome: 'absent' },
  ...['rotateWebhookSecret', 'testWebhook', 'replayWebhook', 'listWebhookDeliveries'].map(
    (operation): Row => ({ operation, at: 'params.webhookId', outcome: 'absent' }),
  ),
  ...['getWebhookDelivery', 'retryWebhookDelivery'].flatMap((operation): Row[] => [
    { operation, at: 'params.webhookId', outcome: 'absent' },
    { operation, at: 'params.deliveryId', outcome: 'absent', ofCustomer: true },
  ]),
  {
    operation: 'listWebhookDeliveries',
    at: 'query.eventId',
    outcome: 'empty',
    kind: 'tested',
    ofCustomer: true,
  },
  { operation: 'replayWebhook', at: 'body.eventIds.0', outcome: 'absent' },
  {
    operation: 'replayWebhook',
    at: 'body.resource',
    outcome: 'nothing',
    instead: 'body.eventIds',
    kind: 'ci',
  },
  { operation: 'replayWebhook', at: 'body.afterEventId', outcome: 'unmoved', request: REPLAY_OF_NOTHING },

  { operation: 'getEvent', at: 'params.eventId', outcome: 'absent' },
  { operation: 'createSandboxTrouble', at: 'body.webhookId', outcome: 'absent' },
  { operation: 'deleteSandboxTrouble', at: 'params.troubleId', outcome: 'absent' },
  { operation: 'listEvents', at: 'query.resource', outcome: 'empty', kind: 'ci' },
  { operation: 'listCashIns', at: 'query.customerId', outcome: 'empty' },
  { operation: 'listTransactions', at: 'query.customerId', outcome: 'empty' },
  ...SIDES.map((name): Row => ({ operation: 'listTransactions', at: `query.${name}`, outcome: 'empty' })),
  ...TRANSACTION_FILTERS.map(
    (name): Row => ({ operation: 'listTransactions', at: `query.${name}`, outcome: 'empty' }),
  ),
  ...TRANSACTION_FILTERS.map(
    (name): Row => ({
      operation: 'listCustomerTransactions',
      at: `query.${name}`,
      outcome: 'empty',
      ofCustomer: true,
    }),
  ),
  { operation: 'listTransactions', at: 'query.cashInId', outcome: 'empty' },
  { operation: 'listCustomerTransactions', at: 'query.cashInId', outcome: 'empty', ofCustomer: true },
  // They say whose view of one's own transaction is shown.
  ...SIDES.map((name): Row => ({ operation: 'getTransaction', at: `query.${name}`, outcome: 'unmoved' })),

  { operation: 'createCashIn', at: 'body.customerId', outcome: 'absent' },
  { operation: 'createCashIn', at: `${WALLET}.wallet`, outcome: 'absent', ofCustomer: true },
  ...['id', 'walletId'].map(
    (name): Row => ({
      operation: 'createCashIn',
      at: `${WALLET}.${name}`,
      outcome: 'absent',
      instead: `${WALLET}.wallet`,
      ofCustomer: true,
    }),
  ),
  {
    operation: 'createCashIn',
    at: `${WALLET}.externalAccount`,
    outcome: 'absent',
    instead: `${WALLET}.wallet`,
    ofCustomer: true,
  },
  ...['createVirtualAccount', 'updateVirtualAccount'].flatMap((operation): Row[] => [
    { operation, at: `${WALLET}.wallet`, outcome: 'absent', ofCustomer: true },
    ...['id', 'walletId', 'externalAccount'].map(
      (name): Row => ({
        operation,
        at: `${WALLET}.${name}`,
        outcome: 'absent',
        instead: `${WALLET}.wallet`,
        ofCustomer: true,
      }),
    ),
    { operation, at: 'body.developerFees.0.wallet', outcome: 'absent' },
  ]),
  { operation: 'createCashIn', at: 'body.cash.cashLocationId', outcome: 'absent' },
  {
    operation: 'createCashIn',
    at: 'body.cash.locationId',
    outcome: 'absent',
    instead: 'body.cash.cashLocationId',
  },
  { operation: 'simulateBarcodeAuth', at: 'body.customerId', outcome: 'absent', ofCustomer: true },
  { operation: 'simulateBarcodeAuth', at: 'body.barcode', outcome: 'absent', kind: 'code' },
  { operation: 'simulateAuthCommit', at: 'body.customerId', outcome: 'absent', ofCustomer: true },
  ...(
    [
      ['originalConfirmationId', 'cauth'],
      ['accountNumber', 'accountNumber'],
      ['accountReferenceNumber', 'accountReferenceNumber'],
    ] as const
  ).map(
    ([name, kind]): Row => ({
      operation: 'simulateAuthCommit',
      at: `body.${name}`,
      outcome: 'absent',
      kind,
      ofCustomer: true,
    }),
  ),

  { operation: 'createExternalAccount', at: 'params.customerId', outcome: 'absent' },
  { operation: 'v0.11 createExternalAccount', at: 'body.owner.customerId', outcome: 'absent' },
  { operation: 'listCustomerExternalAccounts', at: 'params.customerId', outcome: 'absent' },
  ...['get', 'delete'].flatMap((verb): Row[] => [
    { operation: `${verb}ExternalAccount`, at: 'params.externalAccountId', outcome: 'absent' },
    ...['params.customerId', 'params.externalAccountId'].map(
      (at): Row => ({
        operation: `${verb}CustomerExternalAccount`,
        at,
        outcome: 'absent',
        ofCustomer: true,
      }),
    ),
  ]),

  ...['createQuote', 'v0.11 createQuote'].flatMap(rowsOfQuote),
  ...['id', 'wallet', 'walletId'].map(
    (name): Row => ({
      operation: 'createQuote',
      at: `${WALLET}.${name}`,
      outcome: 'absent',
      instead: `${WALLET}.blockchainAddress`,
    }),
  ),
  {
    operation: 'v0.11 createQuote',
    at: 'body.destination.walletId',
    outcome: 'absent',
    instead: 'body.destination.blockchainAddress',
  },
  ...['getQuote', 'v0.11 getQuote'].map(
    (operation): Row => ({ operation, at: 'params.quoteId', outcome: 'absent' }),
  ),
  { operation: 'createTransaction', at: 'body.quoteId', outcome: 'absent', kind: 'openQuote' },
  // It ends the cash-in that the others are about.
  { operation: 'simulateCashIn', at: 'params.cashInId', outcome: 'absent' },
];

/** What both dialects have alike, and the accounts. */
function rowsOfQuote(operation: string): Row[] {
  const row = (at: string, rest: Partial<Row> = {}): Row => ({ operation, at, outcome: 'absent', ...rest });
  const accounts =
    operation === 'createQuote'
      ? [`${WALLET}.externalAccount`, `${WALLET}.externalAccountId`]
      : ['body.destination.externalAccountId'];
  return [
    row('body.customerId'),
    row('body.source.walletId', { ofCustomer: true }),
    ...['id', 'wallet'].map((name) =>
      row(`body.source.${name}`, { instead: 'body.source.walletId', ofCustomer: true }),
    ),
    ...accounts.map((at) => row(at, { request: toBank, ofCustomer: true })),
    row('body.destination.cash.locationId', { request: toCash, kind: 'payoutPlace' }),
    row('body.destination.cash.cashLocationId', {
      request: toCash,
      kind: 'payoutPlace',
      instead: 'body.destination.cash.locationId',
    }),
  ];
}

/** Wallets may be other customers': they are paid to. */
function depositTargetRows(operation: string): Row[] {
  const row = (at: string, rest: Partial<Row> = {}): Row => ({ operation, at, outcome: 'absent', ...rest });
  const instead = `${WALLET}.wallet`;
  const toAccount = (own: Things): Request => ({
    body: {
      ...(operation === 'createDepositAddress' && { source: USDC }),
      destination: { wallet: { wallet: own.wlt }, asset: 'usd', network: 'ach' },
    },
  });
  return [
    row(`${WALLET}.wallet`),
    ...['id', 'walletId'].map((name) => row(`${WALLET}.${name}`, { instead })),
    ...['externalAccount', 'externalAccountId'].map((name) =>
      row(`${WALLET}.${name}`, { instead, request: toAccount, ofCustomer: true }),
    ),
    row('body.developerFees.0.wallet'),
  ];
}
