import type { LoggedEvent } from '@openoms/contract/event-log.ts';
import { EVENTS, type EventName } from '@openoms/contract/events.ts';
import type { OpenOMS } from '@openoms/sdk';
import { readArguments } from './arguments.ts';
import { type Command, type CommandIo, EXIT_FAILED, EXIT_OK, UsageError } from './command.ts';
import { CONNECTION_OPTIONS, CONNECTION_USAGE, connect, findConnection, withApi } from './connection.ts';
import { eventLine } from './event-lines.ts';
import { instancePorts, NotReached, TakesLong } from './recipes/instance-ports.ts';
import type { RecipePorts } from './recipes/ports.ts';
import type { Recipe } from './recipes/recipe.ts';
import { RECIPES } from './recipes/recipes.ts';
import { Steps } from './recipes/steps.ts';
import { similarNames } from './similar-names.ts';

const USAGE = `Usage: openoms trigger <event> [--wait]
       openoms trigger --list

Makes an event happen in a sandbox project, by ordinary calls of the API: a new customer, a cash-in,
a payout and whatever else it takes. Prints what it made and the events that came of it.

  --list              the events and what is done for each
  --wait              wait for what takes more than a minute, such as the hour of a deposit code
  --json              print one JSON object
${CONNECTION_USAGE}`;

const OPTIONS = {
  ...CONNECTION_OPTIONS,
  list: { type: 'boolean' },
  wait: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

const NAMES = Object.keys(EVENTS) as EventName[];
/** Of one thing that a recipe made. */
const MAX_EVENTS = 100;

export const trigger: Command = {
  name: 'trigger',
  summary: 'make an event happen in a sandbox project',
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, OPTIONS, USAGE);
    if (values.help) {
      io.out(USAGE);
      return EXIT_OK;
    }
    if (values.list) {
      for (const name of NAMES) io.out(listLine(name, RECIPES[name]));
      return EXIT_OK;
    }
    const name = readName(positionals);
    const recipe: Recipe = RECIPES[name];
    if (recipe.beyondClients !== undefined) {
      throw new UsageError(`${name} cannot be triggered. ${recipe.beyondClients}`);
    }
    const connection = await findConnection(values, io);
    return withApi(connection, () =>
      cook(name, recipe, connect(connection), io, { isPatient: !!values.wait, isJson: !!values.json }),
    );
  },
};

function readName(words: readonly string[]): EventName {
  const [given, ...more] = words;
  if (given === undefined || more.length > 0) throw new UsageError(`Name one event.\n\n${USAGE}`);
  const name = NAMES.find((each) => each === given);
  if (name) return name;
  const near = similarNames(given, NAMES);
  const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'openoms trigger --list names them.';
  throw new UsageError(`There is no event ${given}. ${hint}`);
}

function listLine(name: EventName, { does, takesMinutes, beyondClients }: Recipe): string {
  const remark = beyondClients
    ? ` Not here: ${beyondClients}`
    : takesMinutes
      ? ` Takes ${takesMinutes} min.`
      : '';
  return `${name.padEnd(LONGEST)}  ${does}${remark}`;
}

const LONGEST = Math.max(...NAMES.map(({ length }) => length));

interface Made {
  readonly kind: string;
  readonly id: string;
}

async function cook(
  name: EventName,
  recipe: Recipe,
  client: OpenOMS,
  io: CommandIo,
  { isPatient, isJson }: { readonly isPatient: boolean; readonly isJson: boolean },
): Promise<number> {
  await requireSandbox(client);
  const made: Made[] = [];
  const ports = instancePorts({
    client,
    isPatient,
    signal: io.signal,
    onMade: (kind, id) => {
      made.push({ kind, id });
      if (!isJson) io.out(`made ${kind.padEnd(16)} ${id}`);
    },
  });
  const outcome = await run(name, recipe, ports);
  if (io.signal.aborted) return EXIT_FAILED;
  const events = await eventsOf(client, made, outcome.event);
  if (isJson) io.out(JSON.stringify({ event: name, made, events, isReached: outcome.problem === undefined }));
  else for (const event of events) io.out(eventLine(event));
  if (outcome.problem !== undefined) io.err(outcome.problem);
  return outcome.code;
}

interface Outcome {
  readonly code: number;
  /** The one that was asked for. */
  readonly event?: LoggedEvent;
  readonly problem?: string;
}

async function run(name: EventName, recipe: Recipe, ports: RecipePorts): Promise<Outcome> {
  try {
    const resourceId = await recipe.run(new Steps(ports));
    const event = await ports.until(`${resourceId} has ${name}`, async () => {
      const [latest] = await ports.client.events.list({ resource: resourceId, type: name }).take(1);
      return latest;
    });
    return { code: EXIT_OK, event };
  } catch (error) {
    if (error instanceof TakesLong) {
      const problem = `${name} comes by itself in about ${recipe.takesMinutes} minutes; --wait waits for it.`;
      return { code: EXIT_OK, problem };
    }
    if (error instanceof NotReached) {
      return { code: EXIT_FAILED, problem: `${name} did not come: waited in vain until ${error.message}.` };
    }
    if (error instanceof Error && error.name === 'AbortError') return { code: EXIT_FAILED };
    throw error;
  }
}

/** The pace is a setting of sandbox projects alone. Recipes make customers and payments, which is no play elsewhere. */
async function requireSandbox(client: OpenOMS): Promise<void> {
  if ((await client.settings.get()).pace !== undefined) return;
  throw new UsageError('This is the key of a live project: events are triggered in sandbox projects only.');
}

/** Of what was made, and of the resource that the event is of, in the order in which they happened. */
async function eventsOf(
  client: OpenOMS,
  made: readonly Made[],
  event: LoggedEvent | undefined,
): Promise<LoggedEvent[]> {
  const resources = new Set(made.map(({ id }) => id));
  if (event) resources.add(event.resourceId);
  const lists = await Promise.all(
    [...resources].map((resource) => client.events.list({ resource, limit: MAX_EVENTS }).take(MAX_EVENTS)),
  );
  const byId = new Map([...lists.flat(), ...(event ? [event] : [])].map((each) => [each.id, each]));
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
