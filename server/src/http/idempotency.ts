import type { KeyObject } from 'node:crypto';
import { type Standing, standingId } from '../auth/principal.ts';
import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import { must } from '../kernel/assert.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { addMs, type Clock, DAY_MS, HOUR_MS } from '../kernel/clock.ts';
import { equalBytes, hmacSha256 } from '../kernel/crypto.ts';
import { ApiError } from '../kernel/errors.ts';
import type { Caller, Route } from './operation.ts';
import { refusalOf } from './standing.ts';

/** A reply is repeated for 72 hours; for 90 days its key is refused, so that an old key never pays twice. */
const REPLY_KEPT_MS = 72 * HOUR_MS;
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

/** What makes two requests under one key the same. */
interface FingerprintedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly scenario: string | undefined;
}

/** Who asks, under which key if any, and the fingerprint of what. */
export interface KeyedRequest {
  readonly caller: Caller;
  readonly operation: Route['operation'];
  readonly key: string | undefined;
  readonly fingerprint: Buffer;
}

/** Everything but the first two is null while nothing was answered under the key. */
interface ClaimRow {
  standing: Standing;
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

  /**
   * Keyed hash of method, path, canonical body and the scenario, if there is one: it may cover identity data, so it is
   * not a plain digest.
   */
  fingerprint({ method, path, body, scenario }: FingerprintedRequest): Buffer {
    const parts = [method, path, body ?? null, ...(scenario === undefined ? [] : [scenario])];
    return hmacSha256(this.#fingerprintKey, canonicalJson(parts));
  }

  /** The same as `claimAll` for one request; throws what refuses it. */
  async claim(tx: Tx, request: KeyedRequest): Promise<StoredReply | undefined> {
    const [claim] = await this.claimAll(tx, [request]);
    if (claim instanceof ApiError) throw claim;
    return claim;
  }

  /**
   * Claims the keys for this transaction. For each request the reply it already has, or nothing when it is to run, or
   * what refuses it: 401 or 403 by the caller's standing, 409 `idempotency_in_progress` while another transaction holds
   * the key, 409 `idempotency_conflict` for another request, 422 `idempotency_key_expired` when the reply is no longer
   * kept. A request without a key is claimed by itself.
   */
  async claimAll(tx: Tx, requests: readonly KeyedRequest[]): Promise<(StoredReply | ApiError | undefined)[]> {
    const rows = await tx.query<ClaimRow>(
      `select claim.* from unnest($1::text[], $2::text[]) with ordinality request (principal, key, place)
       cross join lateral claim_request(principal, key) claim order by place`,
      [requests.map(({ caller }) => standingId(caller.principal)), requests.map(({ key }) => key ?? null)],
    );
    return requests.map((request, index) => this.#read(request, must(rows[index], 'a row per request')));
  }

  #read(
    { caller, operation, key, fingerprint }: KeyedRequest,
    row: ClaimRow,
  ): StoredReply | ApiError | undefined {
    const refusal = refusalOf(caller.principal, row.standing, operation);
    if (refusal) return refusal;
    if (!row.is_claimed) return inProgress();
    if (key === undefined || !row.fingerprint) return undefined;
    if (!equalBytes(row.fingerprint, fingerprint)) return conflict();
    if (!row.sealed_reply || addMs(row.created_at, REPLY_KEPT_MS) < this.#clock.now()) return keyExpired();
    return { status: row.status, body: caller.sealer.unseal(replyPlace(key), row.sealed_reply) };
  }

  /** Whether there is an answer under the key, however old and to whatever request. */
  async isAnswered(tx: Tx, key: string): Promise<boolean> {
    const rows = await tx.query('select from idempotency_keys where project_id = $1 and key = $2', [
      tx.scope,
      key,
    ]);
    return rows.length > 0;
  }

  async store(tx: Tx, request: KeyedRequest, reply: StoredReply): Promise<void> {
    await this.storeAll(tx, [{ ...request, reply }]);
  }

  /** Keeps the replies of keyed requests, in the commit of their effects. */
  async storeAll(
    tx: Tx,
    answered: readonly (KeyedRequest & { readonly reply: StoredReply })[],
  ): Promise<void> {
    const keyed = answered.flatMap(({ key, ...rest }) => (key === undefined ? [] : [{ key, ...rest }]));
    if (keyed.length === 0) return;
    await tx.query(
      `insert into idempotency_keys (project_id, key, fingerprint, status, sealed_reply, created_at)
       select $1, *, $6 from unnest($2::text[], $3::bytea[], $4::integer[], $5::bytea[])`,
      [
        tx.scope,
        keyed.map(({ key }) => key),
        keyed.map(({ fingerprint }) => fingerprint),
        keyed.map(({ reply }) => reply.status),
        keyed.map(({ key, caller, reply }) => caller.sealer.seal(replyPlace(key), reply.body)),
        this.#clock.now(),
      ],
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

const inProgress = (): ApiError =>
  new ApiError(409, 'idempotency_in_progress', 'The first request with this key is still running.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });

export const conflict = (): ApiError =>
  new ApiError(409, 'idempotency_conflict', 'This key was used before with another request.');

const keyExpired = (): ApiError =>
  new ApiError(422, 'idempotency_key_expired', 'This key is too old to be answered again; use a new one.');
