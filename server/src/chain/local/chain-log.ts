import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { must } from '../../kernel/assert.ts';
import { LocalChainError } from './errors.ts';

/** Something done to the chain. Timestamps in Unix seconds. */
export type LogEntry =
  | {
      readonly kind: 'genesis';
      readonly payload: {
        readonly chainId: number;
        readonly timestamp: number;
        readonly anvil: string;
        /** Absent in logs from before it was recorded: `UNRECORDED_BLOCK_GAS_LIMIT`. */
        readonly blockGasLimit?: number;
      };
    }
  | { readonly kind: 'transaction'; readonly payload: { readonly raw: string } }
  | {
      readonly kind: 'call';
      readonly payload: { readonly method: string; readonly params: readonly unknown[] };
    }
  | { readonly kind: 'block'; readonly payload: { readonly timestamp: number } };

/** `hash` is that of a block, null until it is known. */
export type LoggedEntry = LogEntry & { readonly seq: string; readonly hash: string | null };

export type GenesisEntry = Extract<LogEntry, { kind: 'genesis' }>;

/** Any two numbers, the same in every process; they keep this lock apart from other advisory locks. */
const LOCK = [721_634_003, 1] as const;
/** PostgreSQL ends a killed process's session when it next reads from the socket, normally at once. */
const LOCK_TIMEOUT_MS = 5_000;
const LOCK_RETRY_MS = 50;
const PAGE_ROWS = 500;

/**
 * The write-ahead log in PostgreSQL. All of it goes through one session that also holds the lock of the log's only
 * writer: whoever has lost the lock has lost the connection, and cannot write.
 */
export class ChainLog {
  /** Settles when the session is gone without having been closed. */
  readonly lost: Promise<Error>;
  readonly #client: pg.PoolClient;

  private constructor(client: pg.PoolClient) {
    this.#client = client;
    this.lost = new Promise((resolve) => {
      client.on('error', resolve);
      client.on('end', () => resolve(new Error('the connection to PostgreSQL ended')));
    });
  }

  /** Throws LocalChainError when another process has the log open. */
  static async open(store: pg.Pool): Promise<ChainLog> {
    const client = await store.connect();
    const log = new ChainLog(client);
    try {
      if (await acquireLock(client)) return log;
    } catch (error) {
      client.release(true);
      throw error;
    }
    client.release(true);
    throw new LocalChainError(
      'Another process runs the local EVM chain on this database; stop it, or set CHAIN_RPC_URL to its address.',
    );
  }

  /** The first entry, which says what chain this is; undefined when there is none yet. */
  async findGenesis(): Promise<GenesisEntry | undefined> {
    const [first] = await this.#page('0', 1);
    if (first === undefined) return undefined;
    if (first.kind === 'genesis') return first;
    throw new LocalChainError(
      'The local chain log does not begin with its genesis; empty the table local_chain_log to start anew.',
    );
  }

  /** All entries in order. */
  async *entries(): AsyncGenerator<LoggedEntry> {
    let after = '0';
    for (;;) {
      const page = await this.#page(after, PAGE_ROWS);
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_ROWS) return;
      after = last.seq;
    }
  }

  /** Adds the entries in one commit, durable on return. The sequence numbers of the blocks among them, in order. */
  async append(entries: readonly LogEntry[]): Promise<string[]> {
    const { rows } = await this.#client.query<{ seq: string; kind: string }>(
      `insert into local_chain_log (kind, payload)
       select kind, payload::jsonb
       from unnest($1::text[], $2::text[]) with ordinality as entry (kind, payload, position)
       order by position
       returning seq::text as seq, kind`,
      [entries.map(({ kind }) => kind), entries.map(({ payload }) => JSON.stringify(payload))],
    );
    return rows.filter(({ kind }) => kind === 'block').map(({ seq }) => seq);
  }

  /** Notes the hashes of mined blocks. */
  async recordHashes(blocks: readonly { readonly seq: string; readonly hash: string }[]): Promise<void> {
    await this.#client.query(
      `update local_chain_log set hash = mined.hash
       from unnest($1::bigint[], $2::text[]) as mined (seq, hash)
       where local_chain_log.seq = mined.seq and local_chain_log.hash is null`,
      [blocks.map(({ seq }) => seq), blocks.map(({ hash }) => hash)],
    );
  }

  /** Ends the session, which frees the lock. */
  close(): void {
    this.#client.release(true);
  }

  async #page(after: string, limit: number): Promise<LoggedEntry[]> {
    const { rows } = await this.#client.query<LoggedEntry>(
      `select seq::text as seq, kind, payload, hash from local_chain_log
       where seq > $1::bigint order by local_chain_log.seq limit $2`,
      [after, limit],
    );
    return rows;
  }
}

async function acquireLock(client: pg.PoolClient): Promise<boolean> {
  const deadlineMs = performance.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1, $2) as held', [
      ...LOCK,
    ]);
    if (must(rows[0], 'a select without a table gives one row').held) return true;
    if (performance.now() >= deadlineMs) return false;
    await delay(LOCK_RETRY_MS);
  }
}
