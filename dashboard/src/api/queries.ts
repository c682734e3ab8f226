import {
  infiniteQueryOptions,
  queryOptions,
  type UseMutationResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { toast } from '../components/toast.tsx';
import { callPeople, callProject } from './client.ts';
import { type ApiProblem, problemOf } from './problem.ts';
import type {
  InputArgs,
  ItemOf,
  PagedPeopleRoute,
  PagedProjectRoute,
  PeopleInput,
  PeopleReply,
  PeopleRoute,
  PeopleRoutes,
  ProjectInput,
  ProjectReply,
  ProjectRoute,
  ProjectRoutes,
} from './routes.ts';
import { useProject } from './session.ts';

const PAGE_SIZE = 50;

/** Of queries of a project: `['project', id, 'GET /path', input]`; live changes find them by their route. */
export const projectKey = (projectId: string) => ['project', projectId] as const;

/** What a loader prefetches and a page uses. */
export const projectQuery = <R extends ProjectRoute>(
  projectId: string,
  route: R,
  ...args: InputArgs<ProjectRoutes[R]>
) =>
  queryOptions<ProjectReply<R>, ApiProblem>({
    queryKey: [...projectKey(projectId), route, args[0] ?? {}],
    queryFn: () => callProject(projectId, route, ...args),
  });

interface ReadOptions<Reply = unknown> {
  readonly enabled?: boolean;
  /** For what no live change tells of, such as something that runs. */
  readonly refetchInterval?: number | false;
  /** The same, by what was read last: for what comes to an end. */
  readonly refetchWhile?: (reply: Reply) => number | false;
  /** Shows what was there while the new is on its way: for filters. */
  readonly keepPrevious?: boolean;
}

const toQueryOptions = ({ enabled, refetchInterval, keepPrevious }: ReadOptions) => ({
  ...(enabled !== undefined && { enabled }),
  ...(refetchInterval !== undefined && { refetchInterval }),
  ...(keepPrevious && { placeholderData: <T>(previous: T) => previous }),
});

/** Reads of the project of the page: `useProjectRead('GET /customers/:customerId', { params: { customerId } })`. */
export function useProjectRead<R extends ProjectRoute>(
  route: R,
  input: ProjectInput<R>,
  options: ReadOptions<ProjectReply<R>> = {},
) {
  const { id } = useProject();
  const args = [input] as InputArgs<ProjectRoutes[R]>;
  const { refetchWhile, ...rest } = options;
  return useQuery({
    ...projectQuery(id, route, ...args),
    ...toQueryOptions(rest),
    ...(refetchWhile && {
      refetchInterval: ({ state }: { readonly state: { readonly data: ProjectReply<R> | undefined } }) =>
        state.data === undefined ? false : refetchWhile(state.data),
    }),
  });
}

type PageReply = { data: unknown[]; hasMore: boolean; nextCursor?: string | null };
type PageOf<Reply> = Reply extends { data: (infer Item)[] } ? PageReply & { data: Item[] } : never;

/** A list by its pages, of which the next is asked for when it is scrolled to. */
export const projectPages = <R extends PagedProjectRoute>(
  projectId: string,
  route: R,
  input: ProjectInput<R>,
) =>
  infiniteQueryOptions({
    queryKey: [...projectKey(projectId), route, { pages: true, ...input }],
    queryFn: async ({ pageParam }) => {
      const query = {
        limit: PAGE_SIZE,
        ...(input as { query?: object }).query,
        ...(pageParam !== undefined && { startingAfter: pageParam }),
      };
      const args = [{ ...input, query }] as unknown as InputArgs<ProjectRoutes[R]>;
      const page = (await callProject(projectId, route, ...args)) as PageReply;
      return page as { data: ItemOf<R>[]; hasMore: boolean; nextCursor?: string | null };
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ hasMore, nextCursor }) => (hasMore ? (nextCursor ?? undefined) : undefined),
  });

/** A list scrolled further than this is not read anew under the reader's eyes; it says that there is news. */
export const MAX_PAGES_REFRESHED = 2;

/** Rows of a list of the project of the page; hand the result to `Table`. */
export function usePages<R extends PagedProjectRoute>(
  route: R,
  input: ProjectInput<R>,
  options: { readonly refetchInterval?: number | false; readonly enabled?: boolean } = {},
) {
  const { id } = useProject();
  const { refetchInterval = false, ...rest } = options;
  return useInfiniteQuery({
    ...projectPages(id, route, input),
    ...toQueryOptions(rest),
    // Each page that was scrolled to is a request.
    refetchInterval: ({ state }) =>
      (state.data?.pages.length ?? 0) > MAX_PAGES_REFRESHED ? false : refetchInterval,
    refetchOnWindowFocus: ({ state }) => (state.data?.pages.length ?? 0) <= MAX_PAGES_REFRESHED,
    refetchOnReconnect: ({ state }) => (state.data?.pages.length ?? 0) <= MAX_PAGES_REFRESHED,
  });
}

interface WriteOptions<Reply> {
  readonly onDone?: (reply: Reply) => void;
  /** Said in a toast when it is done. */
  readonly done?: string;
  /** Set where the form shows the problem itself; otherwise a toast does. */
  readonly showsProblem?: boolean;
}

const outcome = <Reply>({ onDone, done, showsProblem }: WriteOptions<Reply>, refresh: () => void) => ({
  onSuccess: (reply: Reply) => {
    if (done !== undefined) toast({ title: done });
    refresh();
    onDone?.(reply);
  },
  onError: (error: unknown) => {
    if (!showsProblem) toast({ title: problemOf(error).message, tone: 'failed' });
  },
});

/** A change in the project of the page. What is on screen of the project is read anew when it is done. */
export function useProjectWrite<R extends ProjectRoute>(
  route: R,
  options: WriteOptions<ProjectReply<R>> = {},
): UseMutationResult<ProjectReply<R>, ApiProblem, ProjectInput<R>> {
  const { id } = useProject();
  const client = useQueryClient();
  return useMutation<ProjectReply<R>, ApiProblem, ProjectInput<R>>({
    mutationFn: (input) => callProject(id, route, ...([input] as InputArgs<ProjectRoutes[R]>)),
    ...outcome(options, () => void client.invalidateQueries({ queryKey: projectKey(id) })),
  });
}

export const peopleQuery = <R extends PeopleRoute>(route: R, ...args: InputArgs<PeopleRoutes[R]>) =>
  queryOptions<PeopleReply<R>, ApiProblem>({
    queryKey: ['people', route, args[0] ?? {}],
    queryFn: () => callPeople(route, ...args),
  });

/** Pages of a list about people: the audit log. */
export const usePeoplePages = <R extends PagedPeopleRoute>(route: R, input: PeopleInput<R>) =>
  useInfiniteQuery({
    queryKey: ['people', route, { pages: true, ...input }],
    queryFn: async ({ pageParam }) => {
      const query = {
        limit: PAGE_SIZE,
        ...(input as { query?: object }).query,
        ...(pageParam !== undefined && { startingAfter: pageParam }),
      };
      const page = await callPeople(
        route,
        ...([{ ...input, query }] as unknown as InputArgs<PeopleRoutes[R]>),
      );
      return page as PageOf<PeopleReply<R>>;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ hasMore, nextCursor }) => (hasMore ? (nextCursor ?? undefined) : undefined),
  });

/** A change about people: members, invitations, the user. */
export function usePeopleWrite<R extends PeopleRoute>(
  route: R,
  options: WriteOptions<PeopleReply<R>> = {},
): UseMutationResult<PeopleReply<R>, ApiProblem, PeopleInput<R>> {
  const client = useQueryClient();
  return useMutation<PeopleReply<R>, ApiProblem, PeopleInput<R>>({
    mutationFn: (input) => callPeople(route, ...([input] as InputArgs<PeopleRoutes[R]>)),
    ...outcome(options, () => void client.invalidateQueries({ queryKey: ['people'] })),
  });
}
