import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  lazyRouteComponent,
  notFound,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import type { FunctionComponent } from 'react';
import { ApiProblem } from './api/problem.ts';
import { sessionQuery } from './api/session.ts';
import type { UrlState } from './components/url-state.ts';
import { paths } from './paths.ts';
import { lastProjectOf } from './shell/last-project.ts';
import { Shell } from './shell/shell.tsx';

/** What the file of a page exports. */
export interface PageModule {
  readonly Page: FunctionComponent;
  /** Starts what the page will read, so that it is on its way before the page is drawn, or even pointed at. */
  readonly prefetch?: (
    client: QueryClient,
    params: Readonly<Record<string, string>>,
    search: UrlState,
  ) => unknown;
}

interface RouterContext {
  readonly client: QueryClient;
}

const root = createRootRouteWithContext<RouterContext>()({ component: Outlet });

/** A page whose code is a chunk of its own. */
const pageOptions = (load: () => Promise<PageModule>) => ({
  component: lazyRouteComponent(load, 'Page'),
  loaderDeps: ({ search }: { search: unknown }) => search as UrlState,
  loader: ({ context, params, deps }: { context: unknown; params: unknown; deps: UrlState }) => {
    const { client } = context as RouterContext;
    // Not awaited: the page shows where its data will be.
    void load().then(({ prefetch }) => prefetch?.(client, params as Record<string, string>, deps));
  },
});

const publicPage = (path: string, load: () => Promise<PageModule>) =>
  createRoute({ getParentRoute: () => root, path, ...pageOptions(load) });

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: Shell,
  loader: async ({ context, location }) => {
    try {
      return await context.client.ensureQueryData(sessionQuery);
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401)
        throw redirect({ to: paths.signIn(), search: { to: location.href } as never });
      throw error;
    }
  },
});

const start = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  loader: async ({ context }) => {
    const session = await context.client.ensureQueryData(sessionQuery);
    const project = lastProjectOf(session);
    throw redirect({ to: project ? paths.home(project.id) : paths.members() });
  },
});

const page = (path: string, load: () => Promise<PageModule>) =>
  createRoute({ getParentRoute: () => signedIn, path, ...pageOptions(load) });

const project = createRoute({
  getParentRoute: () => signedIn,
  path: '/p/$projectId',
  component: Outlet,
  loader: async ({ context, params }) => {
    const { projects } = await context.client.ensureQueryData(sessionQuery);
    if (!projects.some(({ id }) => id === params.projectId)) throw notFound();
  },
});

const projectPage = (path: string, load: () => Promise<PageModule>) =>
  createRoute({ getParentRoute: () => project, path, ...pageOptions(load) });

export const routeTree = root.addChildren([
  publicPage('/sign-in', () => import('./pages/sign-in/sign-in-page.tsx')),
  publicPage('/invitation', () => import('./pages/sign-in/invitation-page.tsx')),
  signedIn.addChildren([
    start,
    page('/account', () => import('./pages/account/account-page.tsx')),
    page('/organization/members', () => import('./pages/organization/members-page.tsx')),
    page('/organization/audit', () => import('./pages/organization/organization-audit-page.tsx')),
    project.addChildren([
      projectPage('/', () => import('./pages/home/home-page.tsx')),
      projectPage('/customers', () => import('./pages/customers/customers-page.tsx')),
      projectPage('/customers/$id', () => import('./pages/customers/customer-page.tsx')),
      projectPage('/wallets', () => import('./pages/wallets/wallets-page.tsx')),
      projectPage('/wallets/$id', () => import('./pages/wallets/wallet-page.tsx')),
      projectPage('/transactions', () => import('./pages/transactions/transactions-page.tsx')),
      projectPage('/transactions/$id', () => import('./pages/transactions/transaction-page.tsx')),
      projectPage('/cash-ins', () => import('./pages/cash-ins/cash-ins-page.tsx')),
      projectPage('/cash-ins/$id', () => import('./pages/cash-ins/cash-in-page.tsx')),
      projectPage('/ledger', () => import('./pages/ledger/ledger-page.tsx')),
      projectPage('/ledger/accounts/$id', () => import('./pages/ledger/ledger-account-page.tsx')),
      projectPage('/reconciliation', () => import('./pages/reconciliation/reconciliation-page.tsx')),
      projectPage('/events', () => import('./pages/events/events-page.tsx')),
      projectPage('/events/$id', () => import('./pages/events/event-page.tsx')),
      projectPage('/requests', () => import('./pages/requests/requests-page.tsx')),
      projectPage('/requests/$id', () => import('./pages/requests/request-page.tsx')),
      projectPage('/webhooks', () => import('./pages/webhooks/webhooks-page.tsx')),
      projectPage('/webhooks/$id', () => import('./pages/webhooks/webhook-page.tsx')),
      projectPage('/webhooks/$id/deliveries/$deliveryId', () => import('./pages/webhooks/delivery-page.tsx')),
      projectPage('/api-keys', () => import('./pages/api-keys/api-keys-page.tsx')),
      projectPage('/settings', () => import('./pages/settings/settings-page.tsx')),
      projectPage('/audit', () => import('./pages/audit/audit-page.tsx')),
      projectPage('/sandbox/till', () => import('./pages/sandbox/till-page.tsx')),
      projectPage('/sandbox/identity', () => import('./pages/sandbox/identity-page.tsx')),
      projectPage('/sandbox/bank', () => import('./pages/sandbox/bank-page.tsx')),
      projectPage('/sandbox/chain', () => import('./pages/sandbox/chain-page.tsx')),
      projectPage('/sandbox/clock', () => import('./pages/sandbox/clock-page.tsx')),
      projectPage('/sandbox/trouble', () => import('./pages/sandbox/trouble-page.tsx')),
      projectPage('/sandbox/snapshots', () => import('./pages/sandbox/snapshots-page.tsx')),
    ]),
  ]),
]);
