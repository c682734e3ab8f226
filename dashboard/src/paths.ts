/** Every address of the dashboard, without its base. Pages are linked by these and by nothing else. */

const project = (projectId: string) => `/p/${encodeURIComponent(projectId)}`;
const below =
  (path: string) =>
  (projectId: string): string =>
    `${project(projectId)}/${path}`;
const one =
  (path: string) =>
  (projectId: string, id: string): string =>
    `${project(projectId)}/${path}/${encodeURIComponent(id)}`;

export const paths = {
  signIn: () => '/sign-in',
  invitation: () => '/invitation',
  account: () => '/account',
  members: () => '/organization/members',
  organizationAudit: () => '/organization/audit',
  home: project,
  customers: below('customers'),
  customer: one('customers'),
  wallets: below('wallets'),
  wallet: one('wallets'),
  transactions: below('transactions'),
  transaction: one('transactions'),
  cashIns: below('cash-ins'),
  cashIn: one('cash-ins'),
  ledger: below('ledger'),
  ledgerAccount: one('ledger/accounts'),
  reconciliation: below('reconciliation'),
  events: below('events'),
  event: one('events'),
  requests: below('requests'),
  request: one('requests'),
  webhooks: below('webhooks'),
  webhook: one('webhooks'),
  delivery: (projectId: string, webhookId: string, deliveryId: string) =>
    `${one('webhooks')(projectId, webhookId)}/deliveries/${encodeURIComponent(deliveryId)}`,
  apiKeys: below('api-keys'),
  settings: below('settings'),
  audit: below('audit'),
  till: below('sandbox/till'),
  identity: below('sandbox/identity'),
  bank: below('sandbox/bank'),
  chain: below('sandbox/chain'),
  clock: below('sandbox/clock'),
  trouble: below('sandbox/trouble'),
  snapshots: below('sandbox/snapshots'),
} as const;

const transactionsOf =
  (filter: string) =>
  (projectId: string, id: string): string =>
    `${paths.transactions(projectId)}?${filter}=${encodeURIComponent(id)}`;

/** By the prefix of an id, as server/src/kernel/ids.ts draws them. What has no page of its own is listed where it is seen. */
const PAGE_OF_PREFIX: Readonly<Record<string, (projectId: string, id: string) => string>> = {
  cst: paths.customer,
  wlt: paths.wallet,
  txn: paths.transaction,
  ci: paths.cashIn,
  lac: paths.ledgerAccount,
  evt: paths.event,
  req: paths.request,
  whk: paths.webhook,
  sk: paths.apiKeys,
  rcn: paths.reconciliation,
  brk: (projectId, id) => `${paths.reconciliation(projectId)}?break=${encodeURIComponent(id)}`,
  aud: paths.audit,
  usr: () => paths.members(),
  inv: () => paths.members(),
  tbl: paths.trouble,
  qt: transactionsOf('quoteId'),
  va: transactionsOf('virtualAccountId'),
  da: transactionsOf('depositAddressId'),
};

/** Kind, owner and asset: accounts of the ledger have no prefix. */
const LEDGER_ACCOUNT = /^[a-z_]+:[^:]+:[a-z]+$/;

/** The page that shows what has this id; undefined when none does. */
export function pageOfId(projectId: string, id: string): string | undefined {
  if (LEDGER_ACCOUNT.test(id)) return paths.ledgerAccount(projectId, id);
  const prefix = /^([A-Za-z]+)_/.exec(id)?.[1] ?? '';
  return PAGE_OF_PREFIX[prefix]?.(projectId, id);
}
