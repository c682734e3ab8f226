import type { SandboxClock, SandboxClockChange, SandboxTimer } from '@openoms/contract/sandbox-clock.ts';
import type { OpenOMS } from '@openoms/sdk';
import { readArguments } from './arguments.ts';
import { type Command, type CommandIo, EXIT_OK, UsageError } from './command.ts';
import { CONNECTION_OPTIONS, CONNECTION_USAGE, connect, findConnection, withApi } from './connection.ts';
import { parseDurationMs } from './duration.ts';
import { tellRefusal } from './sandbox-refusals.ts';

const USAGE = `Usage: openoms sandbox clock [--freeze | --resume | --advance 3d | --to time | --next | --timers]

Shows the clock of a sandbox project, or sets it. What falls due on the way happens, in order, and is printed.

  --freeze            it stands still
  --resume            it runs on from where it stands
  --advance 3d        by so many seconds, minutes, hours or days: 90s, 15m, 2h, 3d
  --to time           to a time: 2026-01-15T10:00:00Z
  --next              to the next timer
  --timers            lists all that is pending
  --json              print what the API answers
${CONNECTION_USAGE}`;

const OPTIONS = {
  ...CONNECTION_OPTIONS,
  freeze: { type: 'boolean' },
  resume: { type: 'boolean' },
  advance: { type: 'string' },
  to: { type: 'string' },
  next: { type: 'boolean' },
  timers: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

const COMMANDS = ['freeze', 'resume', 'advance', 'to', 'next', 'timers'] as const;
const PAGE_LIMIT = 100;

type Change = Parameters<OpenOMS['sandbox']['clock']['set']>[0];
type Values = ReturnType<typeof readArguments<typeof OPTIONS>>['values'];

export const sandboxClock: Command = {
  name: 'sandbox clock',
  summary: 'show, freeze or advance the time of a sandbox project',
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, OPTIONS, USAGE);
    if (values.help) {
      io.out(USAGE);
      return EXIT_OK;
    }
    const given = COMMANDS.filter((name) => values[name] !== undefined);
    if (positionals.length > 0 || given.length > 1) throw new UsageError(`One thing at a time.\n\n${USAGE}`);
    const change = changeOf(values);
    const connection = await findConnection(values, io);
    const client = connect(connection);
    return withApi(connection, () =>
      tellRefusal(io, 'Only a sandbox project has a clock.', () => run(client, values, change, io)),
    );
  },
};

function changeOf(values: Values): Change | undefined {
  if (values.freeze) return { freeze: true };
  if (values.resume) return { resume: true };
  if (values.next) return { toNextTimer: true };
  if (values.to !== undefined) return { advanceTo: values.to };
  if (values.advance === undefined) return undefined;
  const byMs = parseDurationMs(values.advance);
  if (!byMs) throw new UsageError(`--advance takes 90s, 15m, 2h or 3d: not ${values.advance}.`);
  return { advanceSeconds: byMs / 1_000 };
}

async function run(
  client: OpenOMS,
  values: Values,
  change: Change | undefined,
  io: CommandIo,
): Promise<number> {
  const print = (answer: object, lines: readonly string[]): void => {
    for (const line of values.json ? [JSON.stringify(answer)] : lines) io.out(line);
  };
  if (values.timers) for await (const timer of timersOf(client)) print(timer, [timerLine(timer)]);
  else if (change) {
    const answer = await client.sandbox.clock.set(change);
    print(answer, [...eventLines(answer), ...clockLines(answer)]);
  } else {
    const clock = await client.sandbox.clock.get();
    print(clock, [...clockLines(clock), ...clock.timers.map(timerLine)]);
  }
  return EXIT_OK;
}

async function* timersOf(client: OpenOMS): AsyncGenerator<SandboxTimer> {
  let startingAfter: string | undefined;
  for (;;) {
    const page = await client.sandbox.clock.timers({
      limit: PAGE_LIMIT,
      ...(startingAfter && { startingAfter }),
    });
    yield* page.data;
    if (!page.hasMore || !page.nextCursor) return;
    startingAfter = page.nextCursor;
  }
}

function clockLines({ now, mode, offsetSeconds, move }: SandboxClock): string[] {
  const off =
    offsetSeconds === 0 ? '' : `, ${Math.abs(offsetSeconds)} s ${offsetSeconds > 0 ? 'ahead' : 'behind'}`;
  const waits = move?.waitsFor ? `, waits for ${move.waitsFor}` : '';
  const way = move?.status === 'advancing' ? [`on its way to ${move.to}${waits}`] : [];
  return [`${now}  ${mode}${off}`, ...way];
}

const timerLine = ({ dueAt, name, resourceId }: SandboxTimer): string =>
  `${dueAt}  ${name}${resourceId === null ? '' : `  ${resourceId}`}`;

const eventLines = ({ events, hasMoreEvents }: SandboxClockChange): string[] => [
  ...events.map(({ id, event, resourceId, createdAt }) => `${createdAt}  ${event}  ${resourceId}  ${id}`),
  ...(hasMoreEvents ? ['… and more: openoms events tail shows all'] : []),
];
