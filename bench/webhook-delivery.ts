import type { Dispatcher } from '../server/src/webhooks/dispatcher.ts';
import { envelopeOf, type SentEvent } from '../server/src/webhooks/envelope.ts';
import { fanOut } from '../server/src/webhooks/fan-out.ts';
import { headersOf, signatureOf, signingKeyOf } from '../server/src/webhooks/signature.ts';
import { createEngine } from '../tools/storm/engine.ts';
import { answering } from './orders.ts';

/** Delivers events: by the product's dispatcher, or by its sender alone, without queue and records. */

export type DeliveryOrder =
  | { readonly what: 'fan out' | 'start' }
  /** Answers the processor time since the start, in milliseconds. */
  | { readonly what: 'stop' }
  /** Sends so many of the project's events again, with so many requests under way. Answers how many a second. */
  | {
      readonly what: 'send alone';
      readonly projectId: string;
      readonly count: number;
      readonly atOnce: number;
      readonly url: string;
    };

const SECRET = `whsec_${'5a'.repeat(32)}`;
/** Bodies that are read ahead, and sent in turn. */
const BODIES = 1_000;
const MICROS_PER_MS = 1_000;

const [databaseUrl = '', keyHex = ''] = process.argv.slice(2);
const engine = createEngine({ databaseUrl, keyHex });
let dispatcher: Dispatcher | undefined;
let cpuAtStart = process.cpuUsage();

function readEvents(projectId: string): Promise<SentEvent[]> {
  return engine.db.tx(projectId, (tx) =>
    tx.query<SentEvent>(
      `select event_id "eventId", type, sequence, created_at "createdAt", data::text as data from events
       where project_id = $1 limit $2`,
      [projectId, BODIES],
    ),
  );
}

/** What is left of a delivery without a database: the same bodies, signatures and requests. */
async function sendAlone(order: Extract<DeliveryOrder, { what: 'send alone' }>): Promise<number> {
  const events = await readEvents(order.projectId);
  const sender = engine.newSender();
  const keys = [signingKeyOf(SECRET)];
  let sent = 0;
  const startedMs = performance.now();
  const work = async (): Promise<void> => {
    while (sent < order.count) {
      const event = events[sent++ % events.length];
      if (!event) throw new Error('there is nothing to send');
      const deliveryId = engine.ids.next('webhookDelivery');
      const body = envelopeOf(deliveryId, event);
      const timestamp = Math.floor(engine.wallClock.now().getTime() / 1_000);
      const signature = signatureOf(keys, deliveryId, timestamp, body);
      const headers = headersOf(deliveryId, 1, timestamp, signature);
      const { statusCode, error } = await sender.send({ url: order.url, body, headers });
      if (statusCode !== 204) throw new Error(error ?? `status ${statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: order.atOnce }, work));
  const seconds = (performance.now() - startedMs) / 1_000;
  await sender.close();
  return order.count / seconds;
}

answering<DeliveryOrder>(async (order) => {
  if (order.what === 'send alone') return sendAlone(order);
  if (order.what === 'fan out') {
    await fanOut(engine);
    return undefined;
  }
  if (order.what === 'start') {
    cpuAtStart = process.cpuUsage();
    dispatcher = engine.newDispatcher();
    dispatcher.start();
    return undefined;
  }
  await dispatcher?.stop();
  const { user, system } = process.cpuUsage(cpuAtStart);
  return (user + system) / MICROS_PER_MS;
});
