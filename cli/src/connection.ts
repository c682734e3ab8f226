import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { OmsError, OpenOMS } from '@openoms/sdk';
import { type CommandIo, UsageError } from './command.ts';

export const CONNECTION_OPTIONS = {
  'base-url': { type: 'string' },
  'api-key': { type: 'string' },
  'api-secret': { type: 'string' },
} as const;

export const CONNECTION_USAGE = `  --base-url, --api-key, --api-secret
                      the API; else OMS_BASE_URL, OMS_API_KEY and OMS_API_SECRET, else the
                      .openoms/sandbox.env of this directory or of one above`;

/** What an instance of one's own writes for its users. */
const HOME = '.openoms';
const FILE = 'sandbox.env';

const NAMES = {
  'base-url': 'OMS_BASE_URL',
  'api-key': 'OMS_API_KEY',
  'api-secret': 'OMS_API_SECRET',
} as const;
type Flag = keyof typeof NAMES;
const FLAGS = Object.keys(NAMES) as Flag[];

export interface Connection {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

type Given = Readonly<Partial<Record<Flag, string>>>;

/**
 * Where the API is and with which key. The file counts only when nothing else is given: its secret goes to no address
 * but its own. Throws `UsageError` when something lacks.
 */
export async function findConnection(flags: Given, io: CommandIo): Promise<Connection> {
  const given = Object.fromEntries(FLAGS.map((flag) => [flag, flags[flag] ?? io.env[NAMES[flag]]])) as Given;
  if (FLAGS.every((flag) => !given[flag])) {
    const found = await readSandboxFile(io);
    if (found) return found;
    if (io.env.OMS_HOME)
      throw new UsageError(`No instance was started in OMS_HOME: there is no ${FILE} in ${io.env.OMS_HOME}.`);
    throw new UsageError(
      'No API to talk to: run this where an instance was started (npm start), or give --base-url, --api-key and --api-secret, or OMS_BASE_URL, OMS_API_KEY and OMS_API_SECRET.',
    );
  }
  return complete(given, (lacking) => `Also give --${lacking.join(' and --')}.`);
}

function complete(given: Given, sentence: (lacking: readonly Flag[]) => string): Connection {
  const { 'base-url': baseUrl, 'api-key': apiKey, 'api-secret': apiSecret } = given;
  if (!baseUrl || !apiKey || !apiSecret) throw new UsageError(sentence(FLAGS.filter((flag) => !given[flag])));
  if (!URL.canParse(baseUrl)) throw new UsageError(`${baseUrl} is no URL.`);
  return { baseUrl, apiKey, apiSecret };
}

async function readSandboxFile({ env, cwd }: CommandIo): Promise<Connection | undefined> {
  for (const home of env.OMS_HOME ? [resolve(cwd, env.OMS_HOME)] : homesAbove(cwd)) {
    const connection = await connectionOfHome(home);
    if (connection) return connection;
  }
  return undefined;
}

/** What an instance wrote into its home when it started; undefined where none has started. */
export async function connectionOfHome(home: string): Promise<Connection | undefined> {
  const file = join(home, FILE);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new UsageError(`${file} cannot be read: ${error.message}`);
  });
  if (text === undefined) return undefined;
  const pairs = parseEnv(text);
  const given = Object.fromEntries(FLAGS.map((flag) => [flag, pairs[NAMES[flag]]])) as Given;
  return complete(given, (lacking) => `${file} has no ${lacking.map((flag) => NAMES[flag]).join(', ')}.`);
}

function homesAbove(directory: string): string[] {
  const above = dirname(directory);
  return [join(directory, HOME), ...(above === directory ? [] : homesAbove(above))];
}

/** `maxRetries`: 0 for who wants to know at once that the API is away. */
export const connect = (connection: Connection, options: { readonly maxRetries?: number } = {}): OpenOMS =>
  new OpenOMS({ ...connection, ...options });

/** Whether the same call may succeed later: nobody answered, or the server is in trouble. */
export const isAway = (error: unknown): error is OmsError =>
  error instanceof OmsError && (error.status === 0 || error.status === 429 || error.status >= 500);

/** Whether the API understood the call and says no to it, as it would again. */
export const isRefusal = (error: unknown): error is OmsError =>
  error instanceof OmsError &&
  error.status >= 400 &&
  error.status < 500 &&
  ![401, 429].includes(error.status);

/** Runs what talks to the API; its refusals become one sentence each. */
export async function withApi<T>({ baseUrl }: Connection, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OmsError)) throw error;
    if (error.status === 0) throw new UsageError(`Nobody answers at ${baseUrl}: ${reasonOf(error)}`);
    if (error.status === 401) throw new UsageError(`${baseUrl} refuses the API key: ${error.message}`);
    const details = error.details.map(({ field, issue }) => ` ${field} ${issue}.`).join('');
    const request = error.requestId === undefined ? '' : ` (${error.requestId})`;
    throw new UsageError(
      `${baseUrl} answers ${error.status} ${error.code}: ${error.message}${details}${request}`,
    );
  }
}

/** The innermost cause says most: `connect ECONNREFUSED 127.0.0.1:4010`. */
export function reasonOf(error: Error): string {
  let reason: unknown = error;
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause;
  const inner = reason instanceof AggregateError ? reason.errors[0] : reason;
  return inner instanceof Error && inner.message !== '' ? inner.message : error.message;
}
