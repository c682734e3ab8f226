import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startEmbeddedPostgres } from '../server/src/db/embedded/start.ts';
import { migrate } from '../server/src/db/migrate.ts';
import { ensureEventDays } from '../server/src/events/retention.ts';
import { assert } from '../server/src/kernel/assert.ts';
import { DAY_MS } from '../server/src/kernel/clock.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import { createEndpoint, createEngine, createProject } from '../tools/storm/engine.ts';
import { OrderedProcess } from './orders.ts';
import type { DeliveryOrder } from './webhook-delivery.ts';
import type { Commits, ProducerOrder } from './webhook-producer.ts';
import type { SinkOrder, SinkReport } from './webhook-sink.ts';

const POLL_MS = 5;
const TIMEOUT_MS = 300_000;
/** As many as events are kept by default: each is a partition of three tables. */
const DAYS_KEPT = 30;

export type Bed = Awaited<ReturnType<typeof openBed>>;

/** A database of its own, and three processes: the one that delivers, the one that records events, and the endpoints. */
export async function openBed() {
  const dir = await mkdtemp(join(tmpdir(), 'oms-bench-webhooks-'));
  const postgres = await startEmbeddedPostgres({ dir, log: silentLogger });
  await migrate(postgres.url);
  const keyHex = randomBytes(32).toString('hex');
  const engine = createEngine({ databaseUrl: postgres.url, keyHex });
  await ensureEventDays(engine);
  const owner = new pg.Client({ connectionString: postgres.url });
  await owner.connect();
  await makePastDays(owner, engine.clock.now());
  const args = [postgres.url, keyHex];
  const delivery = new OrderedProcess<DeliveryOrder>(
    new URL('./webhook-delivery.ts', import.meta.url),
    ...args,
  );
  const producer = new OrderedProcess<ProducerOrder>(
    new URL('./webhook-producer.ts', import.meta.url),
    ...args,
  );
  const sink = new OrderedProcess<SinkOrder>(new URL('./webhook-sink.ts', import.meta.url));
  const origin = `http://127.0.0.1:${await sink.tell<number>('port')}`;

  /** Nothing is in the outbox, and nothing of those endpoints in the queue. */
  const isDelivered = async (webhookIds: readonly string[]): Promise<boolean> => {
    const { rows } = await owner.query<{ is_delivered: boolean }>(
      `select not exists (select from event_outbox)
         and not exists (select from webhook_queue where webhook_id = any ($1)) is_delivered`,
      [webhookIds],
    );
    return rows[0]?.is_delivered ?? false;
  };
  return {
    owner,
    databaseUrl: postgres.url,
    delivery,
    newProject: () => createProject(engine),
    newEndpoint: (projectId: string, path: string, events: string[] = []) =>
      createEndpoint(engine, projectId, { url: `${origin}${path}`, events }),
    urlOf: (path: string) => `${origin}${path}`,
    record: (order: ProducerOrder) => producer.tell<Commits>(order),
    /** Until so many requests have come and all of it is recorded. */
    untilDelivered: async (count: number, webhookIds: readonly string[]): Promise<void> => {
      const deadlineMs = performance.now() + TIMEOUT_MS;
      while ((await sink.tell<number>('count')) < count || !(await isDelivered(webhookIds))) {
        assert(performance.now() < deadlineMs, 'the events are not delivered');
        await delay(POLL_MS);
      }
    },
    /** Ends what hangs, so that the worker does not wait for it when it stops. */
    letGo: () => sink.tell('let go'),
    report: () => sink.tell<SinkReport>('report'),
    close: async (): Promise<void> => {
      await Promise.all([delivery.stop(), producer.stop(), sink.stop()]);
      await owner.end();
      await engine.close();
      await postgres.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The plans are those of a deployment that has run for as long as it keeps events. */
async function makePastDays(owner: pg.Client, today: Date): Promise<void> {
  for (let ago = 1; ago <= DAYS_KEPT; ago++) {
    const day = new Date(today.getTime() - ago * DAY_MS).toISOString().slice(0, 10);
    await owner.query('select ensure_event_day($1)', [day]);
  }
}
