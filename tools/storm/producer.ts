import { setTimeout as delay } from 'node:timers/promises';
import { EVENTS, type EventName } from '@openoms/contract/events.ts';
import { EVENTS_FOR_ALL } from '@openoms/contract/subscriptions.ts';
import { must } from '../../server/src/kernel/assert.ts';
import type { Engine } from './engine.ts';

/** A transaction, and what its maker was told. */
export interface Made {
  readonly mark: number;
  readonly events: number;
  /** `unknown`: the database fell, before or after it was committed. */
  told: 'committed' | 'rolled back' | 'unknown';
}

const AT_ONCE = 4;
const MAX_EVENTS = 12;
const RESOURCES = { ci: 200, txn: 200 };
const ROLLED_BACK_SHARE = 0.05;
/** So many events may be ahead of the endpoints: kills are to meet deliveries, not an empty queue. */
const MAX_AHEAD = 4_000;
const PAUSE_MS = 20;

class RolledBack extends Error {
  override readonly name = 'RolledBack';
}

const namesOf = (prefix: string): EventName[] => EVENTS_FOR_ALL.filter((name) => name.startsWith(prefix));
const TYPES = { ci: namesOf('cashIn.'), txn: namesOf('transaction.') };

/** Records events of a few hundred resources, some of which are taken back. */
export class Producer {
  readonly made: Made[] = [];
  /** Events that are committed for all that is known. */
  recorded = 0;
  readonly #engine: Engine;
  readonly #projectId: string;
  readonly #random: () => number;

  constructor(engine: Engine, projectId: string, random: () => number) {
    this.#engine = engine;
    this.#projectId = projectId;
    this.#random = random;
  }

  /** Until so many events are recorded; `taken` says how many have come. */
  async run(events: number, taken: () => number): Promise<void> {
    const work = async (): Promise<void> => {
      while (this.recorded < events) {
        if (this.recorded - taken() > MAX_AHEAD) await delay(PAUSE_MS);
        else await this.#commit();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  async #commit(): Promise<void> {
    const count = 1 + Math.floor(this.#random() * MAX_EVENTS);
    const isRolledBack = this.#random() < ROLLED_BACK_SHARE;
    const made: Made = { mark: this.made.length, events: count, told: 'unknown' };
    this.made.push(made);
    const events = Array.from({ length: count }, () => this.#event(made.mark));
    try {
      await this.#engine.db.tx(this.#projectId, async (tx) => {
        await this.#engine.events.record(tx, ...events);
        if (isRolledBack) throw new RolledBack();
      });
      made.told = 'committed';
      this.recorded += count;
    } catch (error) {
      if (error instanceof RolledBack) made.told = 'rolled back';
      else await delay(PAUSE_MS);
    }
  }

  #event(mark: number) {
    const kind = this.#random() < 0.5 ? 'ci' : 'txn';
    const types = TYPES[kind];
    const type = must(types[Math.floor(this.#random() * types.length)], 'a type');
    const number = Math.floor(this.#random() * RESOURCES[kind]);
    const resourceId = `${kind}_${String(number).padStart(26, '0')}`;
    return { type, resourceId, data: { ...EVENTS[type].example, id: resourceId, mark } };
  }
}
