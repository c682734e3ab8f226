import {
  getLedgerAccount,
  getLedgerHistory,
  getLedgerTotals,
  getLedgerVerification,
  listLedgerAccounts,
  listLedgerEntries,
  verifyLedger,
} from './ledger.ts';
import type { PeopleOperation, ProjectOperation } from './operation.ts';
import {
  acceptInvitation,
  confirmTotp,
  createInvitation,
  createProject,
  deleteInvitation,
  getSession,
  listInvitations,
  listMembers,
  listOrganizationAuditEntries,
  readInvitation,
  removeMember,
  removeTotp,
  signIn,
  signOut,
  startTotp,
  updateMember,
  updateUser,
} from './people.ts';
import { createApiKey, getOverview, listApiKeys, revokeApiKey, search, updateProject } from './project.ts';
import { getRequest, listRequests } from './requests.ts';
import { getCashInTimeline, getTransactionTimeline } from './timeline.ts';
import { getWalletHoldings, listWallets, listWalletTransfers } from './wallets.ts';

/** Below `CONSOLE_PATH`. */
export const PEOPLE_OPERATIONS = {
  signIn,
  getSession,
  signOut,
  updateUser,
  startTotp,
  confirmTotp,
  removeTotp,
  listMembers,
  updateMember,
  removeMember,
  listInvitations,
  createInvitation,
  deleteInvitation,
  readInvitation,
  acceptInvitation,
  createProject,
  listOrganizationAuditEntries,
} as const satisfies Record<string, PeopleOperation>;

/** Below `CONSOLE_PROJECT_PATH`, beside the operations of the API. */
export const PROJECT_OPERATIONS = {
  updateProject,
  listApiKeys,
  createApiKey,
  revokeApiKey,
  getOverview,
  search,
  listRequests,
  getRequest,
  getTransactionTimeline,
  getCashInTimeline,
  listWallets,
  getWalletHoldings,
  listWalletTransfers,
  listLedgerAccounts,
  getLedgerTotals,
  getLedgerAccount,
  listLedgerEntries,
  getLedgerHistory,
  verifyLedger,
  getLedgerVerification,
} as const satisfies Record<string, ProjectOperation>;
