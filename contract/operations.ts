import { listAuditEntries } from './audit-entries.ts';
import { createToken } from './auth.ts';
import { getCustomerBalance, getWalletBalance } from './balances.ts';
import { createCashIn, getCashIn, listCashIns, refreshCashIn } from './cash-ins.ts';
import { listCashLocations } from './cash-locations.ts';
import { createCustomer, getCustomer, listCustomers, updateCustomer } from './customers.ts';
import {
  createDepositAddress,
  deleteDepositAddress,
  getDepositAddress,
  listAddressDeposits,
  listAllAddressDeposits,
  listDepositAddresses,
  releaseDepositAddress,
  simulateDeposit,
  updateDepositAddress,
} from './deposit-addresses.ts';
import { getEvent, listEvents } from './event-log.ts';
import { listEventTypes } from './event-types.ts';
import {
  createExternalAccount,
  deleteCustomerExternalAccount,
  deleteExternalAccount,
  getCustomerExternalAccount,
  getExternalAccount,
  listCustomerExternalAccounts,
  listExternalAccountSchemas,
} from './external-accounts.ts';
import { getLiveness, getReadiness } from './health.ts';
import { listMagicValues } from './magic-values.ts';
import { listNetworks } from './networks.ts';
import type { Operation } from './operation.ts';
import { createQuote, getQuote } from './quotes.ts';
import {
  listIgnoredTransfers,
  listReconciliationBreaks,
  listReconciliationRuns,
  listStatementLines,
  simulateStatementLine,
} from './reconciliation.ts';
import { getSandboxClock, listSandboxTimers, setSandboxClock } from './sandbox-clock.ts';
import { createSandboxApiKey, createSandboxProjects } from './sandbox-projects.ts';
import {
  createSandboxTrouble,
  deleteAllSandboxTrouble,
  deleteSandboxTrouble,
  listSandboxTrouble,
} from './sandbox-trouble.ts';
import {
  createSandboxSnapshot,
  deleteSandboxSnapshot,
  listSandboxSnapshots,
  resetSandbox,
  restoreSandboxSnapshot,
} from './sandbox-world.ts';
import { getSettings, updateSettings } from './settings.ts';
import {
  simulateAuthCommit,
  simulateBarcodeAuth,
  simulateCashIn,
  simulateEndorsements,
  simulateRate,
  simulateTransaction,
  simulateWalletDeposit,
} from './simulations.ts';
import {
  createTransaction,
  getTransaction,
  listCustomerTransactions,
  listTransactions,
} from './transactions.ts';
import {
  createVirtualAccount,
  deleteVirtualAccount,
  getVirtualAccount,
  listCustomerVirtualAccounts,
  listVirtualAccountDeposits,
  simulateVirtualAccountDeposit,
  updateVirtualAccount,
} from './virtual-accounts.ts';
import { createWallet, getWallet, listCustomerWallets } from './wallets.ts';
import {
  getWebhookDelivery,
  listWebhookDeliveries,
  replayWebhook,
  retryWebhookDelivery,
  testWebhook,
} from './webhook-deliveries.ts';
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  rotateWebhookSecret,
  updateWebhook,
} from './webhooks.ts';

/** Every operation under the version prefix, by operationId. */
export const OPERATIONS = {
  createToken,
  createCustomer,
  listCustomers,
  getCustomer,
  updateCustomer,
  getCustomerBalance,
  listCustomerTransactions,
  createWallet,
  listCustomerWallets,
  getWallet,
  getWalletBalance,
  listExternalAccountSchemas,
  createExternalAccount,
  listCustomerExternalAccounts,
  getExternalAccount,
  getCustomerExternalAccount,
  deleteExternalAccount,
  deleteCustomerExternalAccount,
  listCashLocations,
  createCashIn,
  listCashIns,
  getCashIn,
  refreshCashIn,
  simulateBarcodeAuth,
  simulateAuthCommit,
  simulateTransaction,
  simulateEndorsements,
  simulateWalletDeposit,
  simulateRate,
  listMagicValues,
  simulateCashIn,
  simulateStatementLine,
  getSandboxClock,
  setSandboxClock,
  listSandboxTimers,
  createSandboxProjects,
  createSandboxApiKey,
  createSandboxTrouble,
  listSandboxTrouble,
  deleteSandboxTrouble,
  deleteAllSandboxTrouble,
  resetSandbox,
  createSandboxSnapshot,
  listSandboxSnapshots,
  restoreSandboxSnapshot,
  deleteSandboxSnapshot,
  createQuote,
  getQuote,
  createTransaction,
  listTransactions,
  getTransaction,
  createVirtualAccount,
  listCustomerVirtualAccounts,
  getVirtualAccount,
  updateVirtualAccount,
  deleteVirtualAccount,
  listVirtualAccountDeposits,
  simulateVirtualAccountDeposit,
  createDepositAddress,
  listDepositAddresses,
  getDepositAddress,
  updateDepositAddress,
  deleteDepositAddress,
  listAddressDeposits,
  releaseDepositAddress,
  listAllAddressDeposits,
  simulateDeposit,
  createWebhook,
  listWebhooks,
  getWebhook,
  updateWebhook,
  deleteWebhook,
  rotateWebhookSecret,
  testWebhook,
  listWebhookDeliveries,
  getWebhookDelivery,
  retryWebhookDelivery,
  replayWebhook,
  listEvents,
  getEvent,
  listEventTypes,
  listAuditEntries,
  listReconciliationRuns,
  listReconciliationBreaks,
  listIgnoredTransfers,
  listStatementLines,
  listNetworks,
  getSettings,
  updateSettings,
} as const satisfies Record<string, Operation>;

export type Operations = typeof OPERATIONS;
export type OperationId = keyof Operations;

/** The health checks: at the root, outside the version prefix. */
export const HEALTH_OPERATIONS = { getLiveness, getReadiness } as const satisfies Record<string, Operation>;
