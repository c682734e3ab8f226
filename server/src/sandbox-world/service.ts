import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_START } from '@openoms/contract/sandbox-projects.ts';
import { MAX_SNAPSHOTS } from '@openoms/contract/sandbox-world.ts';
import type { Audit, Author } from '../audit/audit.ts';
import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import { FIRST_PLACE } from '../db/draws.ts';
import type { WorldRow } from '../db/project-clocks.ts';
import type { Channel, Waker } from '../db/waker.ts';
import { must } from '../kernel/assert.ts';
import { addMs, type Clock } from '../kernel/clock.ts';
import { ApiError, notFound } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import * as store from './store.ts';

export type { ChangeRow, Wish } from './store.ts';

/** Workers listen here for worlds that are to be changed. */
export const WORLDS_CHANNEL: Channel = { name: 'oms_worlds', gatherMs: 1 };

/** How long a request waits for its change, and how often it looks. */
const END_TIMEOUT_MS = 25_000;
const FIRST_LOOK_MS = 5;
const LONGEST_LOOK_MS = 50;

const ACTIONS = {
  reset: 'sandbox.reset',
  snapshot: 'sandbox.snapshotTaken',
  restore: 'sandbox.restored',
} as const;

export interface SandboxWorldsDeps {
  readonly db: Database;
  /** The server's. */
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly waker: Waker;
  readonly clocks: ProjectClocksPort;
  readonly treasuries: TreasuriesPort;
  readonly trouble: TroublePort;
  /** Whether the chain is a local one, whose balances can be set. */
  readonly isLocalChain: boolean;
}

/** Of the slice that has the clocks. */
export interface ProjectClocksPort {
  /** Before a transaction: every process goes by the project's clock from now on. */
  establish(projectId: string): Promise<void>;
}

/** Of what makes trouble. */
export interface TroublePort {
  deleteAll(tx: Tx): Promise<void>;
}

/** Of the slice that has the treasuries. */
export interface TreasuriesPort {
  /** Opens it with the float of a sandbox, which is on the chain once balances are set. */
  openWithFloat(tx: Tx, groupId: string): Promise<unknown>;
}

/** The worlds of sandbox projects: all that a project has but itself (docs/decisions/0030). */
export class SandboxWorlds {
  readonly #deps: SandboxWorldsDeps;

  constructor(deps: SandboxWorldsDeps) {
    this.#deps = deps;
  }

  /**
   * Before a transaction: has a worker change the world, and waits for it. Asked again under its key it waits for the
   * same change. Answers the change's id, for `told`. Throws 404 for a snapshot that is none, 409 for one that cannot be
   * taken or put back, and while another change is under way.
   */
  async change(projectId: string, wish: store.Wish, key: string, author: Author): Promise<string> {
    const { db, clocks, waker, isLocalChain } = this.#deps;
    if (!isLocalChain) throw refused('The chain of this server is not its own: its balances cannot be set.');
    if (wish.startsAt || wish.seed) await clocks.establish(projectId);
    const changeId = await db.tx(projectId, (tx) => this.#ask(tx, wish, key, author));
    waker.wake();
    await this.#end(projectId, changeId);
    return changeId;
  }

  /** What became of the change; throws 409 when it was refused. */
  async told(tx: Tx, changeId: string): Promise<store.ChangeRow> {
    const change = must(await store.findChange(tx, changeId), 'the change that was asked for');
    if (change.refusal !== null) throw refused(change.refusal);
    return change;
  }

  /** Throws 404 for a name that no snapshot has. */
  async getSnapshot(tx: Tx, name: string): Promise<store.SnapshotRow> {
    const row = await store.findSnapshot(tx, name);
    if (!row) throw notFound('snapshot');
    return row;
  }

  listSnapshots(tx: Tx): Promise<store.SnapshotRow[]> {
    return store.listSnapshots(tx);
  }

  /** Throws 404 for a name that no snapshot has. */
  async deleteSnapshot(tx: Tx, name: string, author: Author): Promise<void> {
    if (!(await store.forgetSnapshot(tx, name))) throw notFound('snapshot');
    await this.#deps.audit.record(tx, { ...author, action: 'sandbox.snapshotDeleted', resourceId: name });
  }

  /** In the platform's scope: what workers are to see to. */
  listOpen(tx: Tx): Promise<store.ChangeRow[]> {
    return store.listOpenChanges(tx);
  }

  /**
   * For a worker that has the project alone: changes the rows of the world, all of them or none. Answers what the change
   * waits for, if it was not made.
   */
  async apply(tx: Tx, changeId: string): Promise<string | undefined> {
    const change = await store.lockChange(tx, changeId);
    if (change.status !== 'requested') return undefined;
    const unrest = await store.findUnrest(tx, this.#deps.clock.now());
    if (unrest) return unrest;
    const refusal = await this.#refusalOf(tx, {
      kind: change.kind,
      snapshotName: change.snapshot_name ?? undefined,
    });
    if (refusal) await this.refuse(tx, changeId, refusal.message);
    else await this.#make(tx, change);
    return undefined;
  }

  async #make(tx: Tx, change: store.ChangeRow): Promise<void> {
    if (change.kind === 'snapshot') await this.#take(tx, change);
    else await this.#replace(tx, change);
    await this.#deps.audit.record(tx, {
      actor: change.actor,
      ...(change.request_id && { requestId: change.request_id }),
      action: ACTIONS[change.kind],
      resourceId: change.snapshot_name ?? tx.scope,
    });
    if (change.kind === 'reset') tx.draws?.skipTo(FIRST_PLACE);
  }

  /** The balances that a change which was applied wants on the chain; undefined: none. */
  async balancesOf(tx: Tx, changeId: string): Promise<store.AddressBalance[] | undefined> {
    const change = await store.lockChange(tx, changeId);
    return change.status === 'applied' ? store.listBalancesToSet(tx, changeId) : undefined;
  }

  /** The balances are on the chain, where `sinceBlock` was the last block before. */
  async finish(tx: Tx, changeId: string, sinceBlock: number): Promise<void> {
    await store.markDone(tx, changeId, { sinceBlock, now: this.#deps.clock.now() });
  }

  /** False when it is no longer asked for. */
  refuse(tx: Tx, changeId: string, refusal: string): Promise<boolean> {
    return store.refuseChange(tx, changeId, refusal, this.#deps.clock.now());
  }

  async #ask(tx: Tx, wish: store.Wish, key: string, author: Author): Promise<string> {
    const { ids, clock } = this.#deps;
    const known = await store.findChangeByKey(tx, key);
    if (known) {
      if (isOf(known, wish)) return known.change_id;
      throw new ApiError(409, 'idempotency_conflict', 'This key was used before with another request.');
    }
    const refusal = await this.#refusalOf(tx, wish);
    if (refusal) throw refusal;
    const changeId = ids.next('worldChange');
    const { actor, requestId } = author;
    const change = { ...wish, changeId, requestKey: key, actor, requestId, now: clock.now() };
    if (await store.insertChange(tx, change)) return changeId;
    throw refused('The world is being changed already.');
  }

  async #refusalOf(tx: Tx, { kind, snapshotName: name }: store.Wish): Promise<ApiError | undefined> {
    if (name === undefined) return undefined;
    const snapshot = await store.findSnapshot(tx, name);
    if (kind === 'restore') {
      if (!snapshot) return notFound('snapshot');
      return snapshot.is_restorable
        ? undefined
        : refused('The server was upgraded since: the snapshot can only be deleted.');
    }
    if (snapshot) return refused('There is a snapshot of that name.');
    const count = (await store.listSnapshots(tx)).length;
    return count < MAX_SNAPSHOTS ? undefined : refused(`There are ${count} snapshots; delete one first.`);
  }

  /** Until the change is made or refused. What no worker has begun in time is no longer asked for. */
  async #end(projectId: string, changeId: string): Promise<void> {
    const { db, clock } = this.#deps;
    const endMs = performance.now() + END_TIMEOUT_MS;
    for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(lookMs * 2, LONGEST_LOOK_MS)) {
      const status = await db.tx(PLATFORM, (tx) => store.findStatus(tx, projectId, changeId));
      if (status === 'done' || status === 'refused') return;
      if (performance.now() >= endMs) {
        const refusal = 'No worker has changed the world in time.';
        const withdrawn = { projectId, changeId, refusal, now: clock.now() };
        await db.tx(PLATFORM, (tx) => store.withdrawChange(tx, withdrawn));
      }
      await delay(lookMs);
    }
  }

  async #take(tx: Tx, change: store.ChangeRow): Promise<void> {
    const name = must(change.snapshot_name, 'a snapshot has a name');
    const now = this.#deps.clock.now();
    const clock = await store.findClock(tx);
    const rows = await store.takeSnapshot(tx, { name, clock, clockAt: tx.now(), now });
    await store.markDone(tx, change.change_id, { rows, now });
  }

  async #replace(tx: Tx, change: store.ChangeRow): Promise<void> {
    const before = await store.listAddresses(tx);
    const rows = change.kind === 'reset' ? await this.#reset(tx, change) : await this.#restore(tx, change);
    const addresses = [...new Set([...before, ...(await store.listAddresses(tx))])];
    await store.markApplied(tx, change.change_id, { rows, addresses });
  }

  async #reset(tx: Tx, change: store.ChangeRow): Promise<bigint> {
    const { clock, treasuries, trouble } = this.#deps;
    const rows = await store.emptyWorld(tx);
    await trouble.deleteAll(tx);
    const seed = change.changes_seed ? change.seed : ((await store.findClock(tx))?.seed ?? null);
    await this.#setClock(tx, {
      stands_at: change.starts_at ?? (seed === null ? null : new Date(DEFAULT_START)),
      offset_ms: 0n,
      set_at: clock.now(),
      seed,
      address_space: null,
      drawn: 0n,
      addresses: 0n,
    });
    await treasuries.openWithFloat(tx, `${change.change_id}.float`);
    return rows;
  }

  async #restore(tx: Tx, change: store.ChangeRow): Promise<bigint> {
    const name = must(change.snapshot_name, 'a snapshot has a name');
    const { clock_at, stood_ms, seed, address_space, drawn, addresses } = must(
      await store.findSnapshot(tx, name),
      'the snapshot',
    );
    const rows = await store.putBack(tx, name);
    const now = this.#deps.clock.now();
    const draws = { seed, address_space, drawn, addresses };
    const isStanding = stood_ms !== null;
    await this.#setClock(tx, {
      ...draws,
      stands_at: isStanding ? clock_at : null,
      offset_ms: clock_at && !isStanding ? BigInt(clock_at.getTime() + 1 - now.getTime()) : 0n,
      // As if it had stood all the while: ids made from now on sort behind those that were made where it stands.
      set_at: isStanding ? addMs(now, -Number(stood_ms)) : now,
    });
    return rows;
  }

  async #setClock(tx: Tx, clock: Omit<WorldRow, 'epoch'>): Promise<void> {
    const row = await store.setClock(tx, clock);
    if (row) tx.goBy(row);
  }
}

const refused = (message: string): ApiError => new ApiError(409, 'invalid_state', message);

const isOf = (change: store.ChangeRow, { kind, snapshotName, startsAt, seed }: store.Wish): boolean =>
  change.kind === kind &&
  change.snapshot_name === (snapshotName ?? null) &&
  change.starts_at?.getTime() === startsAt?.getTime() &&
  change.changes_seed === (seed !== undefined) &&
  change.seed === (seed ?? null);
