import { type Database, PLATFORM } from '../db/database.ts';
import { type Clock, MINUTE_MS } from '../kernel/clock.ts';
import type { Logger } from '../kernel/log.ts';
import type { KeyPrincipal } from './principal.ts';

/** How long a use waits for others, so that all keys of a busy server are one statement. */
const FLUSH_MS = 1_000;
/** Keys remembered; what is forgotten is written once more. */
const MAX_KNOWN = 100_000;

/** When each API key was last used, to the minute: written behind the requests, at most once a minute for each key. */
export class ApiKeyUse {
  readonly #db: Database;
  readonly #wallClock: Clock;
  readonly #log: Logger;
  /** The minute that each key was last noted in. */
  readonly #known = new Map<string, number>();
  readonly #waiting = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ db, wallClock, log }: { db: Database; wallClock: Clock; log: Logger }) {
    this.#db = db;
    this.#wallClock = wallClock;
    this.#log = log;
  }

  note({ apiKey }: KeyPrincipal): void {
    const minute = this.#minute();
    if (this.#known.get(apiKey) === minute) return;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(apiKey, minute);
    this.#waiting.add(apiKey);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const keys = [...this.#waiting].sort();
    this.#waiting.clear();
    if (keys.length === 0) return;
    const at = new Date(this.#minute() * MINUTE_MS);
    try {
      await this.#db.tx(PLATFORM, (tx) =>
        tx.query(
          `update api_keys set last_used_at = $2 where api_key in (
             select api_key from api_keys where api_key = any ($1::text[]) and last_used_at is distinct from $2
             order by api_key for update skip locked)`,
          [keys, at],
        ),
      );
    } catch (error) {
      this.#log.warn({ error: error as Error }, 'the use of API keys was not noted');
    }
  }

  #minute(): number {
    return Math.floor(this.#wallClock.now().getTime() / MINUTE_MS);
  }
}
