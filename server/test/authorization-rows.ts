import type { OperationId } from '@openoms/contract/operations.ts';
import type { OpenOMS } from '@openoms/sdk';
import { must } from '../src/kernel/assert.ts';
import type { Project, World } from './world.ts';

/** Whose object is tried instead of one's own. */
export type Owner = 'another tenant' | 'the other mode' | 'another customer' | 'deleted';

/** What of a kind there is that the caller may not have; the key is the prefix of its ids. */
export const KINDS: Readonly<Record<string, readonly Owner[]>> = {
  cst: ['another tenant', 'the other mode', 'another customer'],
  wlt: ['another tenant', 'the other mode', 'another customer'],
  ci: ['another tenant', 'the other mode', 'another customer'],
  // A live project has no till, so no transaction and no authorization.
  txn: ['another tenant', 'another customer'],
  va: ['another tenant', 'the other mode', 'another customer', 'deleted'],
  // A deleted one still tells of its deposits.
  da: ['another tenant', 'the other mode', 'another customer'],
  whk: ['another tenant', 'the other mode', 'deleted'],
  // Nobody has any.
  qt: [],
  cpBcAddr: [],
  cpUsBank: [],
  // Everybody's.
  loc: [],
  code: ['another tenant', 'the other mode'],
  cauth: ['another tenant', 'another customer'],
  accountNumber: ['another tenant', 'another customer'],
  accountReferenceNumber: ['another tenant', 'another customer'],
};

/** Objects of one customer of one project, by kind. */
export type Things = Readonly<Record<string, string>>;

/** Makes a thing of every kind, and gives `loc` its reference. */
export async function makeThings(world: World, project: Project, hasTill = true): Promise<Things> {
  const { client } = project;
  const customer = await world.provisionedCustomer(client);
  const wallet = await world.wallet(customer, client);
  const open = await world.cashIn(wallet, { client });
  const account = await client.virtualAccounts.create(customer.id, virtualAccount({ wallet: wallet.id }));
  const webhook = await client.webhooks.create({ url: 'https://hooks.example.com/', enabled: false });
  const location = await world.location();
  const depositAddress = await client.depositAddresses.create(customer.id, depositAddressBody(wallet.id));
  const things = {
    cst: customer.id,
    wlt: wallet.id,
    ci: open.id,
    va: account.id,
    da: depositAddress.id,
    whk: webhook.id,
    loc: location.id,
    locationReference: location.cashLocationReference,
    code: must(open.depositInstructions, 'a pending cash-in has a code').code,
  };
  if (hasTill) {
    const amount = { value: '5.00', currency: 'USD' } as const;
    await client.virtualAccounts.simulate(account.id, { rail: 'ach_in', amount });
    await client.depositAddresses.simulate(depositAddress.id, { amount: { value: '1.00' } });
  }
  return hasTill ? { ...things, ...(await thingsOfTheTill(world, client, wallet, open.id)) } : things;
}

const depositAddressBody = (walletId: string) => ({
  source: { asset: 'usdc', network: 'polygon' },
  destination: { asset: 'usdc', network: 'polygon', wallet: { wallet: walletId } },
});

/** A transaction, and the authorization of a cash-in that is not committed. */
async function thingsOfTheTill(
  world: World,
  client: OpenOMS,
  wallet: { readonly id: string; readonly customerId: string },
  openId: string,
): Promise<Things> {
  const paid = await world.cashIn(wallet, { client });
  await world.payAtTill(paid, '50.00', client);
  await world.drain();
  const authorized = await world.authorizeAtTill(await client.cashIns.get(openId), '30.00', client);
  return {
    txn: must((await client.cashIns.get(paid.id)).transactionId, 'a paid cash-in has a transaction'),
    cauth: authorized.originalConfirmationId,
    accountNumber: authorized.accountNumber,
    accountReferenceNumber: authorized.accountReferenceNumber,
  };
}

const virtualAccount = (wallet: { readonly wallet: string | undefined }) => ({
  source: { asset: 'usd', network: 'usBank' },
  destination: { wallet: { wallet: wallet.wallet ?? '' }, asset: 'usdc', network: 'polygon' },
});

export interface Request {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** A request of one's own that succeeds, where path parameters alone do not make it. */
export const REQUESTS: Partial<Record<OperationId, (own: Things) => Request>> = {
  createWallet: () => ({ body: { asset: 'usdc', chain: 'polygon' } }),
  updateCustomer: () => ({ body: { lastName: 'Thief' } }),
  createDepositAddress: (own) => ({
    body: { ...depositAddressBody(own.wlt ?? ''), developerFees: [{ rate: '0.01', wallet: own.wlt }] },
  }),
  updateDepositAddress: (own) => ({
    body: {
      label: 'Thief',
      destination: depositAddressBody(own.wlt ?? '').destination,
      developerFees: [{ rate: '0.01', wallet: own.wlt }],
    },
  }),
  simulateDeposit: () => ({ body: { amount: { value: '0.01' } } }),
  updateWebhook: () => ({ body: { url: 'https://hooks.example.com/thief' } }),
  createCashIn: (own) => ({
    body: {
      customerId: own.cst,
      source: { asset: 'usd', indicatedAmount: '20.00' },
      destination: { wallet: { wallet: own.wlt }, asset: 'usdc', network: 'polygon' },
      cash: { cashLocationId: own.loc, cashLocationReference: own.locationReference },
    },
  }),
  createVirtualAccount: (own) => ({
    body: { ...virtualAccount({ wallet: own.wlt }), developerFees: [{ type: 'percentage', rate: '0.01' }] },
  }),
  updateVirtualAccount: (own) => ({
    body: {
      destination: virtualAccount({ wallet: own.wlt }).destination,
      developerFees: [{ type: 'percentage', rate: '0.01' }],
    },
  }),
  simulateVirtualAccountDeposit: () => ({
    body: { rail: 'ach_in', amount: { value: '5.00', currency: 'USD' } },
  }),
  simulateBarcodeAuth: (own) => ({ body: { barcode: own.code, amount: '20.00' } }),
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

/**
 * `absent`: 404, as for an id that nobody has. `empty`: a list without entries. `unmoved`: it names no object to be
 * read, and the answer is that for an id that nobody has.
 */
export type Outcome = 'absent' | 'empty' | 'unmoved';

export interface Row {
  readonly operation: OperationId;
  /** Where the id stands: `params.walletId`, `query.customerId`, `body.destination.wallet.id`. */
  readonly at: string;
  readonly outcome: Outcome;
  /** Another place of the request, empty in this one. */
  readonly instead?: string;
  /** The request names a customer, and the thing must be that customer's. */
  readonly ofCustomer?: true;
  /** The kind, where the schema does not say that this is an id. */
  readonly kind?: string;
}

const TRANSACTION_FILTERS = [
  'walletId',
  'quoteId',
  'cashInId',
  'virtualAccountId',
  'depositAddressId',
] as const;
const VIRTUAL_ACCOUNT_OPERATIONS = [
  'getVirtualAccount',
  'updateVirtualAccount',
  'listVirtualAccountDeposits',
  'simulateVirtualAccountDeposit',
] as const;
const SIDES = ['senderCustomerId', 'recipientCustomerId'] as const;
const WALLET = 'body.destination.wallet';

const DEPOSIT_ADDRESS_OPERATIONS = [
  'getDepositAddress',
  'updateDepositAddress',
  'listAddressDeposits',
  'releaseDepositAddress',
  'simulateDeposit',
] as const;

/** Wallets may be other customers': they are paid to. */
const depositTargetRows = (operation: OperationId): readonly Row[] => [
  { operation, at: `${WALLET}.wallet`, outcome: 'absent' },
  ...['id', 'walletId', 'externalAccount', 'externalAccountId'].map(
    (name): Row => ({ operation, at: `${WALLET}.${name}`, outcome: 'absent', instead: `${WALLET}.wallet` }),
  ),
  { operation, at: 'body.developerFees.0.wallet', outcome: 'absent' },
];

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
  { operation: 'getTransaction', at: 'params.transactionId', outcome: 'absent' },
  { operation: 'simulateTransaction', at: 'params.transactionId', outcome: 'absent' },
  { operation: 'createVirtualAccount', at: 'params.customerId', outcome: 'absent' },
  { operation: 'listCustomerVirtualAccounts', at: 'params.customerId', outcome: 'absent' },
  ...VIRTUAL_ACCOUNT_OPERATIONS.map(
    (operation): Row => ({ operation, at: 'params.virtualAccountId', outcome: 'absent' }),
  ),
  { operation: 'createDepositAddress', at: 'params.customerId', outcome: 'absent' },
  { operation: 'listDepositAddresses', at: 'params.customerId', outcome: 'absent' },
  ...DEPOSIT_ADDRESS_OPERATIONS.map(
    (operation): Row => ({ operation, at: 'params.depositAddressId', outcome: 'absent' }),
  ),
  ...depositTargetRows('createDepositAddress'),
  ...depositTargetRows('updateDepositAddress'),
  { operation: 'listAllAddressDeposits', at: 'query.customerId', outcome: 'empty' },
  { operation: 'listAllAddressDeposits', at: 'query.depositAddressId', outcome: 'empty' },
  { operation: 'getWebhook', at: 'params.webhookId', outcome: 'absent' },
  { operation: 'updateWebhook', at: 'params.webhookId', outcome: 'absent' },
  { operation: 'deleteWebhook', at: 'params.webhookId', outcome: 'absent' },

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
  },
  ...(['createVirtualAccount', 'updateVirtualAccount'] as const).flatMap((operation): Row[] => [
    { operation, at: `${WALLET}.wallet`, outcome: 'absent', ofCustomer: true },
    ...['id', 'walletId', 'externalAccount'].map(
      (name): Row => ({
        operation,
        at: `${WALLET}.${name}`,
        outcome: 'absent',
        instead: `${WALLET}.wallet`,
        ...(name !== 'externalAccount' && { ofCustomer: true }),
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
  // Last, as one's own is gone then.
  { operation: 'deleteVirtualAccount', at: 'params.virtualAccountId', outcome: 'absent' },
  // Last, as it ends what the others ask for.
  { operation: 'deleteDepositAddress', at: 'params.depositAddressId', outcome: 'absent' },
];
