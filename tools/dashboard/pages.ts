import { paths } from '../../dashboard/src/paths.ts';

/** Things of each kind, for pages that show one. */
export interface Sample {
  readonly projectId: string;
  readonly ids: Readonly<
    Record<'customer' | 'wallet' | 'transaction' | 'cashIn' | 'event' | 'webhook', string>
  >;
  readonly deliveryId: string | undefined;
}

/** Every page there is, and the dialogs that have an address. */
export function pagesOf({ projectId, ids, deliveryId }: Sample): string[] {
  const lists = [
    paths.home,
    paths.customers,
    paths.wallets,
    paths.transactions,
    paths.cashIns,
    paths.ledger,
    paths.reconciliation,
    paths.events,
    paths.requests,
    paths.webhooks,
    paths.apiKeys,
    paths.settings,
    paths.audit,
    paths.till,
    paths.identity,
    paths.bank,
    paths.chain,
    paths.clock,
    paths.trouble,
    paths.snapshots,
  ].map((path) => path(projectId));
  const details = [
    paths.customer(projectId, ids.customer),
    paths.wallet(projectId, ids.wallet),
    paths.transaction(projectId, ids.transaction),
    paths.cashIn(projectId, ids.cashIn),
    paths.event(projectId, ids.event),
    paths.webhook(projectId, ids.webhook),
    ...(deliveryId === undefined ? [] : [paths.delivery(projectId, ids.webhook, deliveryId)]),
  ];
  const dialogs = [
    `${paths.apiKeys(projectId)}?dialog=create`,
    `${paths.webhooks(projectId)}?dialog=create`,
    `${paths.webhook(projectId, ids.webhook)}?dialog=replay`,
    `${paths.members()}?dialog=invite`,
  ];
  const choices = [
    `${paths.till(projectId)}?cashIn=${ids.cashIn}`,
    `${paths.identity(projectId)}?all=1&customer=${ids.customer}`,
    `${paths.bank(projectId)}?view=pickups&payout=${ids.transaction}`,
    `${paths.bank(projectId)}?tab=incoming&customer=${ids.customer}`,
    `${paths.bank(projectId)}?tab=statement`,
    `${paths.chain(projectId)}?customer=${ids.customer}`,
    `${paths.trouble(projectId)}?tab=magic-values`,
    `${paths.trouble(projectId)}?kind=api.status`,
    `${paths.ledger(projectId)}?tab=accounts`,
    paths.ledgerAccount(projectId, `customer_wallet:${ids.wallet}:usdc`),
    ...['runs', 'ignored', 'statement'].map((tab) => `${paths.reconciliation(projectId)}?tab=${tab}`),
  ];
  const ofPeople = [paths.account(), paths.members(), paths.organizationAudit()];
  return [...lists, ...details, ...dialogs, ...choices, ...ofPeople];
}
