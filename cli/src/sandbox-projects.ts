import type { SandboxProject, SandboxProjectsRequest } from '@openoms/contract/sandbox-projects.ts';
import { readArguments } from './arguments.ts';
import { type Command, EXIT_OK, UsageError } from './command.ts';
import { CONNECTION_OPTIONS, CONNECTION_USAGE, connect, findConnection, withApi } from './connection.ts';

const USAGE = `Usage: openoms sandbox projects create [--name name] [--seed seed] [--starts-at time]
       openoms sandbox projects create --count 8 [--name name] [--seed seed]

Makes sandbox projects beside the one whose key asks, and prints the key of each as settings of the environment.

  --name name         what it is called; with --count: how the names begin
  --seed seed         the same requests in the same order are given the same ids, codes and addresses
  --starts-at time    where its clock stands: 2026-01-15T10:00:00Z
  --count 8           so many, numbered from 1; so are their seeds
  --json              print what the API answers
${CONNECTION_USAGE}`;

const OPTIONS = {
  ...CONNECTION_OPTIONS,
  name: { type: 'string' },
  seed: { type: 'string' },
  'starts-at': { type: 'string' },
  count: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const DEFAULT_NAME = 'Project';

type Values = ReturnType<typeof readArguments<typeof OPTIONS>>['values'];

export const sandboxProjects: Command = {
  name: 'sandbox projects',
  summary: 'make projects for tests that run beside each other',
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, OPTIONS, USAGE);
    if (values.help) {
      io.out(USAGE);
      return EXIT_OK;
    }
    if (positionals.join(' ') !== 'create') throw new UsageError(USAGE);
    const request = requestOf(values);
    const connection = await findConnection(values, io);
    const client = connect(connection);
    const answer = await withApi(connection, () => client.sandbox.projects.create(request));
    for (const line of values.json ? [JSON.stringify(answer)] : answer.data.flatMap(projectLines)) {
      io.out(line);
    }
    return EXIT_OK;
  },
};

function requestOf(values: Values): SandboxProjectsRequest {
  const { name, seed, count, 'starts-at': startsAt } = values;
  if (count === undefined) {
    return {
      projects: [{ name: name ?? DEFAULT_NAME, ...(seed && { seed }), ...(startsAt && { startsAt }) }],
    };
  }
  if (!/^[1-9][0-9]{0,2}$/.test(count)) throw new UsageError(`--count takes a number: not ${count}.`);
  if (startsAt !== undefined) throw new UsageError(`--starts-at does not go with --count.\n\n${USAGE}`);
  return { count: Number(count), ...(name && { namePrefix: name }), ...(seed && { seed }) };
}

const projectLines = ({ id, name, apiKey, apiSecret }: SandboxProject): string[] => [
  `# ${name}`,
  `OMS_PROJECT_ID=${id}`,
  `OMS_API_KEY=${apiKey}`,
  `OMS_API_SECRET=${apiSecret}`,
];
