import { type Database, PLATFORM } from '../../db/database.ts';
import type { NetworkName, TokenAsset } from '../networks.ts';
import type { FailedSend, SendFailureCode, SettlementHandlers } from '../sends.ts';
import { authorizationNonce } from '../token/authorization.ts';

/** A queued send with its authorization fixed. */
export interface ClaimedSend {
  readonly sendId: string;
  readonly attempt: number;
  readonly keySet: number;
  readonly keyIndex: number;
  readonly to: string;
  readonly value: bigint;
  readonly validAfter: number;
  readonly validBefore: number;
}

/** An open send whose authorization has ended. */
export interface ExpiredSend {
  readonly projectId: string;
  readonly sendId: string;
  readonly attempt: number;
  readonly from: string;
  readonly to: string;
  readonly amountMinor: bigint;
  readonly authorizationNonce: string;
  readonly relays: number;
}

/** EIP-3009 authorizations are good from the start: the end alone bounds them. */
const VALID_AFTER = 0;

/**
 * The oldest queued sends, but for those of projects whose balances are yet to be set on the chain. Their authorizations are fixed and committed before anything is signed, so that signing
 * again after a crash gives the same bytes.
 */
export async function claimQueued(
  db: Database,
  network: NetworkName,
  claim: {
    readonly limit: number;
    readonly maxRelays: number;
    /** Unix seconds: what a new authorization gets, and what an older one must exceed. */
    readonly validBefore: number;
    readonly minValidBefore: number;
  },
): Promise<ClaimedSend[]> {
  return db.tx(PLATFORM, async (tx) => {
    const rows = await tx.query<{
      send_id: string;
      attempt: number;
      from_key_index: bigint;
      key_set: number;
      to_address: string;
      amount: bigint;
      valid_before: bigint | null;
    }>(
      `select send_id, attempt, from_key_index, key_set, to_address, amount, valid_before from sends
       join address_pool on key_index = from_key_index
       where network = $1 and status = 'queued' and refused_as is null and relays < $2 and (valid_before is null or valid_before > $3)
         and project_id not in (select c.project_id from world_changes c where c.status = 'applied')
       order by created_at, send_id limit $4 for update of sends skip locked`,
      [network, claim.maxRelays, claim.minValidBefore, claim.limit],
    );
    const unfixed = rows.filter((row) => row.valid_before === null);
    await tx.query(
      `update sends set valid_before = $1, authorization_nonce = nonce
       from unnest($2::text[], $3::text[]) as fixed (id, nonce) where send_id = id`,
      [
        claim.validBefore,
        unfixed.map((row) => row.send_id),
        unfixed.map((row) => authorizationNonce(row.send_id, row.attempt)),
      ],
    );
    return rows.map((row) => ({
      sendId: row.send_id,
      attempt: row.attempt,
      keySet: row.key_set,
      keyIndex: Number(row.from_key_index),
      to: row.to_address,
      value: row.amount,
      validAfter: VALID_AFTER,
      validBefore: Number(row.valid_before ?? claim.validBefore),
    }));
  });
}

/** The signer will not sign these: they are relayed no more and fail once their authorization would have ended. */
export async function giveUpRelaying(
  db: Database,
  sends: readonly ClaimedSend[],
  maxRelays: number,
): Promise<void> {
  await db.tx(PLATFORM, (tx) =>
    tx.query(`update sends set relays = $2 where send_id = any($1) and status = 'queued'`, [
      sends.map(({ sendId }) => sendId),
      maxRelays,
    ]),
  );
}

/** Open sends whose authorizations ended before the given chain time, oldest first. */
export async function listExpired(
  db: Database,
  network: NetworkName,
  timeSeconds: number,
  limit: number,
): Promise<ExpiredSend[]> {
  const rows = await db.tx(PLATFORM, (tx) =>
    tx.query<{
      project_id: string;
      send_id: string;
      attempt: number;
      from_address: string;
      to_address: string;
      amount: bigint;
      authorization_nonce: string;
      relays: number;
    }>(
      `select project_id, send_id, attempt, from_address, to_address, amount, authorization_nonce, relays
       from sends where network = $1 and status in ('queued', 'relaying') and valid_before < $2
       order by valid_before limit $3`,
      [network, timeSeconds, limit],
    ),
  );
  return rows.map((row) => ({
    projectId: row.project_id,
    sendId: row.send_id,
    attempt: row.attempt,
    from: row.from_address,
    to: row.to_address,
    amountMinor: row.amount,
    authorizationNonce: row.authorization_nonce,
    relays: row.relays,
  }));
}

/** A send that is to end without having been paid. */
export interface FailingSend {
  readonly projectId: string;
  readonly sendId: string;
  readonly attempt: number;
  readonly failureCode: SendFailureCode;
}

/** Queued sends that are never relayed, oldest first. */
export async function listRefused(db: Database, network: NetworkName, limit: number): Promise<FailingSend[]> {
  const rows = await db.tx(PLATFORM, (tx) =>
    tx.query<{ project_id: string; send_id: string; attempt: number; refused_as: SendFailureCode }>(
      `select project_id, send_id, attempt, refused_as from sends
       where network = $1 and status = 'queued' and refused_as is not null order by created_at limit $2`,
      [network, limit],
    ),
  );
  return rows.map((row) => ({
    projectId: row.project_id,
    sendId: row.send_id,
    attempt: row.attempt,
    failureCode: row.refused_as,
  }));
}

/** Queues sends again, to be authorized anew: their authorizations are dead. */
export async function renew(db: Database, sends: readonly ExpiredSend[]): Promise<void> {
  await db.tx(PLATFORM, (tx) =>
    tx.query(
      `update sends set status = 'queued', attempt = attempt + 1, valid_before = null, authorization_nonce = null,
         batch_id = null, relays = 0
       from unnest($1::text[], $2::integer[]) as dead (id, dead_attempt)
       where send_id = id and attempt = dead_attempt and status in ('queued', 'relaying')`,
      [sends.map(({ sendId }) => sendId), sends.map(({ attempt }) => attempt)],
    ),
  );
}

/** Fails one project's sends that nothing can pay any more, and tells the handler. */
export async function failSends(
  db: Database,
  handlers: SettlementHandlers,
  projectId: string,
  sends: readonly FailingSend[],
  at: Date,
): Promise<void> {
  await db.tx(projectId, async (tx) => {
    const rows = await tx.query<{
      send_id: string;
      network: NetworkName;
      asset: TokenAsset;
      amount: bigint;
      purpose: string;
      resource_id: string;
      failure_code: SendFailureCode;
    }>(
      `update sends set status = 'failed', failure_code = code, settled_at = $5
       from unnest($2::text[], $3::integer[], $4::text[]) as dead (id, dead_attempt, code)
       where project_id = $1 and send_id = id and attempt = dead_attempt and status in ('queued', 'relaying')
       returning send_id, network, asset, amount, purpose, resource_id, failure_code`,
      [
        projectId,
        sends.map(({ sendId }) => sendId),
        sends.map(({ attempt }) => attempt),
        sends.map(({ failureCode }) => failureCode),
        at,
      ],
    );
    const failed = rows.map(
      (row): FailedSend => ({
        sendId: row.send_id,
        network: row.network,
        asset: row.asset,
        amountMinor: row.amount,
        purpose: row.purpose,
        resourceId: row.resource_id,
        failureCode: row.failure_code,
      }),
    );
    if (failed.length > 0) await handlers.sendsFailed(tx, failed);
  });
}
