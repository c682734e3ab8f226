import type { KeyObject } from 'node:crypto';
import { type Database, PLATFORM } from '../db/database.ts';
import { addMs, type Clock, MINUTE_MS, SECOND_MS } from '../kernel/clock.ts';
import { hmacSha256 } from '../kernel/crypto.ts';
import { ApiError } from '../kernel/errors.ts';

const WINDOW_MS = 15 * MINUTE_MS;

/** Attempts within the window. Many people may share the address of a network. */
const MAX_ATTEMPTS = { email: 10, ip: 100, user: 10 } as const;

/** Who tries: the address of mail that is given, the network it comes from, or a user who is signed in. */
export interface Counted {
  readonly kind: keyof typeof MAX_ATTEMPTS;
  readonly value: string;
}

interface CountRow {
  counted: Buffer;
  attempts: number;
  since: Date;
}

/**
 * Counts tries of passwords and codes before they are looked at, in the database, so that neither many at a time nor many
 * processes nor a restart give more of them. A success gives back what it took, and all that its address of mail had.
 */
export class SignInAttempts {
  readonly #db: Database;
  readonly #wallClock: Clock;
  /** Whom somebody tried to be is nobody's to read. */
  readonly #key: KeyObject;

  constructor({ db, wallClock, key }: { db: Database; wallClock: Clock; key: KeyObject }) {
    this.#db = db;
    this.#wallClock = wallClock;
    this.#key = key;
  }

  /** Counts one more of each. Throws 429 when one of them has had too many. */
  async count(...all: readonly Counted[]): Promise<void> {
    const now = this.#wallClock.now();
    const hashes = all.map((each) => this.#hash(each));
    const rows = await this.#db.tx(PLATFORM, (tx) =>
      tx.query<CountRow>(
        // In the order of the hashes, so that two that count the same wait for each other in one order.
        `insert into sign_in_attempts as a (counted, attempts, since)
         select counted, 1, $2 from unnest($1::bytea[]) counted order by counted
         on conflict (counted) do update set
           attempts = case when a.since <= $3 then 1 else a.attempts + 1 end,
           since = case when a.since <= $3 then $2 else a.since end
         returning counted, attempts, since`,
        [hashes, now, addMs(now, -WINDOW_MS)],
      ),
    );
    const waitsMs = all.flatMap(({ kind }, index) => {
      const row = rows.find(({ counted }) => hashes[index]?.equals(counted));
      const isOver = row !== undefined && row.attempts > MAX_ATTEMPTS[kind];
      return isOver ? addMs(row.since, WINDOW_MS).getTime() - now.getTime() : [];
    });
    if (waitsMs.length > 0) throw tooMany(Math.max(...waitsMs));
  }

  async forgive(...all: readonly Counted[]): Promise<void> {
    const own = all.filter(({ kind }) => kind !== 'ip').map((each) => this.#hash(each));
    const networks = all.filter(({ kind }) => kind === 'ip').map((each) => this.#hash(each));
    await this.#db.tx(PLATFORM, async (tx) => {
      await tx.query('delete from sign_in_attempts where counted = any ($1::bytea[])', [own]);
      await tx.query(
        'update sign_in_attempts set attempts = greatest(attempts - 1, 0) where counted = any ($1::bytea[])',
        [networks],
      );
    });
  }

  /** Drops counts that are past their window. */
  async sweep(): Promise<void> {
    const before = addMs(this.#wallClock.now(), -WINDOW_MS);
    await this.#db.tx(PLATFORM, (tx) => tx.query('delete from sign_in_attempts where since <= $1', [before]));
  }

  #hash({ kind, value }: Counted): Buffer {
    return hmacSha256(this.#key, `${kind}:${kind === 'ip' ? networkOf(value) : value}`);
  }
}

const GROUPS = 8;
const GROUPS_OF_NETWORK = 4;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Of IPv6 the first 64 bits: the rest is whoever has them free to choose (RFC 4291, 2.5.4). */
export function networkOf(ip: string): string {
  const [, mapped] = MAPPED.exec(ip) ?? [];
  if (mapped !== undefined || !ip.includes(':')) return mapped ?? ip;
  const [before = [], after] = ip.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = after === undefined ? 0 : GROUPS - before.length - after.length;
  const groups = [...before, ...Array<string>(Math.max(zeros, 0)).fill('0'), ...(after ?? [])];
  return `${groups
    .slice(0, GROUPS_OF_NETWORK)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

const tooMany = (waitMs: number): ApiError =>
  new ApiError(429, 'rate_limited', 'Too many tries; wait a while.', {
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / SECOND_MS)),
  });
