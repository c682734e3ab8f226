import type { SandboxSnapshot, SandboxWorld } from '@openoms/contract/sandbox-world.ts';
import type { OpenOMS } from '@openoms/sdk';
import { readArguments } from './arguments.ts';
import { type Command, type CommandIo, EXIT_OK, UsageError } from './command.ts';
import { CONNECTION_OPTIONS, CONNECTION_USAGE, connect, findConnection, withApi } from './connection.ts';
import { tellRefusal } from './sandbox-refusals.ts';

const RESET_USAGE = `Usage: openoms sandbox reset [--seed seed | --no-seed] [--starts-at time]

Empties the world of a sandbox project: its keys, audit log and snapshots stay, and its treasury is full.

  --seed seed         ids, codes and addresses follow from it, and from the requests in their order
  --no-seed           they follow from nothing any more
  --starts-at time    the clock stands there: 2026-01-01T00:00:00Z
  --json              print what the API answers
${CONNECTION_USAGE}`;

const SNAPSHOT_USAGE = `Usage: openoms sandbox snapshot NAME

Keeps the world of a sandbox project as it is now, under a name.

  --json              print what the API answers
${CONNECTION_USAGE}`;

const SNAPSHOTS_USAGE = `Usage: openoms sandbox snapshots [--delete NAME]

Lists the snapshots of a sandbox project, newest first.

  --delete NAME       deletes one
  --json              print what the API answers
${CONNECTION_USAGE}`;

const RESTORE_USAGE = `Usage: openoms sandbox restore NAME

Makes the world of a sandbox project what it was when the snapshot was taken.

  --json              print what the API answers
${CONNECTION_USAGE}`;

const OPTIONS = {
  ...CONNECTION_OPTIONS,
  'starts-at': { type: 'string' },
  seed: { type: 'string' },
  'no-seed': { type: 'boolean' },
  delete: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof readArguments<typeof OPTIONS>>['values'];

/** Each of one command only. */
const OWN_OPTIONS = ['starts-at', 'seed', 'no-seed', 'delete'] as const;

interface WorldCommand {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  /** What it takes beside the options of all. */
  readonly takes: 'nothing' | 'a name';
  readonly options?: readonly (typeof OWN_OPTIONS)[number][];
  /** What it answered: for programs, and the lines for people. */
  run(client: OpenOMS, values: Values, name: string): Promise<readonly [answer: object, lines: string[]][]>;
}

const worldLine = ({ change, rows, now }: SandboxWorld): string => `${now}  ${change}  ${rows} rows`;
const snapshotLine = ({ name, rows, isRestorable, createdAt }: SandboxSnapshot): string =>
  `${createdAt}  ${name}  ${rows} rows${isRestorable ? '' : '  of another release'}`;

const command = (world: WorldCommand): Command => ({
  name: world.name,
  summary: world.summary,
  run: async (args, io: CommandIo) => {
    const { values, positionals } = readArguments(args, OPTIONS, world.usage);
    if (values.help) {
      io.out(world.usage);
      return EXIT_OK;
    }
    const [name = '', ...rest] = positionals;
    const isForeign = OWN_OPTIONS.some(
      (option) => values[option] !== undefined && !world.options?.includes(option),
    );
    if (isForeign || rest.length > 0 || (name !== '') !== (world.takes === 'a name'))
      throw new UsageError(world.usage);
    const connection = await findConnection(values, io);
    const client = connect(connection);
    return withApi(connection, () =>
      tellRefusal(io, 'There is no such snapshot in this project, or it is no sandbox.', async () => {
        for (const [answer, lines] of await world.run(client, values, name))
          for (const line of values.json ? [JSON.stringify(answer)] : lines) io.out(line);
        return EXIT_OK;
      }),
    );
  },
});

export const sandboxReset = command({
  name: 'sandbox reset',
  summary: 'empty the world of a sandbox project',
  usage: RESET_USAGE,
  takes: 'nothing',
  options: ['starts-at', 'seed', 'no-seed'],
  run: async ({ sandbox }, values) => {
    const { 'starts-at': startsAt, 'no-seed': isSeedless } = values;
    const seed = isSeedless ? null : values.seed;
    if (isSeedless && values.seed !== undefined) throw new UsageError(RESET_USAGE);
    const world = await sandbox.reset({
      ...(startsAt !== undefined && { startsAt }),
      ...(seed !== undefined && { seed }),
    });
    return [[world, [worldLine(world)]]];
  },
});

export const sandboxSnapshot = command({
  name: 'sandbox snapshot',
  summary: 'keep the world of a sandbox project as it is now',
  usage: SNAPSHOT_USAGE,
  takes: 'a name',
  run: async ({ sandbox }, _values, name) => {
    const snapshot = await sandbox.snapshots.create(name);
    return [[snapshot, [snapshotLine(snapshot)]]];
  },
});

export const sandboxSnapshots = command({
  name: 'sandbox snapshots',
  summary: 'list or delete what was kept',
  usage: SNAPSHOTS_USAGE,
  takes: 'nothing',
  options: ['delete'],
  run: async ({ sandbox }, values) => {
    if (values.delete !== undefined) {
      await sandbox.snapshots.delete(values.delete);
      return [];
    }
    const { data } = await sandbox.snapshots.list();
    return data.map((snapshot) => [snapshot, [snapshotLine(snapshot)]] as const);
  },
});

export const sandboxRestore = command({
  name: 'sandbox restore',
  summary: 'make the world of a sandbox project what it was',
  usage: RESTORE_USAGE,
  takes: 'a name',
  run: async ({ sandbox }, _values, name) => {
    const world = await sandbox.snapshots.restore(name);
    return [[world, [worldLine(world)]]];
  },
});
