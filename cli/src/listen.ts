import { once } from 'node:events';
import { readArguments } from './arguments.ts';
import { type Command, type CommandIo, EXIT_FAILED, EXIT_OK, UsageError } from './command.ts';
import {
  CONNECTION_OPTIONS,
  CONNECTION_USAGE,
  type Connection,
  connect,
  findConnection,
  withApi,
} from './connection.ts';
import { envelopeOf } from './delivery.ts';
import { listenSecret, readEndpoint } from './endpoint.ts';
import { count, eventLine, outageLines } from './event-lines.ts';
import { FEED_OPTIONS, FEED_USAGE, readPatterns, readStart } from './feed-start.ts';
import { follow } from './follow.ts';
import { deliveryIdOf, type Forwarded, Forwarder } from './forwarder.ts';

const USAGE = `Usage: openoms listen --forward-to <url> [options]

Sends the project's events to a URL, such as one of this machine, as a webhook is sent them: same body, same
headers, signed with a secret that it prints and that stays the same. An endpoint that fails is tried again a few
times within seconds, then the event is passed over. When the API goes away it waits, says how many events it has
missed, and catches up. Needs no webhook and no terminal; Ctrl-C ends it.

  --forward-to url    where to: http://localhost:3000/hooks?from=oms, localhost:3000/hooks or 3000/hooks
${FEED_USAGE}
  --secret whsec_…    sign with this secret instead
  --print-secret      print the secret and end
  --print-json        print the body of each event instead of a line about it
${CONNECTION_USAGE}`;

const OPTIONS = {
  ...CONNECTION_OPTIONS,
  ...FEED_OPTIONS,
  'forward-to': { type: 'string' },
  secret: { type: 'string' },
  'print-secret': { type: 'boolean' },
  'print-json': { type: 'boolean' },
} as const;

/** Whatever an endpoint subscribes to, the server sends it to the webhook that is tested and to no other. */
const FOR_ONE_WEBHOOK = 'webhook.test';

/** Waiting to be sent; reading goes on when they are fewer. */
const MAX_WAITING = 5_000;

type Values = ReturnType<typeof readArguments<typeof OPTIONS>>['values'];

export const listen: Command = {
  name: 'listen',
  summary: 'send events to a URL of this machine, signed as webhooks are',
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, OPTIONS, USAGE);
    if (values.help) {
      io.out(USAGE);
      return EXIT_OK;
    }
    if (positionals.length > 0) throw new UsageError(`listen takes no ${positionals.join(' ')}.\n\n${USAGE}`);
    const connection = await findConnection(values, io);
    if (values['print-secret']) {
      io.out(listenSecret(connection));
      return EXIT_OK;
    }
    return withApi(connection, () => forward(connection, values, io));
  },
};

async function forward(connection: Connection, values: Values, io: CommandIo): Promise<number> {
  const url = values['forward-to'];
  if (url === undefined)
    throw new UsageError(`Say where to, with --forward-to. To see events: openoms events tail.`);
  const endpoint = readEndpoint(url, values.secret, connection);
  const patterns = readPatterns(values.events);
  const client = connect(connection, { maxRetries: 0 });
  const from = await readStart(values.since, client);
  let passedOver = 0;
  const forwarder = new Forwarder({
    endpoint,
    signal: io.signal,
    onTrouble: ({ event, answer }) => io.err(`${event.id} ${event.event}: ${saidBy(answer)}; trying again`),
    onForwarded: (forwarded) => {
      if (forwarded.isPassedOver) passedOver += 1;
      const line = forwardedLine(forwarded);
      if (!values['print-json']) return io.out(line);
      io.out(JSON.stringify(envelopeOf(forwarded.event, deliveryIdOf(forwarded.event))));
      if (forwarded.isPassedOver) io.err(line);
    },
  });
  await follow({
    client,
    patterns,
    from,
    isOnce: !!values.once,
    signal: io.signal,
    onReady: () => {
      io.err(`Events of ${connection.baseUrl} go to ${endpoint.url}`);
      io.err(`Signing secret: ${endpoint.secret}`);
    },
    onEvents: async (events) => {
      forwarder.push(events.filter(({ event }) => event !== FOR_ONE_WEBHOOK));
      if (forwarder.left > MAX_WAITING) await untilIdle(forwarder, io.signal);
    },
    ...outageLines(io, connection),
  });
  if (!io.signal.aborted) await untilIdle(forwarder, io.signal);
  if (forwarder.left > 0) io.err(`Ended; ${count(forwarder.left, 'event')} had not been forwarded.`);
  return values.once && passedOver > 0 ? EXIT_FAILED : EXIT_OK;
}

const untilIdle = async (forwarder: Forwarder, signal: AbortSignal): Promise<void> => {
  await Promise.race([forwarder.idle(), once(signal, 'abort')]);
};

const saidBy = ({ status, text }: Forwarded['answer']): string => (status === 0 ? text : String(status));

function forwardedLine({ event, answer, attempts, isPassedOver }: Forwarded): string {
  const tries = attempts === 1 ? '' : ` at attempt ${attempts}`;
  const end = isPassedOver ? ', passed over' : ` in ${answer.durationMs} ms`;
  return `${eventLine(event)} → ${saidBy(answer)}${tries}${end}`;
}
