import { randomBytes } from 'node:crypto';
import type { OpenOMS } from '@openoms/sdk';
import { readArguments } from './arguments.ts';
import { type Command, type CommandIo, EXIT_FAILED, EXIT_OK, UsageError } from './command.ts';
import { CONNECTION_OPTIONS, CONNECTION_USAGE, connect, findConnection, withApi } from './connection.ts';
import { type Endpoint, isTaken, post } from './delivery.ts';
import { readEndpoint } from './endpoint.ts';
import { eventLine } from './event-lines.ts';
import { findEvent } from './feed-start.ts';

const USAGE = `Usage: openoms events resend <evt_…> --to <url> [--secret whsec_…]
       openoms events resend <evt_…> --webhook <whk_…>

Sends an event once more, and whatever was sent before.

  --to url            from here, as openoms listen sends it and with its secret, but as a delivery of its own: a
                      receiver that drops what it has seen by the delivery's id takes it. Exit code 1 when the endpoint
                      does not
  --secret whsec_…    sign with this secret instead
  --webhook whk_…     by the server, to this webhook
${CONNECTION_USAGE}`;

const OPTIONS = {
  ...CONNECTION_OPTIONS,
  to: { type: 'string' },
  secret: { type: 'string' },
  webhook: { type: 'string' },
} as const;

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
    const { to, webhook, secret } = values;
    if ((to === undefined) === (webhook === undefined)) {
      throw new UsageError(`Say where to, with one of --to and --webhook.\n\n${USAGE}`);
    }
    const connection = await findConnection(values, io);
    const client = connect(connection);
    return withApi(connection, async () => {
      if (webhook !== undefined) return replay(client, eventId, webhook, io);
      return send(client, eventId, readEndpoint(to ?? '', secret, connection), io);
    });
  },
};

async function send(client: OpenOMS, eventId: string, endpoint: Endpoint, io: CommandIo): Promise<number> {
  const event = await findEvent(client, eventId);
  const answer = await post(endpoint, event, { id: newDeliveryId(), attempt: 1 }, io.signal);
  const said = answer.status === 0 ? answer.text : String(answer.status);
  io.out(`${eventLine(event)} → ${said} in ${answer.durationMs} ms`);
  if (answer.status !== 0 && answer.text !== '') io.out(answer.text);
  return isTaken(answer) ? EXIT_OK : EXIT_FAILED;
}

async function replay(client: OpenOMS, eventId: string, webhookId: string, io: CommandIo): Promise<number> {
  const event = await findEvent(client, eventId);
  await client.webhooks.replay(webhookId, { eventIds: [eventId] });
  io.out(`${eventLine(event)} → due to ${webhookId}`);
  return EXIT_OK;
}

const newDeliveryId = (): string => `whd_${randomBytes(16).toString('hex').slice(0, 26)}`;
