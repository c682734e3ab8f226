import type { BodyOf, ParamsOf, QueryOf, ReplyOf } from '@openoms/contract/operation.ts';
import type { OperationId, Operations } from '@openoms/contract/operations.ts';

export type { OperationId };

type OnTheWire = {
  readonly [Id in OperationId]: Pick<Operations[Id], 'method' | 'path' | 'auth' | 'idempotency'>;
};

/**
 * How each operation goes over the wire. The contract's literal types check every value, so that this
 * package carries no schemas at run time and still cannot disagree with them.
 */
export const OPERATIONS: OnTheWire = {
  createToken: { method: 'POST', path: '/auth/token', auth: 'none', idempotency: 'none' },
  createCustomer: { method: 'POST', path: '/customers', auth: 'bearer', idempotency: 'required' },
  listCustomers: { method: 'GET', path: '/customers', auth: 'bearer', idempotency: 'none' },
  getCustomer: { method: 'GET', path: '/customers/:customerId', auth: 'bearer', idempotency: 'none' },
  updateCustomer: {
    method: 'PATCH',
    path: '/customers/:customerId',
    auth: 'bearer',
    idempotency: 'optional',
  },
  getCustomerBalance: {
    method: 'GET',
    path: '/customers/:customerId/balance',
    auth: 'bearer',
    idempotency: 'none',
  },
  listCustomerTransactions: {
    method: 'GET',
    path: '/customers/:customerId/transactions',
    auth: 'bearer',
    idempotency: 'none',
  },
  createWallet: {
    method: 'POST',
    path: '/customers/:customerId/wallets',
    auth: 'bearer',
    idempotency: 'required',
  },
  listCustomerWallets: {
    method: 'GET',
    path: '/customers/:customerId/wallets',
    auth: 'bearer',
    idempotency: 'none',
  },
  getWallet: { method: 'GET', path: '/wallets/:walletId', auth: 'bearer', idempotency: 'none' },
  getWalletBalance: {
    method: 'GET',
    path: '/wallets/:walletId/balance',
    auth: 'bearer',
    idempotency: 'none',
  },
  listExternalAccountSchemas: {
    method: 'GET',
    path: '/external-accounts/schemas',
    auth: 'bearer',
    idempotency: 'none',
  },
  createExternalAccount: {
    method: 'POST',
    path: '/customers/:customerId/external-accounts',
    auth: 'bearer',
    idempotency: 'optional',
  },
  listCustomerExternalAccounts: {
    method: 'GET',
    path: '/customers/:customerId/external-accounts',
    auth: 'bearer',
    idempotency: 'none',
  },
  getExternalAccount: {
    method: 'GET',
    path: '/external-accounts/:externalAccountId',
    auth: 'bearer',
    idempotency: 'none',
  },
  getCustomerExternalAccount: {
    method: 'GET',
    path: '/customers/:customerId/external-accounts/:externalAccountId',
    auth: 'bearer',
    idempotency: 'none',
  },
  deleteExternalAccount: {
    method: 'DELETE',
    path: '/external-accounts/:externalAccountId',
    auth: 'bearer',
    idempotency: 'optional',
  },
  deleteCustomerExternalAccount: {
    method: 'DELETE',
    path: '/customers/:customerId/external-accounts/:externalAccountId',
    auth: 'bearer',
    idempotency: 'optional',
  },
  listCashLocations: { method: 'GET', path: '/cash-locations', auth: 'bearer', idempotency: 'none' },
  createCashIn: { method: 'POST', path: '/cash-ins', auth: 'bearer', idempotency: 'required' },
  listCashIns: { method: 'GET', path: '/cash-ins', auth: 'bearer', idempotency: 'none' },
  getCashIn: { method: 'GET', path: '/cash-ins/:cashInId', auth: 'bearer', idempotency: 'none' },
  refreshCashIn: {
    method: 'POST',
    path: '/cash-ins/:cashInId/refresh',
    auth: 'bearer',
    idempotency: 'required',
  },
  simulateBarcodeAuth: {
    method: 'POST',
    path: '/cash-ins/simulate/barcode-auth',
    auth: 'bearer',
    idempotency: 'optional',
  },
  simulateAuthCommit: {
    method: 'POST',
    path: '/cash-ins/simulate/auth-commit',
    auth: 'bearer',
    idempotency: 'optional',
  },
  simulateCashIn: {
    method: 'POST',
    path: '/cash-ins/:cashInId/simulate',
    auth: 'bearer',
    idempotency: 'optional',
  },
  simulateStatementLine: {
    method: 'POST',
    path: '/sandbox/statement-lines',
    auth: 'bearer',
    idempotency: 'optional',
  },
  getSandboxClock: { method: 'GET', path: '/sandbox/clock', auth: 'bearer', idempotency: 'none' },
  setSandboxClock: { method: 'POST', path: '/sandbox/clock', auth: 'bearer', idempotency: 'optional' },
  listSandboxTimers: { method: 'GET', path: '/sandbox/clock/timers', auth: 'bearer', idempotency: 'none' },
  createSandboxProjects: {
    method: 'POST',
    path: '/sandbox/projects',
    auth: 'bearer',
    idempotency: 'optional',
  },
  createSandboxApiKey: {
    method: 'POST',
    path: '/sandbox/api-keys',
    auth: 'bearer',
    idempotency: 'optional',
  },
  createSandboxTrouble: { method: 'POST', path: '/sandbox/trouble', auth: 'bearer', idempotency: 'optional' },
  listSandboxTrouble: { method: 'GET', path: '/sandbox/trouble', auth: 'bearer', idempotency: 'none' },
  deleteSandboxTrouble: {
    method: 'DELETE',
    path: '/sandbox/trouble/:troubleId',
    auth: 'bearer',
    idempotency: 'optional',
  },
  deleteAllSandboxTrouble: {
    method: 'DELETE',
    path: '/sandbox/trouble',
    auth: 'bearer',
    idempotency: 'optional',
  },
  resetSandbox: { method: 'POST', path: '/sandbox/reset', auth: 'bearer', idempotency: 'optional' },
  createSandboxSnapshot: {
    method: 'POST',
    path: '/sandbox/snapshots',
    auth: 'bearer',
    idempotency: 'optional',
  },
  listSandboxSnapshots: { method: 'GET', path: '/sandbox/snapshots', auth: 'bearer', idempotency: 'none' },
  restoreSandboxSnapshot: {
    method: 'POST',
    path: '/sandbox/snapshots/:name/restore',
    auth: 'bearer',
    idempotency: 'optional',
  },
  deleteSandboxSnapshot: {
    method: 'DELETE',
    path: '/sandbox/snapshots/:name',
    auth: 'bearer',
    idempotency: 'optional',
  },
  simulateTransaction: {
    method: 'POST',
    path: '/transactions/:transactionId/simulate',
    auth: 'bearer',
    idempotency: 'optional',
  },
  simulateEndorsements: {
    method: 'POST',
    path: '/customers/:customerId/endorsements/simulate',
    auth: 'bearer',
    idempotency: 'optional',
  },
  simulateRate: { method: 'POST', path: '/sandbox/rates', auth: 'bearer', idempotency: 'optional' },
  listMagicValues: { method: 'GET', path: '/sandbox/magic-values', auth: 'bearer', idempotency: 'none' },
  simulateWalletDeposit: {
    method: 'POST',
    path: '/wallets/:walletId/simulate',
    auth: 'bearer',
    idempotency: 'required',
  },
  createQuote: { method: 'POST', path: '/quotes', auth: 'bearer', idempotency: 'required' },
  getQuote: { method: 'GET', path: '/quotes/:quoteId', auth: 'bearer', idempotency: 'none' },
  createTransaction: { method: 'POST', path: '/transactions', auth: 'bearer', idempotency: 'required' },
  listTransactions: { method: 'GET', path: '/transactions', auth: 'bearer', idempotency: 'none' },
  getTransaction: {
    method: 'GET',
    path: '/transactions/:transactionId',
    auth: 'bearer',
    idempotency: 'none',
  },
  createVirtualAccount: {
    method: 'POST',
    path: '/customers/:customerId/virtual-accounts',
    auth: 'bearer',
    idempotency: 'required',
  },
  listCustomerVirtualAccounts: {
    method: 'GET',
    path: '/customers/:customerId/virtual-accounts',
    auth: 'bearer',
    idempotency: 'none',
  },
  getVirtualAccount: {
    method: 'GET',
    path: '/virtual-accounts/:virtualAccountId',
    auth: 'bearer',
    idempotency: 'none',
  },
  updateVirtualAccount: {
    method: 'PATCH',
    path: '/virtual-accounts/:virtualAccountId',
    auth: 'bearer',
    idempotency: 'optional',
  },
  deleteVirtualAccount: {
    method: 'DELETE',
    path: '/virtual-accounts/:virtualAccountId',
    auth: 'bearer',
    idempotency: 'optional',
  },
  listVirtualAccountDeposits: {
    method: 'GET',
    path: '/virtual-accounts/:virtualAccountId/deposits',
    auth: 'bearer',
    idempotency: 'none',
  },
  simulateVirtualAccountDeposit: {
    method: 'POST',
    path: '/virtual-accounts/:virtualAccountId/simulate',
    auth: 'bearer',
    idempotency: 'optional',
  },
  createDepositAddress: {
    method: 'POST',
    path: '/customers/:customerId/deposit-addresses',
    auth: 'bearer',
    idempotency: 'required',
  },
  listDepositAddresses: {
    method: 'GET',
    path: '/customers/:customerId/deposit-addresses',
    auth: 'bearer',
    idempotency: 'none',
  },
  getDepositAddress: {
    method: 'GET',
    path: '/deposit-addresses/:depositAddressId',
    auth: 'bearer',
    idempotency: 'none',
  },
  updateDepositAddress: {
    method: 'PATCH',
    path: '/deposit-addresses/:depositAddressId',
    auth: 'bearer',
    idempotency: 'optional',
  },
  deleteDepositAddress: {
    method: 'DELETE',
    path: '/deposit-addresses/:depositAddressId',
    auth: 'bearer',
    idempotency: 'optional',
  },
  listAddressDeposits: {
    method: 'GET',
    path: '/deposit-addresses/:depositAddressId/deposits',
    auth: 'bearer',
    idempotency: 'none',
  },
  releaseDepositAddress: {
    method: 'POST',
    path: '/deposit-addresses/:depositAddressId/release',
    auth: 'bearer',
    idempotency: 'required',
  },
  listAllAddressDeposits: {
    method: 'GET',
    path: '/deposit-address-deposits',
    auth: 'bearer',
    idempotency: 'none',
  },
  simulateDeposit: {
    method: 'POST',
    path: '/deposit-addresses/:depositAddressId/simulate',
    auth: 'bearer',
    idempotency: 'required',
  },
  createWebhook: { method: 'POST', path: '/webhooks', auth: 'bearer', idempotency: 'required' },
  listWebhooks: { method: 'GET', path: '/webhooks', auth: 'bearer', idempotency: 'none' },
  getWebhook: { method: 'GET', path: '/webhooks/:webhookId', auth: 'bearer', idempotency: 'none' },
  updateWebhook: { method: 'PATCH', path: '/webhooks/:webhookId', auth: 'bearer', idempotency: 'optional' },
  deleteWebhook: { method: 'DELETE', path: '/webhooks/:webhookId', auth: 'bearer', idempotency: 'optional' },
  rotateWebhookSecret: {
    method: 'POST',
    path: '/webhooks/:webhookId/rotate-secret',
    auth: 'bearer',
    idempotency: 'required',
  },
  testWebhook: { method: 'POST', path: '/webhooks/:webhookId/test', auth: 'bearer', idempotency: 'optional' },
  listWebhookDeliveries: {
    method: 'GET',
    path: '/webhooks/:webhookId/deliveries',
    auth: 'bearer',
    idempotency: 'none',
  },
  getWebhookDelivery: {
    method: 'GET',
    path: '/webhooks/:webhookId/deliveries/:deliveryId',
    auth: 'bearer',
    idempotency: 'none',
  },
  retryWebhookDelivery: {
    method: 'POST',
    path: '/webhooks/:webhookId/deliveries/:deliveryId/retry',
    auth: 'bearer',
    idempotency: 'optional',
  },
  replayWebhook: {
    method: 'POST',
    path: '/webhooks/:webhookId/replay',
    auth: 'bearer',
    idempotency: 'optional',
  },
  listEvents: { method: 'GET', path: '/events', auth: 'bearer', idempotency: 'none' },
  getEvent: { method: 'GET', path: '/events/:eventId', auth: 'bearer', idempotency: 'none' },
  listEventTypes: { method: 'GET', path: '/event-types', auth: 'bearer', idempotency: 'none' },
  listAuditEntries: { method: 'GET', path: '/audit-entries', auth: 'bearer', idempotency: 'none' },
  listReconciliationRuns: {
    method: 'GET',
    path: '/reconciliation/runs',
    auth: 'bearer',
    idempotency: 'none',
  },
  listReconciliationBreaks: {
    method: 'GET',
    path: '/reconciliation/breaks',
    auth: 'bearer',
    idempotency: 'none',
  },
  listIgnoredTransfers: {
    method: 'GET',
    path: '/reconciliation/ignored-transfers',
    auth: 'bearer',
    idempotency: 'none',
  },
  listStatementLines: {
    method: 'GET',
    path: '/reconciliation/statement-lines',
    auth: 'bearer',
    idempotency: 'none',
  },
  listNetworks: { method: 'GET', path: '/networks', auth: 'bearer', idempotency: 'none' },
  getSettings: { method: 'GET', path: '/settings', auth: 'bearer', idempotency: 'none' },
  updateSettings: { method: 'PATCH', path: '/settings', auth: 'bearer', idempotency: 'optional' },
};

export type Body<Id extends OperationId> = BodyOf<Operations[Id]>;
export type Query<Id extends OperationId> = QueryOf<Operations[Id]>;
export type Reply<Id extends OperationId> = ReplyOf<Operations[Id]>;

/** What a caller may say about one call. */
export interface CallOptions {
  /** Kept over the retries of the call; generated for a mutation when absent. */
  readonly idempotencyKey?: string;
  /** Sandbox only: the name of a magic value that applies to what the call makes. */
  readonly scenario?: string;
  /** Ends the call, its waits and its retries included. */
  readonly signal?: AbortSignal;
}

/** A field that is absent, optional or required as its type is undefined, all-optional or neither. */
type InputField<Name extends string, Value> = [Value] extends [undefined]
  ? unknown
  : Partial<Value> extends Value
    ? { readonly [N in Name]?: Value }
    : { readonly [N in Name]: Value };

/** What one call takes: `params`, `query` and `body` as the contract says, and the call's options. */
export type CallInput<Id extends OperationId> = CallOptions &
  InputField<'params', ParamsOf<Operations[Id]>> &
  InputField<'query', QueryOf<Operations[Id]>> &
  InputField<'body', BodyOf<Operations[Id]>>;

/** Sends one operation and answers its success body. */
export type Requester = <Id extends OperationId>(operation: Id, input: CallInput<Id>) => Promise<Reply<Id>>;
