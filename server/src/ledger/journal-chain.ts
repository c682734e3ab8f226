import { createHash } from 'node:crypto';
import { one, type Tx } from '../db/database.ts';
import type { Finding } from './finding.ts';

/** The last link: whoever keeps it elsewhere can tell later whether anything up to it was changed. */
export interface ChainHead {
  /** 0 before the first batch. */
  readonly position: bigint;
  /** In hex. */
  readonly hash: string;
}

export interface ChainSummary extends ChainHead {
  readonly transfers: number;
  /** Batches that wait to be put into the chain. */
  readonly unchained: number;
  /** The hash at the position that was asked for, if there is such a link. */
  readonly hashAt: string | undefined;
}

interface ChainCheck {
  readonly at?: bigint | undefined;
  readonly onRecomputed?: (transfers: number) => Promise<void>;
}

interface BatchRow {
  batch_id: bigint;
  transfers: number;
  digest: Buffer;
  chain_position: bigint | null;
  chain_hash: Buffer | null;
}

/** A page has at most so many batches, and stops at the one that reaches so many transfers. */
const PAGE_BATCHES = 1_000;
const PAGE_TRANSFERS = 10_000;
/** Their transfers are added up in one statement. */
const MAX_CHAINED_AT_ONCE = 1_000;
const GENESIS = Buffer.alloc(32);
const NO_LINE = Buffer.alloc(0);
const CHAIN_RULE = 'the chain of batches is unbroken';
const DIGEST_RULE = 'a batch has the transfers that its digest says';

const sha256 = (...parts: readonly (Buffer | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Puts batches that were committed since into the chain of the project; whether more may be waiting. */
export async function chainBatches(tx: Tx): Promise<boolean> {
  const rows = await tx.query<{ chained: number }>('select ledger_chain($1, $2) as chained', [
    tx.scope,
    MAX_CHAINED_AT_ONCE,
  ]);
  return one(rows, 'chained').chained === MAX_CHAINED_AT_ONCE;
}

/** In the platform's scope: projects with batches that wait. */
export async function listUnchainedProjects(tx: Tx): Promise<string[]> {
  const rows = await tx.query<{ project_id: string }>(
    'select distinct project_id from ledger_batches where chain_position is null',
  );
  return rows.map((row) => row.project_id);
}

/**
 * Recomputes each batch's digest from its transfers, and each link from the one before. `at`: a position whose hash is
 * to be told, to compare with one that was noted earlier. `onRecomputed` is told of so many transfers more.
 */
export async function* checkChain(
  tx: Tx,
  { at, onRecomputed }: ChainCheck = {},
): AsyncGenerator<Finding, ChainSummary> {
  let position = 0n;
  let head: Buffer = GENESIS;
  let transfers = 0;
  let hashAt: string | undefined;
  for await (const batch of chainedBatches(tx)) {
    position += 1n;
    const hash = sha256(head, batch.digest);
    if (batch.chain_position !== position || !hash.equals(batch.chain_hash ?? NO_LINE)) {
      yield {
        rule: CHAIN_RULE,
        subject: `position ${batch.chain_position}`,
        detail: `batch ${batch.batch_id}`,
      };
    }
    position = batch.chain_position ?? position;
    // The rest is held against what is stored: one broken link is one finding.
    head = batch.chain_hash ?? hash;
    transfers += batch.transfers;
    if (position === at) hashAt = head.toString('hex');
    await onRecomputed?.(batch.transfers);
    yield* digestFindings(batch);
  }
  let unchained = 0;
  for await (const batch of unchainedBatches(tx)) {
    unchained += 1;
    transfers += batch.transfers;
    await onRecomputed?.(batch.transfers);
    yield* digestFindings(batch);
  }
  return { position, hash: head.toString('hex'), transfers, unchained, hashAt };
}

type ReadBatch = BatchRow & { readonly lines: readonly string[] };

function* digestFindings(batch: ReadBatch): Generator<Finding> {
  const digest = sha256(batch.lines.join('\n'));
  if (batch.lines.length === batch.transfers && digest.equals(batch.digest)) return;
  const detail = `${batch.lines.length} of ${batch.transfers} transfers`;
  yield { rule: DIGEST_RULE, subject: `batch ${batch.batch_id}`, detail };
}

const COLUMNS = 'batch_id, transfers, digest, chain_position, chain_hash';

async function* chainedBatches(tx: Tx): AsyncGenerator<ReadBatch> {
  for (let after = 0n; ; ) {
    const page = await readPage(
      tx,
      `select ${COLUMNS} from ledger_batches where project_id = $1 and chain_position > $2
       order by chain_position limit $3`,
      after,
    );
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last.chain_position ?? after;
  }
}

async function* unchainedBatches(tx: Tx): AsyncGenerator<ReadBatch> {
  for (let after = -1n; ; ) {
    const page = await readPage(
      tx,
      `select ${COLUMNS} from ledger_batches where project_id = $1 and chain_position is null and batch_id > $2
       order by batch_id limit $3`,
      after,
    );
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last.batch_id;
  }
}

async function readPage(tx: Tx, select: string, after: bigint): Promise<ReadBatch[]> {
  const found = await tx.query<BatchRow>(select, [tx.scope, after, PAGE_BATCHES]);
  let count = 0;
  const batches = found.filter(({ transfers }, index) => {
    const isWithin = index === 0 || count < PAGE_TRANSFERS;
    count += transfers;
    return isWithin;
  });
  const lines = await tx.query<{ batch_id: bigint; line: string }>(
    `select batch_id, line from ledger_journal where project_id = $1 and batch_id = any($2) order by batch_id, seq`,
    [tx.scope, batches.map(({ batch_id }) => batch_id)],
  );
  const byBatch = Map.groupBy(lines, ({ batch_id }) => batch_id);
  return batches.map((batch) => ({
    ...batch,
    lines: (byBatch.get(batch.batch_id) ?? []).map(({ line }) => line),
  }));
}
