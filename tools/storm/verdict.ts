import type { EventName } from '@openoms/contract/events.ts';
import { isSubscribed } from '@openoms/contract/subscriptions.ts';
import { checkInvariants } from '../../server/src/invariants/check.ts';
import { type Check, same } from '../crash/check.ts';
import type { Endpoint, Endpoints } from './endpoints.ts';
import type { Engine } from './engine.ts';
import type { Made } from './producer.ts';

interface EventRow {
  event_id: string;
  type: EventName;
  resource_id: string;
  sequence: bigint;
  mark: number;
}

export interface Storm {
  readonly engine: Engine;
  readonly projectId: string;
  readonly endpoints: Endpoints;
  readonly made: readonly Made[];
}

/** Holds what the endpoints saw against what was committed. */
export async function judge({ engine, projectId, endpoints, made }: Storm): Promise<Check[]> {
  const events = await readEvents(engine, projectId);
  const findings = await checkInvariants(engine.db);
  return [
    ...producerChecks(events, made),
    same('resources whose sequence has a gap', 0, gaps(events)),
    ...endpoints.list.flatMap((endpoint) => endpointChecks(endpoint, events)),
    same('requests whose header and body name two deliveries', 0, endpoints.torn),
    same('first successes out of order at the in-order endpoint', 0, outOfOrder(endpoints.inOrder)),
    ...(await tableChecks(engine, projectId)),
    same(
      'invariants broken',
      '',
      findings
        .slice(0, 3)
        .map(({ rule, subject }) => `${rule}: ${subject}`)
        .join('; '),
    ),
  ];
}

function readEvents({ db }: Engine, projectId: string): Promise<EventRow[]> {
  return db.snapshot(projectId, (tx) =>
    tx.query<EventRow>(
      `select event_id, type, resource_id, sequence, (data ->> 'mark')::integer mark from events
       where project_id = $1 order by event_id`,
      [projectId],
    ),
  );
}

/** A transaction is there as a whole or not at all, as its maker was told. */
function producerChecks(events: readonly EventRow[], made: readonly Made[]): Check[] {
  const found = new Map<number, number>();
  for (const { mark } of events) found.set(mark, (found.get(mark) ?? 0) + 1);
  const countOf = ({ mark }: Made): number => found.get(mark) ?? 0;
  return [
    same(
      'committed transactions that are not there as a whole',
      0,
      made.filter((each) => each.told === 'committed' && countOf(each) !== each.events).length,
    ),
    same(
      'transactions taken back of which something is there',
      0,
      made.filter((each) => each.told === 'rolled back' && countOf(each) > 0).length,
    ),
    same(
      'transactions cut off by a kill that are there in part',
      0,
      made.filter((each) => each.told === 'unknown' && ![0, each.events].includes(countOf(each))).length,
    ),
  ];
}

function gaps(events: readonly EventRow[]): number {
  const byResource = Map.groupBy(events, ({ resource_id }) => resource_id);
  return [...byResource.values()].filter((rows) => {
    const sequences = rows.map(({ sequence }) => Number(sequence)).sort((a, b) => a - b);
    return sequences.some((sequence, index) => sequence !== index + 1);
  }).length;
}

function endpointChecks(
  { name, events: patterns, arrivals }: Endpoint,
  events: readonly EventRow[],
): Check[] {
  const matching = new Map(
    events.filter(({ type }) => isSubscribed(patterns, type)).map((event) => [event.event_id, event]),
  );
  const taken = new Set(arrivals.filter(({ isTaken }) => isTaken).map(({ eventId }) => eventId));
  const idOf = new Map<string, string>();
  const eventOf = new Map<string, string>();
  let mixed = 0;
  for (const { eventId, deliveryId, resourceId, sequence } of arrivals) {
    const event = matching.get(eventId);
    const isSame = event?.resource_id === resourceId && Number(event.sequence) === sequence;
    if (
      (idOf.get(eventId) ?? deliveryId) !== deliveryId ||
      (eventOf.get(deliveryId) ?? eventId) !== eventId ||
      !isSame
    )
      mixed += 1;
    idOf.set(eventId, deliveryId);
    eventOf.set(deliveryId, eventId);
  }
  return [
    same(`${name}: events it took, of those it subscribes to`, matching.size, taken.size),
    same(`${name}: requests for other events, or under a second id`, 0, mixed),
  ];
}

function outOfOrder({ arrivals }: Endpoint): number {
  const last = new Map<string, number>();
  const seen = new Set<string>();
  let count = 0;
  for (const { isTaken, eventId, resourceId, sequence } of arrivals) {
    if (!isTaken || seen.has(eventId)) continue;
    seen.add(eventId);
    if (sequence < (last.get(resourceId) ?? 0)) count += 1;
    last.set(resourceId, sequence);
  }
  return count;
}

async function tableChecks({ db }: Engine, projectId: string): Promise<Check[]> {
  const [row] = await db.snapshot(projectId, (tx) =>
    tx.query<{ open: bigint; queued: bigint; outbox: bigint }>(
      `select (select count(*) from webhook_deliveries where project_id = $1 and status <> 'delivered') open,
         (select count(*) from webhook_queue where project_id = $1) queued,
         (select count(*) from event_outbox where project_id = $1) outbox`,
      [projectId],
    ),
  );
  return [
    same('deliveries not delivered', 0, String(row?.open)),
    same('deliveries in the queue', 0, String(row?.queued)),
    same('events in the outbox', 0, String(row?.outbox)),
  ];
}
