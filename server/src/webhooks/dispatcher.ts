import { randomUUID } from 'node:crypto';
import { PLATFORM } from '../db/database.ts';
import type { Waker } from '../db/waker.ts';
import type { Clock } from '../kernel/clock.ts';
import { asError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { Courier, type CourierDeps } from './courier.ts';
import { fanOut } from './fan-out.ts';
import { leaseDueEndpoints, releaseLeases } from './queue-store.ts';
import { Slots } from './slots.ts';

/** How long nothing is looked for without being told; and the shortest pause between two looks. */
const POLL_MS = 500;
const GATHER_MS = 20;
/** An endpoint that hangs does not hold up the end of the worker for longer; its delivery is sent again. */
const STOP_GRACE_MS = 3_000;
/** Couriers without work that are kept for their next delivery. */
const MAX_IDLE_COURIERS = 1_000;

export interface DispatcherDeps extends Omit<CourierDeps, 'leaseToken' | 'slots'> {
  readonly ids: Ids;
  readonly clock: Clock;
  readonly eventsWaker: Waker;
  /** Requests under way at a time, to all endpoints. */
  readonly requestsAtOnce: number;
}

/** Delivers events: turns the outbox into deliveries, and has a courier for each endpoint that is due. */
export class Dispatcher {
  readonly #deps: DispatcherDeps & CourierDeps;
  readonly #couriers = new Map<string, Courier>();
  #stopping = false;
  #isSignalled = false;
  #wakeUp: (() => void) | undefined;
  #loop: Promise<void> | undefined;

  constructor(deps: DispatcherDeps) {
    this.#deps = { ...deps, leaseToken: randomUUID(), slots: new Slots(deps.requestsAtOnce) };
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Waits a while for what is under way, ends the rest unrecorded, and lets other workers have the endpoints. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#signal();
    await this.#loop;
    const settled = Promise.all([...this.#couriers.values()].map((courier) => courier.stop()));
    const grace = setTimeout(() => void this.#deps.sender.close(), STOP_GRACE_MS);
    await settled;
    clearTimeout(grace);
    await this.#deps.sender.close();
    await this.#deps.db.tx(PLATFORM, (tx) => releaseLeases(tx, this.#deps.leaseToken)).catch(() => undefined);
  }

  /** Makes every attempt that is due now, and those they cause, then returns how many it made. For tests. */
  async drain(): Promise<number> {
    let total = 0;
    for (;;) {
      const taken = await fanOut(this.#deps);
      const before = this.#deps.slots.taken;
      await this.#pokeDue();
      await Promise.all([...this.#couriers.values()].map((courier) => courier.settled()));
      const made = this.#deps.slots.taken - before;
      total += taken + made;
      if (taken + made === 0) return total;
    }
  }

  async #run(): Promise<void> {
    let unlisten: (() => Promise<void>) | undefined;
    while (!this.#stopping) {
      try {
        unlisten ??= await this.#deps.eventsWaker.listen(() => this.#signal());
        this.#isSignalled = false;
        await fanOut(this.#deps);
        await this.#pokeDue();
      } catch (error) {
        this.#deps.log.error({ error: asError(error) }, 'looking for webhook deliveries failed');
      }
      await this.#pause();
    }
    await unlisten?.();
  }

  async #pokeDue(): Promise<void> {
    const { db, clock, leaseToken } = this.#deps;
    const due = await db.tx(PLATFORM, (tx) => leaseDueEndpoints(tx, leaseToken, clock.now()));
    if (this.#couriers.size > MAX_IDLE_COURIERS) this.#forgetIdle();
    for (const id of due) {
      const key = `${id.projectId} ${id.webhookId}`;
      const courier = this.#couriers.get(key) ?? new Courier(id, this.#deps);
      this.#couriers.set(key, courier);
      courier.poke(true);
    }
  }

  #forgetIdle(): void {
    for (const [key, courier] of this.#couriers) if (courier.isIdle) this.#couriers.delete(key);
  }

  #signal(): void {
    this.#isSignalled = true;
    this.#wakeUp?.();
  }

  /** At least a moment, so that what comes together is looked for together; then until a signal or the next poll. */
  async #pause(): Promise<void> {
    await this.#wait(GATHER_MS, false);
    if (!this.#isSignalled && !this.#stopping) await this.#wait(POLL_MS, true);
  }

  #wait(ms: number, untilSignal: boolean): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wakeUp = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      if (untilSignal) this.#wakeUp = done;
    });
  }
}
