import type { Tx } from '../db/database.ts';
import { must } from '../kernel/assert.ts';
import { type CashPickupsDeps, EXPIRE_TASK, type PickupPayload } from './deps.ts';
import type { PickupEvent } from './provider.ts';
import { transition } from './states.ts';
import * as store from './store.ts';
import { toCashPickup } from './view.ts';

type Kind = PickupEvent['kind'];
type EventOf<K extends Kind> = Extract<PickupEvent, { readonly kind: K }>;

/** `known`: the pickup's status says it already, or says more. */
type Effect = 'applies' | 'known' | 'contradicts';

/**
 * What an event does to a pickup, whatever came before it: the first end wins. That cash was collected after the network
 * had confirmed that it no longer can be is not for us to believe: a person asks the network.
 */
const EFFECTS: Readonly<Record<Kind, Readonly<Record<store.PickupStatus, Effect>>>> = {
  ready: {
    requested: 'applies',
    ready: 'known',
    collected: 'known',
    expired: 'known',
    failed: 'contradicts',
  },
  refused: {
    requested: 'applies',
    ready: 'contradicts',
    collected: 'contradicts',
    expired: 'contradicts',
    failed: 'known',
  },
  collected: {
    requested: 'applies',
    ready: 'applies',
    collected: 'known',
    expired: 'contradicts',
    failed: 'contradicts',
  },
  expired: {
    requested: 'applies',
    ready: 'applies',
    collected: 'contradicts',
    expired: 'known',
    failed: 'known',
  },
};

/**
 * Results of any network: each takes effect once per provider event, in whatever order they arrive. What contradicts is
 * kept in `cash_pickup_contradictions` and changes nothing.
 */
export async function applyPickupEvents(
  deps: CashPickupsDeps,
  tx: Tx,
  events: readonly PickupEvent[],
): Promise<void> {
  const fresh = await acceptNew(deps, tx, events);
  if (fresh.length === 0) return;
  const pickups = new Pickups(
    await store.lockPickups(tx, [...new Set(fresh.map(({ pickupId }) => pickupId))]),
  );
  // In the order in which they happen, so that a reservation and a collection of one call are both told.
  await makeReady(deps, tx, pickups, ofKind(fresh, 'ready'));
  await fail(deps, tx, pickups, ofKind(fresh, 'refused'));
  await end(deps, tx, pickups, ofKind(fresh, 'collected'));
  await end(deps, tx, pickups, ofKind(fresh, 'expired'));
  if (pickups.contradictions.length > 0) {
    await store.insertContradictions(tx, pickups.contradictions, tx.now());
  }
}

/** Those that no transaction before has taken, each once. */
async function acceptNew(
  { providerEvents }: CashPickupsDeps,
  tx: Tx,
  events: readonly PickupEvent[],
): Promise<PickupEvent[]> {
  const fresh: PickupEvent[] = [];
  for (const [provider, ofProvider] of Map.groupBy(events, (event) => event.provider)) {
    for (const [kind, ofOneKind] of Map.groupBy(ofProvider, (event) => event.kind)) {
      const byId = new Map(ofOneKind.map((event) => [event.providerEventId, event]));
      const accepted = await providerEvents.accept(tx, provider, [...byId.keys()], `cashPickup.${kind}`);
      fresh.push(...[...byId.values()].filter(({ providerEventId }) => accepted.has(providerEventId)));
    }
  }
  return fresh;
}

const ofKind = <K extends Kind>(events: readonly PickupEvent[], kind: K): EventOf<K>[] =>
  events.filter((event): event is EventOf<K> => event.kind === kind);

/** Locked pickups of the events, as they are by now. */
class Pickups {
  readonly #rows: Map<string, store.PickupRow>;
  readonly contradictions: store.NewContradiction[] = [];

  constructor(rows: readonly store.PickupRow[]) {
    this.#rows = new Map(rows.map((row) => [row.pickup_id, row]));
  }

  get(pickupId: string): store.PickupRow {
    return must(this.#rows.get(pickupId), 'a pickup of the events');
  }

  changed(rows: readonly store.PickupRow[]): readonly store.PickupRow[] {
    for (const row of rows) this.#rows.set(row.pickup_id, row);
    return rows;
  }

  /** The events that have an effect now, the first of each pickup. */
  applying<E extends PickupEvent>(events: readonly E[]): E[] {
    const applying = new Map<string, E>();
    for (const event of events) {
      const row = this.#rows.get(event.pickupId);
      const effect = row ? EFFECTS[event.kind][row.status] : 'contradicts';
      if (effect === 'applies' && !applying.has(event.pickupId)) applying.set(event.pickupId, event);
      if (effect === 'contradicts') {
        this.contradictions.push({
          provider: event.provider,
          provider_event_id: event.providerEventId,
          kind: event.kind,
          pickup_id: event.pickupId,
          found: row?.status ?? 'none',
        });
      }
    }
    return [...applying.values()];
  }
}

async function makeReady(
  { jobs, transactions }: CashPickupsDeps,
  tx: Tx,
  pickups: Pickups,
  events: readonly EventOf<'ready'>[],
): Promise<void> {
  const ready = pickups.applying(events);
  if (ready.length === 0) return;
  const changes = ready.map(({ pickupId, provider, expiresAt }) => ({
    pickup_id: pickupId,
    provider,
    expires_at: expiresAt,
  }));
  const rows = pickups.changed(await transition(tx, 'requested', 'ready', changes, tx.now()));
  for (const { pickupId, expiresAt } of ready) {
    const payload: PickupPayload = { pickupId };
    await jobs.enqueue(tx, EXPIRE_TASK, payload, expiresAt);
  }
  await transactions().pickupsReady(
    tx,
    rows.map((row, index) => ({
      transactionId: row.transaction_id,
      cashPickup: toCashPickup(row, must(ready[index], 'an event per row')),
    })),
  );
}

async function fail(
  { transactions }: CashPickupsDeps,
  tx: Tx,
  pickups: Pickups,
  events: readonly EventOf<'refused'>[],
): Promise<void> {
  const refused = pickups.applying(events);
  if (refused.length === 0) return;
  const changes = refused.map(({ pickupId, provider, code, reason }) => ({
    pickup_id: pickupId,
    provider,
    failure_code: code,
    failure_reason: reason,
  }));
  const rows = pickups.changed(await transition(tx, 'requested', 'failed', changes, tx.now()));
  await transactions().payoutsFailed(
    tx,
    rows.map((row, index) => {
      const { code, reason, recoverable } = must(refused[index], 'an event per row');
      return { transactionId: row.transaction_id, code, reason, recoverable };
    }),
  );
}

/** Collected or expired, from whatever they are in. */
async function end(
  { transactions }: CashPickupsDeps,
  tx: Tx,
  pickups: Pickups,
  events: readonly EventOf<'collected' | 'expired'>[],
): Promise<void> {
  const ended = pickups.applying(events);
  for (const from of ['requested', 'ready'] as const) {
    const ofStatus = ended.filter(({ pickupId }) => pickups.get(pickupId).status === from);
    const [first] = ofStatus;
    if (!first) continue;
    const changes = ofStatus.map(({ pickupId, provider }) => ({ pickup_id: pickupId, provider }));
    const rows = pickups.changed(await transition(tx, from, first.kind, changes, tx.now()));
    const ids = rows.map((row) => row.transaction_id);
    if (first.kind === 'collected') await transactions().payoutsSettled(tx, ids);
    else await transactions().pickupsExpired(tx, ids);
  }
}
