import { randomBytes } from 'node:crypto';
import { readArguments } from './arguments.ts';
import { type Command, EXIT_FAILED, EXIT_OK, UsageError } from './command.ts';
import { CONNECTION_OPTIONS, CONNECTION_USAGE, connect, findConnection, withApi } from './connection.ts';
import { isTaken, post } from './delivery.ts';
import { readEndpoint } from './endpoint.ts';
import { eventLine } from './event-lines.ts';
import { findEvent } from './feed-start.ts';

const USAGE = `Usage: openoms events resend <evt_…> --to <url> [--secret whsec_…]

Sends an event once more. A delivery of its own, with an id of its own, so that a receiver which drops what it has
seen by that id takes it. Exit code 1 when the endpoint refuses it.

  --to url            from here, as openoms listen sends it, and with its secret
  --secret whsec_…    sign with this secret instead
${CONNECTION_USAGE}`;

const OPTIONS = { ...CONNECTION_OPTIONS, to: { type: 'string' }, secret: { type: 'string' } } as const;

export const eventsResend: Command = {
  name: 'events resend',
  summary: 'send an event once more',
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, OPTIONS, USAGE);
    if (values.help) {
      io.out(USAGE);
      return EXIT_OK;
    }
    const [eventId, ...more] = positionals;
    if (!eventId?.startsWith('evt_') || more.length > 0)
      throw new UsageError(`Name one event, evt_….\n\n${USAGE}`);
    const { to } = values;
    if (to === undefined) throw new UsageError(`Say where to, with --to.\n\n${USAGE}`);
    const connection = await findConnection(values, io);
    const endpoint = readEndpoint(to, values.secret, connection);
    return withApi(connection, async () => {
      const event = await findEvent(connect(connection), eventId);
      const answer = await post(endpoint, event, { id: newDeliveryId(), attempt: 1 }, io.signal);
      io.out(
        `${eventLine(event)} → ${answer.status === 0 ? answer.text : answer.status} in ${answer.durationMs} ms`,
      );
      if (answer.status !== 0 && answer.text !== '') io.out(answer.text);
      return isTaken(answer) ? EXIT_OK : EXIT_FAILED;
    });
  },
};

const newDeliveryId = (): string => `whd_${randomBytes(16).toString('hex').slice(0, 26)}`;
