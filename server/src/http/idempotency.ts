import type { KeyObject } from 'node:crypto';
import { type Database, one, PLATFORM, type Tx } from '../db/database.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { addMs, type Clock, DAY_MS, HOUR_MS } from '../kernel/clock.ts';
import { equalBytes, hmacSha256 } from '../kernel/crypto.ts';
import { ApiError } from '../kernel/errors.ts';
import type { Sealer } from '../sealing/sealers.ts';
import { revokedKey } from './errors.ts';
import type { Caller } from './operation.ts';

/** A reply is repeated for 72 hours; for 90 days its key is refused, so that an old key never pays twice. */
export const REPLY_KEPT_MS = 72 * HOUR_MS;
const TOMBSTONE_KEPT_MS = 90 * DAY_MS;
const RETRY_AFTER_SECONDS = 1;
const SWEEP_BATCH = 5_000;

/** Free-form in the documents; bounded and printable, so that it can be stored and shown. */
const KEY_FORM = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

export interface StoredReply {
  readonly status: number;
  /** The exact text that was sent; empty for 204. */
  readonly body: string;
}

/** Replies that are final for their key. Refusals before execution, 429 and 5xx are not: the next call runs. */
export const isFinal = (status: number): boolean => status < 300 || status === 409 || status === 422;

export const isIdempotencyKey = (text: string): boolean => KEY_FORM.test(text);

/** Everything but the first two is null while nothing was answered under the key. */
interface ClaimRow {
  is_active: boolean;
  is_claimed: boolean;
  fingerprint: Buffer | null;
  status: number;
  sealed_reply: Buffer | null;
  created_at: Date;
}

const replyPlace = (key: string) => ({ table: 'idempotency_keys', column: 'sealed_reply', row: key });

/** Replies by (project, key), written in the commit of their effect. */
export class Idempotency {
  readonly #clock: Clock;
  readonly #fingerprintKey: KeyObject;

  constructor(clock: Clock, fingerprintKey: KeyObject) {
    this.#clock = clock;
    this.#fingerprintKey = fingerprintKey;
  }

  /** Keyed hash of method, path and canonical body: it may cover identity data, so it is not a plain digest. */
  fingerprint(method: string, path: string, body: unknown): Buffer {
    return hmacSha256(this.#fingerprintKey, canonicalJson([method, path, body ?? null]));
  }

  /**
   * Claims the key for this transaction, or answers the reply it already has. Throws 401 when the API key was revoked,
   * 409 `idempotency_in_progress` while another transaction holds the key, 409 `idempotency_conflict` for another
   * request, 422 `idempotency_key_expired` when the reply is no longer kept.
   */
  async claim(
    tx: Tx,
    { apiKey, sealer }: Caller,
    key: string,
    fingerprint: Buffer,
  ): Promise<StoredReply | undefined> {
    const row = one(
      await tx.query<ClaimRow>('select * from claim_request($1, $2)', [apiKey, key]),
      'claim of a request',
    );
    if (!row.is_active) throw revokedKey();
    if (!row.is_claimed) {
      throw new ApiError(
        409,
        'idempotency_in_progress',
        'The first request with this key is still running.',
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      );
    }
    if (!row.fingerprint) return undefined;
    if (!equalBytes(row.fingerprint, fingerprint)) {
      throw new ApiError(409, 'idempotency_conflict', 'This key was used before with another request.');
    }
    if (!row.sealed_reply || addMs(row.created_at, REPLY_KEPT_MS) < this.#clock.now()) {
      throw new ApiError(
        422,
        'idempotency_key_expired',
        'This key is too old to be answered again; use a new one.',
      );
    }
    return { status: row.status, body: sealer.unseal(replyPlace(key), row.sealed_reply) };
  }

  async store(tx: Tx, sealer: Sealer, key: string, fingerprint: Buffer, reply: StoredReply): Promise<void> {
    await tx.query(
      `insert into idempotency_keys (project_id, key, fingerprint, status, sealed_reply, created_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [tx.scope, key, fingerprint, reply.status, sealer.seal(replyPlace(key), reply.body), this.#clock.now()],
    );
  }

  /** Drops replies and tombstones that are past their time. Returns whether there may be more. */
  async sweep(db: Database): Promise<boolean> {
    const now = this.#clock.now();
    const swept = await db.tx(PLATFORM, (tx) =>
      tx.query<{ count: bigint }>(
        `with emptied as (
           update idempotency_keys set sealed_reply = null where (project_id, key) in (
             select project_id, key from idempotency_keys
             where created_at < $1 and sealed_reply is not null limit $3)
           returning 1),
         dropped as (
           delete from idempotency_keys where (project_id, key) in (
             select project_id, key from idempotency_keys where created_at < $2 limit $3)
           returning 1)
         select (select count(*) from emptied) + (select count(*) from dropped) as count`,
        [addMs(now, -REPLY_KEPT_MS), addMs(now, -TOMBSTONE_KEPT_MS), SWEEP_BATCH],
      ),
    );
    return (swept[0]?.count ?? 0n) >= BigInt(SWEEP_BATCH);
  }
}
