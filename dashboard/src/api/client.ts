import { CONSOLE_HEADER, CONSOLE_PATH } from '@openoms/contract/console/operation.ts';
import type { ErrorBody } from '@openoms/contract/errors.ts';
import { ApiProblem } from './problem.ts';
import type {
  AnyInput,
  InputArgs,
  PeopleReply,
  PeopleRoute,
  PeopleRoutes,
  ProjectReply,
  ProjectRoute,
  ProjectRoutes,
} from './routes.ts';

const TIMEOUT_MS = 40_000;
/** A call that got no answer is made again with the same key; what was done once is not done twice. */
const MAX_TRIES = 3;
const PAUSE_MS = 400;

/** A call of an operation about people. */
export const callPeople = <R extends PeopleRoute>(
  route: R,
  ...[input]: InputArgs<PeopleRoutes[R]>
): Promise<PeopleReply<R>> => send(CONSOLE_PATH, route, input ?? {}) as Promise<PeopleReply<R>>;

/** A call of an operation in a project. */
export const callProject = <R extends ProjectRoute>(
  projectId: string,
  route: R,
  ...[input]: InputArgs<ProjectRoutes[R]>
): Promise<ProjectReply<R>> => send(projectBase(projectId), route, input ?? {}) as Promise<ProjectReply<R>>;

export const projectBase = (projectId: string): string =>
  `${CONSOLE_PATH}/projects/${encodeURIComponent(projectId)}`;

/** Path and query of a call, every value encoded. */
export function addressOf(base: string, path: string, { params, query }: AnyInput): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params?.[name];
    if (value === undefined) throw new Error(`${path} needs ${name}`);
    return encodeURIComponent(value);
  });
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return `${base}${filled === '/' ? '' : filled}${search && `?${search}`}`;
}

/** 128 random bits. `crypto.randomUUID` is for secure contexts, and an instance may be met over plain HTTP. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

async function send(base: string, route: string, input: AnyInput): Promise<unknown> {
  const [method = 'GET', path = '/'] = route.split(' ');
  const address = addressOf(base, path, input);
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') {
    headers[CONSOLE_HEADER] = '1';
    // The server takes it where the contract knows it and passes it over elsewhere.
    headers['Idempotency-Key'] = newKey();
  }
  const body = method === 'POST' || method === 'PATCH' ? JSON.stringify(input.body ?? {}) : undefined;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const init = { method, headers, credentials: 'same-origin', ...(body !== undefined && { body }) } as const;
  const mayRepeat = method === 'GET' || base !== CONSOLE_PATH;
  for (let tried = 1; ; tried++) {
    try {
      return await read(await fetch(address, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) }));
    } catch (error) {
      const problem =
        error instanceof ApiProblem
          ? error
          : new ApiProblem(0, { code: 'unreachable', message: 'The server does not answer.' });
      if (problem.status !== 0 || !mayRepeat || tried >= MAX_TRIES) throw problem;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * tried));
    }
  }
}

async function read(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  const text = await response.text();
  const value = parse(text);
  if (response.ok && value !== undefined) return value;
  throw new ApiProblem(
    response.status,
    isErrorBody(value)
      ? value
      : { code: 'unreadable', message: `The server answered ${response.status} without an explanation.` },
  );
}

/** A gateway before the server answers in forms of its own. */
const isErrorBody = (value: unknown): value is ErrorBody =>
  typeof value === 'object' && value !== null && 'code' in value && 'message' in value;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
