import { type Database, one, PLATFORM, type Tx } from '../../db/database.ts';
import type { Header } from '../blocks.ts';
import type { NetworkName } from '../networks.ts';
import type { SignedTransfer } from '../vault/protocol.ts';
import type { Fees } from './fees.ts';

export type BatchStatus = 'signed' | 'broadcast' | 'mined' | 'final' | 'superseded';

export interface Relayer {
  readonly index: number;
  readonly address: string;
  readonly nextNonce: number;
}

export interface Attempt extends Fees {
  readonly hash: string;
  readonly createdAt: Date;
}

/** With its signed bytes, up to 200 kB of hex: read when they are sent, not at each tick. */
export interface SignedAttempt extends Attempt {
  readonly raw: string;
}

export interface BlockRef {
  readonly number: number;
  readonly hash: string;
}

/** A transaction whose fate is not final. Attempts oldest first. */
export interface OpenBatch {
  readonly batchId: string;
  readonly relayerIndex: number;
  readonly nonce: number;
  readonly status: BatchStatus;
  readonly gas: bigint;
  readonly sentAt: Date | undefined;
  /** Where it was when it was last asked for. */
  readonly block: BlockRef | undefined;
  readonly attempts: readonly Attempt[];
}

export interface NewBatch {
  readonly batchId: string;
  readonly relayer: Relayer;
  readonly gas: bigint;
  readonly transfers: readonly SignedTransfer[];
  readonly attempt: SignedAttempt;
}

/** A stored transfer has its amount as text: JSON has no integers of that size. */
type StoredTransfer = Omit<SignedTransfer, 'value'> & { readonly value: string };

export async function listRelayers(db: Database, network: NetworkName): Promise<Relayer[]> {
  const rows = await db.tx(PLATFORM, (tx) =>
    tx.query<{ relayer_index: number; address: string; next_nonce: bigint }>(
      'select relayer_index, address, next_nonce from relayers where network = $1 order by relayer_index',
      [network],
    ),
  );
  return rows.map((row) => ({
    index: row.relayer_index,
    address: row.address,
    nextNonce: Number(row.next_nonce),
  }));
}

export async function insertRelayer(db: Database, network: NetworkName, relayer: Relayer): Promise<void> {
  await db.tx(PLATFORM, (tx) =>
    tx.query(
      `insert into relayers (network, relayer_index, address, next_nonce) values ($1, $2, $3, $4)
       on conflict (network, relayer_index) do nothing`,
      [network, relayer.index, relayer.address, relayer.nextNonce],
    ),
  );
}

/** Jumps over nonces that final transactions of the account have used without us. */
export async function skipNonces(
  db: Database,
  network: NetworkName,
  relayer: Relayer,
  nextNonce: number,
): Promise<void> {
  await db.tx(PLATFORM, (tx) =>
    tx.query(
      'update relayers set next_nonce = $4 where network = $1 and relayer_index = $2 and next_nonce = $3',
      [network, relayer.index, relayer.nextNonce, nextNonce],
    ),
  );
}

/**
 * Allocates the nonce and stores the signed batch with its first attempt, all or nothing. Throws when another
 * process took the nonce, or one of the sends is no longer queued as it was signed.
 */
export async function insertBatch(tx: Tx, network: NetworkName, batch: NewBatch): Promise<void> {
  const { batchId, relayer, attempt, transfers } = batch;
  one(
    await tx.query(
      `update relayers set next_nonce = $3 + 1
       where network = $1 and relayer_index = $2 and next_nonce = $3 returning relayer_index`,
      [network, relayer.index, relayer.nextNonce],
    ),
    'nonce of the relayer',
  );
  await tx.query(
    `insert into relay_batches (network, batch_id, relayer_index, nonce, status, gas, transfers, created_at)
     values ($1, $2, $3, $4, 'signed', $5, $6, $7)`,
    [network, batchId, relayer.index, relayer.nextNonce, batch.gas, toJson(transfers), attempt.createdAt],
  );
  await insertAttempt(tx, batchId, attempt);
  const relaying = await tx.query(
    `update sends set status = 'relaying', batch_id = $1
     from unnest($2::text[], $3::integer[]) as signed (signed_id, signed_attempt)
     where send_id = signed_id and attempt = signed_attempt and status = 'queued' returning send_id`,
    [batchId, transfers.map(({ sendId }) => sendId), transfers.map((transfer) => transfer.attempt)],
  );
  if (relaying.length !== transfers.length) throw new SendsChanged(batchId);
}

/** A send was settled between its claim and the storing of its batch. The next tick claims what is left. */
class SendsChanged extends Error {
  override readonly name = 'SendsChanged';
}

export async function insertAttempt(tx: Tx, batchId: string, attempt: SignedAttempt): Promise<void> {
  await tx.query(
    `insert into relay_attempts (batch_id, hash, raw, max_fee_per_gas, max_priority_fee_per_gas, created_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [
      batchId,
      attempt.hash,
      attempt.raw,
      attempt.maxFeePerGas,
      attempt.maxPriorityFeePerGas,
      attempt.createdAt,
    ],
  );
}

/** Lowest nonce first. Bounded by the relayers and what each may have in flight. */
export async function listOpenBatches(db: Database, network: NetworkName): Promise<OpenBatch[]> {
  const rows = await db.tx(PLATFORM, (tx) =>
    tx.query<{
      batch_id: string;
      relayer_index: number;
      nonce: bigint;
      status: BatchStatus;
      gas: bigint;
      sent_at: Date | null;
      block_number: bigint | null;
      block_hash: string | null;
      hash: string;
      max_fee_per_gas: bigint;
      max_priority_fee_per_gas: bigint;
      attempted_at: Date;
    }>(
      `select batch_id, relayer_index, nonce, status, gas, sent_at, block_number, block_hash, hash,
         max_fee_per_gas, max_priority_fee_per_gas, a.created_at as attempted_at
       from relay_batches b join relay_attempts a using (batch_id)
       where network = $1 and status in ('signed', 'broadcast', 'mined')
       order by relayer_index, nonce, max_fee_per_gas`,
      [network],
    ),
  );
  return [...Map.groupBy(rows, (row) => row.batch_id).values()].map((group) => {
    const [first] = group;
    if (!first) throw new Error('a group has a member');
    return {
      batchId: first.batch_id,
      relayerIndex: first.relayer_index,
      nonce: Number(first.nonce),
      status: first.status,
      gas: first.gas,
      sentAt: first.sent_at ?? undefined,
      block:
        first.block_number === null || first.block_hash === null
          ? undefined
          : { number: Number(first.block_number), hash: first.block_hash },
      attempts: group.map((row) => ({
        hash: row.hash,
        maxFeePerGas: row.max_fee_per_gas,
        maxPriorityFeePerGas: row.max_priority_fee_per_gas,
        createdAt: row.attempted_at,
      })),
    };
  });
}

/** Open batches by relayer. */
export async function countInFlight(db: Database, network: NetworkName): Promise<Map<number, number>> {
  const rows = await db.tx(PLATFORM, (tx) =>
    tx.query<{ relayer_index: number; batches: bigint }>(
      `select relayer_index, count(*) as batches from relay_batches
       where network = $1 and status in ('signed', 'broadcast', 'mined') group by relayer_index`,
      [network],
    ),
  );
  return new Map(rows.map((row) => [row.relayer_index, Number(row.batches)]));
}

/** What a batch submits, as the signer signed it. */
export async function getTransfers(db: Database, batchId: string): Promise<SignedTransfer[]> {
  const rows = await db.tx(PLATFORM, (tx) =>
    tx.query<{ transfers: StoredTransfer[] }>('select transfers from relay_batches where batch_id = $1', [
      batchId,
    ]),
  );
  return one(rows, 'batch').transfers.map((transfer) => ({ ...transfer, value: BigInt(transfer.value) }));
}

export async function getRaw(db: Database, batchId: string, hash: string): Promise<string> {
  const rows = await db.tx(PLATFORM, (tx) =>
    tx.query<{ raw: string }>('select raw from relay_attempts where batch_id = $1 and hash = $2', [
      batchId,
      hash,
    ]),
  );
  return one(rows, 'attempt').raw;
}

const toJson = (transfers: readonly SignedTransfer[]): string =>
  JSON.stringify(
    transfers.map((transfer): StoredTransfer => ({ ...transfer, value: transfer.value.toString() })),
  );

export async function markSent(db: Database, batchId: string, at: Date): Promise<void> {
  await db.tx(PLATFORM, (tx) =>
    tx.query(
      `update relay_batches set status = 'broadcast', sent_at = $2
       where batch_id = $1 and status in ('signed', 'broadcast')`,
      [batchId, at],
    ),
  );
}

/** Each in the block that its receipt names. */
export async function markMined(
  db: Database,
  batches: readonly { readonly batchId: string; readonly block: BlockRef }[],
): Promise<void> {
  if (batches.length === 0) return;
  await db.tx(PLATFORM, (tx) =>
    tx.query(
      `update relay_batches set status = 'mined', block_number = in_number, block_hash = in_block
       from unnest($1::text[], $2::bigint[], $3::text[]) as mined (id, in_number, in_block)
       where batch_id = id and status in ('signed', 'broadcast', 'mined')`,
      [
        batches.map(({ batchId }) => batchId),
        batches.map(({ block }) => block.number),
        batches.map(({ block }) => block.hash),
      ],
    ),
  );
}

/** Its block was reorganised away. */
export async function markUnmined(db: Database, batchId: string): Promise<void> {
  await db.tx(PLATFORM, (tx) =>
    tx.query(
      `update relay_batches set status = 'broadcast', block_number = null, block_hash = null
       where batch_id = $1 and status = 'mined'`,
      [batchId],
    ),
  );
}

/**
 * The transactions are final, and so are their outcomes: sends they did not pay are queued again while relays are left,
 * else they wait until their authorization is dead. A relay that came after the authorization's end does not count.
 */
export async function finishBatches(
  db: Database,
  batches: readonly { readonly batchId: string; readonly block: Header }[],
  maxRelays: number,
): Promise<void> {
  if (batches.length === 0) return;
  await db.tx(PLATFORM, async (tx) => {
    const finished = await tx.query<{ batch_id: string; time: bigint }>(
      `update relay_batches set status = 'final', block_number = in_number, block_hash = in_block
       from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[]) as done (id, in_number, in_block, time)
       where batch_id = id and status in ('signed', 'broadcast', 'mined') returning batch_id, time`,
      [
        batches.map(({ batchId }) => batchId),
        batches.map(({ block }) => block.number),
        batches.map(({ block }) => block.hash),
        batches.map(({ block }) => block.time),
      ],
    );
    await tx.query(
      `update sends set relays = relays + case when valid_before > time then 1 else 0 end,
         status = case when valid_before > time and relays + 1 >= $3 then 'relaying' else 'queued' end
       from unnest($1::text[], $2::bigint[]) as done (id, time)
       where batch_id = id and status = 'relaying'`,
      [finished.map(({ batch_id }) => batch_id), finished.map(({ time }) => time.toString()), maxRelays],
    );
  });
}

/** Another transaction of the account has the nonce for good: the batch's sends are queued again. */
export async function supersedeBatch(db: Database, batchId: string): Promise<void> {
  await db.tx(PLATFORM, async (tx) => {
    const superseded = await tx.query(
      `update relay_batches set status = 'superseded', block_number = null, block_hash = null
       where batch_id = $1 and status in ('signed', 'broadcast', 'mined') returning batch_id`,
      [batchId],
    );
    if (superseded.length === 0) return;
    await tx.query(`update sends set status = 'queued' where batch_id = $1 and status = 'relaying'`, [
      batchId,
    ]);
  });
}
