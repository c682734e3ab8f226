import type { QueryClient } from '@tanstack/react-query';
import { createRouter } from '@tanstack/react-router';
import { routeTree } from './routes.tsx';
import { PageMissing, PageProblem } from './shell/page-states.tsx';

/** Before a page that takes longer shows that it does. */
const PENDING_MS = 250;

/** What stands behind `?` is text by name, and readable. */
const parseSearch = (search: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(search));
const stringifySearch = (search: Record<string, unknown>): string => {
  const pairs = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
};

export const createDashboardRouter = (client: QueryClient) =>
  createRouter({
    routeTree,
    basepath: '/dashboard',
    context: { client },
    parseSearch,
    stringifySearch,
    scrollRestoration: true,
    // Freshness is decided by the query client.
    defaultPreloadStaleTime: 0,
    defaultPendingMs: PENDING_MS,
    defaultErrorComponent: PageProblem,
    defaultNotFoundComponent: PageMissing,
  });
