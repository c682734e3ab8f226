import type { Body, CallOptions, OperationId, Query, Reply, Requester } from './operations.ts';
import { type ListPage, PagedList } from './paging.ts';

/** The operations that answer a page. */
type ListId = {
  [Id in OperationId]: Reply<Id> extends ListPage<unknown> ? Id : never;
}[OperationId];

type ItemOf<Id extends ListId> = Reply<Id>['data'][number];

/** A list whose pages are read by `read`, starting where the query says. */
function paged<Id extends ListId>(
  query: Query<Id> | undefined,
  read: (query: Query<Id>) => Promise<ListPage<ItemOf<Id>>>,
): PagedList<ItemOf<Id>> {
  const { startingAfter, endingBefore, ...filters } = { ...query } as Record<string, unknown>;
  const start = {
    ...(typeof startingAfter === 'string' ? { startingAfter } : {}),
    ...(typeof endingBefore === 'string' ? { endingBefore } : {}),
  };
  return new PagedList((cursor) => read({ ...filters, ...cursor } as Query<Id>), start);
}

export const customersResource = (request: Requester) => ({
  create: (body: Body<'createCustomer'>, options?: CallOptions) =>
    request('createCustomer', { ...options, body }),
  get: (customerId: string, options?: CallOptions) =>
    request('getCustomer', { ...options, params: { customerId } }),
  update: (customerId: string, body: Body<'updateCustomer'>, options?: CallOptions) =>
    request('updateCustomer', { ...options, params: { customerId }, body }),
  list: (query?: Query<'listCustomers'>, options?: CallOptions) =>
    paged<'listCustomers'>(query, (page) => request('listCustomers', { ...options, query: page })),
  balance: (customerId: string, query?: Query<'getCustomerBalance'>, options?: CallOptions) =>
    request('getCustomerBalance', { ...options, params: { customerId }, query: { ...query } }),
  transactions: (customerId: string, query?: Query<'listCustomerTransactions'>, options?: CallOptions) =>
    paged<'listCustomerTransactions'>(query, (page) =>
      request('listCustomerTransactions', { ...options, params: { customerId }, query: page }),
    ),
});

export const walletsResource = (request: Requester) => ({
  create: (customerId: string, body: Body<'createWallet'>, options?: CallOptions) =>
    request('createWallet', { ...options, params: { customerId }, body }),
  get: (walletId: string, options?: CallOptions) =>
    request('getWallet', { ...options, params: { walletId } }),
  list: (customerId: string, query?: Query<'listCustomerWallets'>, options?: CallOptions) =>
    paged<'listCustomerWallets'>(query, (page) =>
      request('listCustomerWallets', { ...options, params: { customerId }, query: page }),
    ),
  balance: (walletId: string, query?: Query<'getWalletBalance'>, options?: CallOptions) =>
    request('getWalletBalance', { ...options, params: { walletId }, query: { ...query } }),
});

export const externalAccountsResource = (request: Requester) => ({
  /** The fields that each rail needs: what `create` is checked by. */
  schemas: (query?: Query<'listExternalAccountSchemas'>, options?: CallOptions) =>
    request('listExternalAccountSchemas', { ...options, query: { ...query } }),
  create: (customerId: string, body: Body<'createExternalAccount'>, options?: CallOptions) =>
    request('createExternalAccount', { ...options, params: { customerId }, body }),
  get: (externalAccountId: string, options?: CallOptions) =>
    request('getExternalAccount', { ...options, params: { externalAccountId } }),
  list: (customerId: string, query?: Query<'listCustomerExternalAccounts'>, options?: CallOptions) =>
    paged<'listCustomerExternalAccounts'>(query, (page) =>
      request('listCustomerExternalAccounts', { ...options, params: { customerId }, query: page }),
    ),
  delete: (externalAccountId: string, options?: CallOptions) =>
    request('deleteExternalAccount', { ...options, params: { externalAccountId } }),
});

export const cashInsResource = (request: Requester) => ({
  create: (body: Body<'createCashIn'>, options?: CallOptions) =>
    request('createCashIn', { ...options, body }),
  get: (cashInId: string, options?: CallOptions) =>
    request('getCashIn', { ...options, params: { cashInId } }),
  list: (query?: Query<'listCashIns'>, options?: CallOptions) =>
    paged<'listCashIns'>(query, (page) => request('listCashIns', { ...options, query: page })),
  refresh: (cashInId: string, options?: CallOptions) =>
    request('refreshCashIn', { ...options, params: { cashInId } }),
});

export const cashLocationsResource = (request: Requester) => ({
  /** Nearest first; one page, whose size is the query's `limit`. */
  list: (query: Query<'listCashLocations'>, options?: CallOptions) =>
    paged<'listCashLocations'>(query, (page) => request('listCashLocations', { ...options, query: page })),
});

export const quotesResource = (request: Requester) => ({
  create: (body: Body<'createQuote'>, options?: CallOptions) => request('createQuote', { ...options, body }),
  get: (quoteId: string, options?: CallOptions) => request('getQuote', { ...options, params: { quoteId } }),
});

export const transactionsResource = (request: Requester) => ({
  /** Executes a quote. */
  create: (body: Body<'createTransaction'>, options?: CallOptions) =>
    request('createTransaction', { ...options, body }),
  get: (transactionId: string, query?: Query<'getTransaction'>, options?: CallOptions) =>
    request('getTransaction', { ...options, params: { transactionId }, query: { ...query } }),
  list: (query?: Query<'listTransactions'>, options?: CallOptions) =>
    paged<'listTransactions'>(query, (page) => request('listTransactions', { ...options, query: page })),
});

export const virtualAccountsResource = (request: Requester) => ({
  create: (customerId: string, body: Body<'createVirtualAccount'>, options?: CallOptions) =>
    request('createVirtualAccount', { ...options, params: { customerId }, body }),
  get: (virtualAccountId: string, options?: CallOptions) =>
    request('getVirtualAccount', { ...options, params: { virtualAccountId } }),
  update: (virtualAccountId: string, body: Body<'updateVirtualAccount'>, options?: CallOptions) =>
    request('updateVirtualAccount', { ...options, params: { virtualAccountId }, body }),
  list: (customerId: string, query?: Query<'listCustomerVirtualAccounts'>, options?: CallOptions) =>
    paged<'listCustomerVirtualAccounts'>(query, (page) =>
      request('listCustomerVirtualAccounts', { ...options, params: { customerId }, query: page }),
    ),
  delete: (virtualAccountId: string, options?: CallOptions) =>
    request('deleteVirtualAccount', { ...options, params: { virtualAccountId } }),
  /** What came in, and what became of it. */
  deposits: (virtualAccountId: string, query?: Query<'listVirtualAccountDeposits'>, options?: CallOptions) =>
    paged<'listVirtualAccountDeposits'>(query, (page) =>
      request('listVirtualAccountDeposits', { ...options, params: { virtualAccountId }, query: page }),
    ),
  /** Sandbox only: money comes in. */
  simulate: (virtualAccountId: string, body: Body<'simulateVirtualAccountDeposit'>, options?: CallOptions) =>
    request('simulateVirtualAccountDeposit', { ...options, params: { virtualAccountId }, body }),
});

export const depositAddressesResource = (request: Requester) => ({
  create: (customerId: string, body: Body<'createDepositAddress'>, options?: CallOptions) =>
    request('createDepositAddress', { ...options, params: { customerId }, body }),
  get: (depositAddressId: string, options?: CallOptions) =>
    request('getDepositAddress', { ...options, params: { depositAddressId } }),
  list: (customerId: string, query?: Query<'listDepositAddresses'>, options?: CallOptions) =>
    paged<'listDepositAddresses'>(query, (page) =>
      request('listDepositAddresses', { ...options, params: { customerId }, query: page }),
    ),
  /** What is absent stays as it is; `status: 'active'` also sends on what is held. */
  update: (depositAddressId: string, body: Body<'updateDepositAddress'>, options?: CallOptions) =>
    request('updateDepositAddress', { ...options, params: { depositAddressId }, body }),
  delete: (depositAddressId: string, options?: CallOptions) =>
    request('deleteDepositAddress', { ...options, params: { depositAddressId } }),
  /** Tries again to send on what is held; of a deleted address too. */
  release: (depositAddressId: string, options?: CallOptions) =>
    request('releaseDepositAddress', { ...options, params: { depositAddressId } }),
  deposits: (depositAddressId: string, query?: Query<'listAddressDeposits'>, options?: CallOptions) =>
    paged<'listAddressDeposits'>(query, (page) =>
      request('listAddressDeposits', { ...options, params: { depositAddressId }, query: page }),
    ),
  /** Of all addresses, deleted ones too. */
  allDeposits: (query?: Query<'listAllAddressDeposits'>, options?: CallOptions) =>
    paged<'listAllAddressDeposits'>(query, (page) =>
      request('listAllAddressDeposits', { ...options, query: page }),
    ),
  /** Sandbox only. */
  simulate: (depositAddressId: string, body: Body<'simulateDeposit'>, options?: CallOptions) =>
    request('simulateDeposit', { ...options, params: { depositAddressId }, body }),
});

export const webhooksResource = (request: Requester) => ({
  /** The answer alone holds the signing secret. */
  create: (body: Body<'createWebhook'>, options?: CallOptions) =>
    request('createWebhook', { ...options, body }),
  get: (webhookId: string, options?: CallOptions) =>
    request('getWebhook', { ...options, params: { webhookId } }),
  update: (webhookId: string, body: Body<'updateWebhook'>, options?: CallOptions) =>
    request('updateWebhook', { ...options, params: { webhookId }, body }),
  list: (query?: Query<'listWebhooks'>, options?: CallOptions) =>
    paged<'listWebhooks'>(query, (page) => request('listWebhooks', { ...options, query: page })),
  delete: (webhookId: string, options?: CallOptions) =>
    request('deleteWebhook', { ...options, params: { webhookId } }),
  /** Answers the new secret, this one time. */
  rotateSecret: (webhookId: string, body: Body<'rotateWebhookSecret'> = {}, options?: CallOptions) =>
    request('rotateWebhookSecret', { ...options, params: { webhookId }, body }),
  test: (webhookId: string, options?: CallOptions) =>
    request('testWebhook', { ...options, params: { webhookId } }),
  deliveries: (webhookId: string, query?: Query<'listWebhookDeliveries'>, options?: CallOptions) =>
    paged<'listWebhookDeliveries'>(query, (page) =>
      request('listWebhookDeliveries', { ...options, params: { webhookId }, query: page }),
    ),
  /** With each attempt. */
  delivery: (webhookId: string, deliveryId: string, options?: CallOptions) =>
    request('getWebhookDelivery', { ...options, params: { webhookId, deliveryId } }),
  retry: (webhookId: string, deliveryId: string, options?: CallOptions) =>
    request('retryWebhookDelivery', { ...options, params: { webhookId, deliveryId } }),
  replay: (webhookId: string, body: Body<'replayWebhook'>, options?: CallOptions) =>
    request('replayWebhook', { ...options, params: { webhookId }, body }),
});

/** What happened, whether a webhook subscribed to it or not. */
export const eventsResource = (request: Requester) => ({
  get: (eventId: string, options?: CallOptions) => request('getEvent', { ...options, params: { eventId } }),
  /** Newest first. With `endingBefore` the pages go towards the newest; each is newest first all the same. */
  list: (query?: Query<'listEvents'>, options?: CallOptions) =>
    paged<'listEvents'>(query, (page) => request('listEvents', { ...options, query: page })),
  /** Every event there is, with schema and example; there is one page. */
  types: (options?: CallOptions) =>
    paged<'listEventTypes'>(undefined, () => request('listEventTypes', { ...options })),
});

/** For operators: who changed how the project is set up. */
export const auditEntriesResource = (request: Requester) => ({
  list: (query?: Query<'listAuditEntries'>, options?: CallOptions) =>
    paged<'listAuditEntries'>(query, (page) => request('listAuditEntries', { ...options, query: page })),
});

/** For operators: what comparing the ledger with the chain found. */
export const reconciliationResource = (request: Requester) => ({
  runs: (query?: Query<'listReconciliationRuns'>, options?: CallOptions) =>
    paged<'listReconciliationRuns'>(query, (page) =>
      request('listReconciliationRuns', { ...options, query: page }),
    ),
  breaks: (query?: Query<'listReconciliationBreaks'>, options?: CallOptions) =>
    paged<'listReconciliationBreaks'>(query, (page) =>
      request('listReconciliationBreaks', { ...options, query: page }),
    ),
  statementLines: (query?: Query<'listStatementLines'>, options?: CallOptions) =>
    paged<'listStatementLines'>(query, (page) => request('listStatementLines', { ...options, query: page })),
  ignoredTransfers: (query?: Query<'listIgnoredTransfers'>, options?: CallOptions) =>
    paged<'listIgnoredTransfers'>(query, (page) =>
      request('listIgnoredTransfers', { ...options, query: page }),
    ),
});

export const networksResource = (request: Requester) => ({
  /** All of them; there is one page. */
  list: (options?: CallOptions) =>
    paged<'listNetworks'>(undefined, () => request('listNetworks', { ...options })),
});

/** Fees, limits and paces of the project. */
export const settingsResource = (request: Requester) => ({
  get: (options?: CallOptions) => request('getSettings', { ...options }),
  /** What is absent stays as it is; null goes back to the default. */
  update: (body: Body<'updateSettings'>, options?: CallOptions) =>
    request('updateSettings', { ...options, body }),
});

/** Sandbox only. */
export const simulateResource = (request: Requester) => ({
  barcodeAuth: (body: Body<'simulateBarcodeAuth'>, options?: CallOptions) =>
    request('simulateBarcodeAuth', { ...options, body }),
  authCommit: (body: Body<'simulateAuthCommit'>, options?: CallOptions) =>
    request('simulateAuthCommit', { ...options, body }),
  /** A cash network ends an order before cash was taken. */
  cashIn: (cashInId: string, body: Body<'simulateCashIn'>, options?: CallOptions) =>
    request('simulateCashIn', { ...options, params: { cashInId }, body }),
  /** A bank lists a payment on its statement. */
  statementLine: (body: Body<'simulateStatementLine'>, options?: CallOptions) =>
    request('simulateStatementLine', { ...options, body }),
  /** What a customer or a bank does: cash collected, a payout settled, returned and the like. */
  transaction: (transactionId: string, body: Body<'simulateTransaction'>, options?: CallOptions) =>
    request('simulateTransaction', { ...options, params: { transactionId }, body }),
  /** What the identity reviewer decides of a customer. */
  endorsements: (customerId: string, body: Body<'simulateEndorsements'>, options?: CallOptions) =>
    request('simulateEndorsements', { ...options, params: { customerId }, body }),
  /** Values of ordinary fields that make something happen; there is one page. */
  magicValues: (options?: CallOptions) =>
    paged<'listMagicValues'>(undefined, () => request('listMagicValues', { ...options })),
  /** From now on the project takes this rate; null: there is none; absent: the usual one. */
  rate: (body: Body<'simulateRate'>, options?: CallOptions) => request('simulateRate', { ...options, body }),
  /** A stranger sends tokens to a wallet. */
  walletDeposit: (walletId: string, body: Body<'simulateWalletDeposit'>, options?: CallOptions) =>
    request('simulateWalletDeposit', { ...options, params: { walletId }, body }),
});

/** Sandbox only. */
export const sandboxResource = (request: Requester) => ({
  clock: {
    get: (options?: CallOptions) => request('getSandboxClock', { ...options }),
    /** Freezes the project's clock, lets it run, or advances it and runs what falls due on the way. */
    set: (body: Body<'setSandboxClock'>, options?: CallOptions) =>
      request('setSandboxClock', { ...options, body }),
    /** What is pending, the next one first. */
    timers: (query?: Query<'listSandboxTimers'>, options?: CallOptions) =>
      request('listSandboxTimers', { ...options, ...(query && { query }) }),
  },
  projects: {
    /** Projects beside this one, with a key each; those with a seed repeat themselves. */
    create: (body: Body<'createSandboxProjects'>, options?: CallOptions) =>
      request('createSandboxProjects', { ...options, body }),
  },
  apiKeys: {
    /** A further key of the project. */
    create: (body: Body<'createSandboxApiKey'>, options?: CallOptions) =>
      request('createSandboxApiKey', { ...options, body }),
  },
  /** What goes wrong on purpose. */
  trouble: {
    create: (body: Body<'createSandboxTrouble'>, options?: CallOptions) =>
      request('createSandboxTrouble', { ...options, body }),
    /** Every rule that was not deleted; there is one page. */
    list: (options?: CallOptions) =>
      paged<'listSandboxTrouble'>(undefined, () => request('listSandboxTrouble', { ...options })),
    delete: (troubleId: string, options?: CallOptions) =>
      request('deleteSandboxTrouble', { ...options, params: { troubleId } }),
    deleteAll: (options?: CallOptions) => request('deleteAllSandboxTrouble', { ...options }),
  },
  /** Empties the world of the project. */
  reset: (body: Body<'resetSandbox'> = {}, options?: CallOptions) =>
    request('resetSandbox', { ...options, body }),
  snapshots: {
    create: (name: string, options?: CallOptions) =>
      request('createSandboxSnapshot', { ...options, body: { name } }),
    /** All of them, newest first. */
    list: (options?: CallOptions) => request('listSandboxSnapshots', { ...options }),
    /** Makes the world what it was. */
    restore: (name: string, options?: CallOptions) =>
      request('restoreSandboxSnapshot', { ...options, params: { name } }),
    delete: (name: string, options?: CallOptions) =>
      request('deleteSandboxSnapshot', { ...options, params: { name } }),
  },
});
