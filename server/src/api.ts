import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { auditEntryRoutes } from './audit-entries/routes.ts';
import { apiKeyRoutes } from './auth/console-routes.ts';
import { authRoutes } from './auth/routes.ts';
import { bankRoutes } from './bank/routes.ts';
import { cashInRoutes } from './cash-ins/routes.ts';
import type { Context } from './context.ts';
import { customerRoutes } from './customers/routes.ts';
import { PLATFORM } from './db/database.ts';
import { depositAddressRoutes } from './deposit-addresses/routes.ts';
import { eventLogRoutes } from './event-log/routes.ts';
import { externalAccountRoutes, flatExternalAccountRoutes } from './external-accounts/routes.ts';
import { ConsoleDoor } from './http/console-door.ts';
import { serveDashboard } from './http/dashboard.ts';
import { serveDocs } from './http/docs.ts';
import { Executor } from './http/execute.ts';
import { serveHealth } from './http/health.ts';
import { Idempotency } from './http/idempotency.ts';
import type { Route } from './http/operation.ts';
import type { PeopleRoute } from './http/people-operation.ts';
import { createHttpServer } from './http/server.ts';
import { assert } from './kernel/assert.ts';
import { ledgerExplorerRoutes } from './ledger-explorer/routes.ts';
import { networkRoutes } from './networks/routes.ts';
import { overviewRoutes } from './overview/routes.ts';
import { peopleRoutes } from './people/routes.ts';
import { consoleProjectRoutes, organizationProjectRoutes } from './projects/console-routes.ts';
import { projectRoutes } from './projects/routes.ts';
import { sandboxRoutes } from './providers/sandbox/routes.ts';
import { flatQuoteRoutes, quoteRoutes } from './quotes/routes.ts';
import { reconciliationRoutes } from './reconciliation/routes.ts';
import { requestLogRoutes } from './request-log/routes.ts';
import { sandboxClockRoutes } from './sandbox-clock/routes.ts';
import { sandboxTroubleRoutes } from './sandbox-trouble/routes.ts';
import { sandboxWorldRoutes } from './sandbox-world/routes.ts';
import { searchRoutes } from './search/routes.ts';
import { settingsRoutes } from './settings/routes.ts';
import { serveStream } from './stream/serve.ts';
import { timelineRoutes } from './timelines/routes.ts';
import { transactionRoutes } from './transactions/routes.ts';
import { flatVirtualAccountRoutes, virtualAccountRoutes } from './virtual-accounts/routes.ts';
import { walletExplorerRoutes } from './wallets/explorer-routes.ts';
import { walletRoutes } from './wallets/routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';

/** Where `npm run build:dashboard` puts it. */
const DASHBOARD = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));

/** Every operation with its handler. */
const routesOf = (context: Context): readonly Route[] => [
  ...authRoutes(context.apiKeys, context.tokens),
  ...customerRoutes(context.customers),
  ...walletRoutes(context.wallets),
  ...externalAccountRoutes(context.externalAccounts),
  ...bankRoutes(context.bank),
  ...cashInRoutes(context.cashIns, context.providers.cashNetwork),
  ...sandboxRoutes(context),
  ...projectRoutes(context),
  ...sandboxClockRoutes(context.sandboxClocks, context.ids),
  ...sandboxTroubleRoutes(context.sandboxTroubles, context.trouble),
  ...sandboxWorldRoutes(context.sandboxWorlds, context.ids),
  ...quoteRoutes(context.quotes),
  ...transactionRoutes(context.transactions, context.execution, context.customers),
  ...virtualAccountRoutes(context.virtualAccounts),
  ...depositAddressRoutes(context.depositAddresses),
  ...webhookRoutes(context.webhooks, context.audit),
  ...eventLogRoutes(context.eventLog),
  ...auditEntryRoutes(context.audit),
  ...networkRoutes(context.networks),
  ...settingsRoutes(context.settings),
  ...reconciliationRoutes(context.reconciliation, context.clock),
];

/** What members may ask in a project beside the operations of the API. */
const consoleRoutesOf = (context: Context): readonly Route[] => [
  ...requestLogRoutes(context.requestLog),
  ...timelineRoutes(context.timelines),
  ...ledgerExplorerRoutes(context.ledgerExplorer),
  ...walletExplorerRoutes(context.walletExplorer),
  ...overviewRoutes(context.overviews),
  ...searchRoutes(context.search),
  ...apiKeyRoutes(context),
  ...consoleProjectRoutes(context),
];

/** What they may ask of themselves and their organization. */
const peopleRoutesOf = (context: Context): readonly PeopleRoute[] => [
  ...peopleRoutes(context.people, context.audit),
  ...organizationProjectRoutes(context),
];

/** What the later dialect says in other forms. */
const dialectOf = (context: Context): readonly Route[] => [
  ...flatQuoteRoutes(context.quotes),
  ...flatExternalAccountRoutes(context.externalAccounts, context.customers),
  ...flatVirtualAccountRoutes(context.virtualAccounts),
];

/** The HTTP server of the API: operations, health and docs; not yet listening. */
export async function createApi(context: Context): Promise<FastifyInstance> {
  const { db, clock, ids, log, tokens, keyEncryption } = context;
  const idempotency = new Idempotency(clock, keyEncryption.derive('idempotency-fingerprint'));
  const executor = new Executor({ ...context, idempotency });
  const door = new ConsoleDoor({ ...context, publicUrl: context.publicUrl });
  const app = createHttpServer({
    routes: routesOf(context),
    dialect: dialectOf(context),
    consoleRoutes: consoleRoutesOf(context),
    peopleRoutes: peopleRoutesOf(context),
    door,
    executor,
    tokens,
    apiKeyUse: context.apiKeyUse,
    trustedProxies: context.trustedProxies ?? [],
    trouble: context.trouble,
    observer: context.requestRecorder,
    ids,
    clock,
    log,
  });
  serveHealth(app, {
    database: () => db.ping(),
    addresses: () =>
      db.tx(PLATFORM, async (tx) => assert(await context.addresses.hasFree(tx), 'no address is ready')),
  });
  serveStream(app, { ...context, door });
  app.addHook('onClose', () => context.requestRecorder.close());
  await serveDocs(app);
  serveDashboard(app, DASHBOARD);
  app.addHook('onClose', async () => {
    await context.apiKeyUse.flush();
    await context.passwords.close();
  });
  return app;
}
