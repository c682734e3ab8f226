import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { heads } from '../server/src/chain/blocks.ts';
import { startLocalChain } from '../server/src/chain/local/start.ts';
import { JsonRpc } from '../server/src/chain/rpc.ts';
import { startEmbeddedPostgres } from '../server/src/db/embedded/start.ts';
import { migrate } from '../server/src/db/migrate.ts';
import { assert } from '../server/src/kernel/assert.ts';
import { systemClock } from '../server/src/kernel/clock.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import { endChild } from '../server/src/kernel/process.ts';
import { fillProject, firstNonce, installLogToken, networkAt, submitBlock } from './indexing-fixture.ts';
import type { IndexOrder, IndexResult } from './indexing-process.ts';
import { measureReconciliation } from './indexing-reconciliation.ts';
import { formatColumns } from './report.ts';
import { median, percentile } from './statistics.ts';

/**
 * `npm run bench:index [-- --few 1000 --many 1000000 --blocks 60 --transfers 1000 --hits 20]`: following one chain with
 * few and with many watched addresses, each in a database and a process of its own, block by block in turn. Each block
 * has the same number of deposits for both. Then the same blocks once more as a backfill, and reconciliation over
 * growing numbers of wallets.
 */
const { values } = parseArgs({
  options: {
    few: { type: 'string', default: '1000' },
    many: { type: 'string', default: '1000000' },
    blocks: { type: 'string', default: '60' },
    transfers: { type: 'string', default: '1000' },
    hits: { type: 'string', default: '20' },
  },
});
const watched = { few: Number(values.few), many: Number(values.many) };
const NAMES = ['few', 'many'] as const;
type Name = (typeof NAMES)[number];
const [blocks, transfers, hits] = [Number(values.blocks), Number(values.transfers), Number(values.hits)];

const RPC_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 10_000;
/** The first blocks warm both processes up; they are not counted. */
const WARM_UP_BLOCKS = 10;
const TRAILING_BLOCKS = 70;
/** The aim: a block costs at most this many times as much with a thousand times the addresses. */
const AIM_RATIO = 1.5;

const dir = await mkdtemp(join(tmpdir(), 'oms-indexing-'));
const postgres = await startEmbeddedPostgres({ dir: join(dir, 'postgres'), log: silentLogger });
const closers: (() => Promise<unknown>)[] = [
  () => rm(dir, { recursive: true, force: true, maxRetries: 5 }),
  () => postgres.stop(),
];
const projectOf = (name: Name): string => `prj_${name}`;
const byProject = Object.fromEntries(NAMES.map((name) => [projectOf(name), watched[name]]));
const ms = (value: number): string => value.toFixed(1);

async function createDatabase(name: string): Promise<string> {
  const url = new URL(postgres.url);
  url.pathname = `/indexing_${name}`;
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query(`create database indexing_${name}`);
  await admin.end();
  await migrate(url.href);
  return url.href;
}

async function startChain() {
  const store = new pg.Pool({ connectionString: await createDatabase('chain') });
  closers.push(() => store.end());
  const chain = await startLocalChain({
    store,
    dir: join(dir, 'chain'),
    clock: systemClock,
    log: silentLogger,
    mining: 'manual',
  });
  closers.push(() => chain.stop());
  return chain;
}

/** A worker's indexer on a database. */
async function startIndexer(databaseUrl: string, rpcUrl: string) {
  const script = new URL('./indexing-process.ts', import.meta.url);
  const child: ChildProcess = fork(script, [databaseUrl, rpcUrl], { execArgv: [] });
  await once(child, 'message');
  closers.push(() => endChild(child, { timeoutMs: END_TIMEOUT_MS }));
  return async (order: IndexOrder): Promise<IndexResult> => {
    child.send(order);
    const [result] = (await once(child, 'message')) as [IndexResult];
    return result;
  };
}

try {
  const chain = await startChain();
  const node = new JsonRpc({ url: chain.url, timeoutMs: RPC_TIMEOUT_MS });
  closers.push(async () => node.close());
  await installLogToken(node);
  const urls = { few: await createDatabase('few'), many: await createDatabase('many') };
  for (const name of NAMES) await fillProject(urls[name], projectOf(name), watched[name]);
  const indexers = {
    few: await startIndexer(urls.few, chain.url),
    many: await startIndexer(urls.many, chain.url),
  };

  const results: Record<Name, IndexResult[]> = { few: [], many: [] };
  const readMs: number[] = [];
  let nonce = await firstNonce(node);
  for (let block = 0; block < WARM_UP_BLOCKS + blocks; block++) {
    nonce = await submitBlock(node, nonce, { transfers, hits, watched: byProject });
    await chain.mine();
    const { latest, finalized } = await heads(node);
    for (const name of block % 2 === 0 ? NAMES : NAMES.toReversed()) {
      const result = await indexers[name]({ until: finalized.number });
      if (block >= WARM_UP_BLOCKS) results[name].push(result);
    }
    const startedMs = performance.now();
    const filter = { blockHash: latest.hash, address: networkAt('').tokenAddress };
    const logs = await node.call<unknown[]>('eth_getLogs', [filter]);
    assert(logs.length >= transfers, `a block has ${logs.length} of ${transfers} transfers`);
    if (block >= WARM_UP_BLOCKS) readMs.push(performance.now() - startedMs);
  }
  await chain.mine(TRAILING_BLOCKS);
  const { finalized } = await heads(node);
  for (const name of NAMES) await indexers[name]({ until: finalized.number });

  const deposits = async (name: Name): Promise<number> => {
    const client = new pg.Client({ connectionString: urls[name] });
    await client.connect();
    const { rows } = await client.query(
      `select count(*)::integer found from deposits where status = 'credited'`,
    );
    await client.end();
    return rows[0].found;
  };
  const expected = (WARM_UP_BLOCKS + blocks) * hits;
  for (const name of NAMES) assert((await deposits(name)) === expected, `each of ${expected} deposits once`);

  const resetCursors = async (name: Name): Promise<void> => {
    const client = new pg.Client({ connectionString: urls[name] });
    await client.connect();
    await client.query(
      `update indexer_cursors set finalized_number = -1, finalized_hash = '0x' || repeat('0', 64);
       update ignored_transfer_cursors set listed_number = -1; delete from chain_blocks`,
    );
    await client.end();
  };
  const backfill: Partial<Record<Name, IndexResult>> = {};
  for (const name of NAMES) {
    await resetCursors(name);
    backfill[name] = await indexers[name]({ until: finalized.number });
    assert((await deposits(name)) === expected, `a backfill credits nothing again`);
  }

  const settleOf = (name: Name): number[] =>
    results[name].map(({ settleMs }) => settleMs).toSorted((a, b) => a - b);
  const rows = NAMES.map((name) => [
    watched[name].toLocaleString('en'),
    ms(median(settleOf(name))),
    ms(percentile(settleOf(name), 0.95)),
    ms(median(results[name].map(({ listMs }) => listMs))),
    ms((backfill[name]?.settleMs ?? 0) / (WARM_UP_BLOCKS + blocks)),
    (backfill[name]?.maxRssMb ?? 0).toFixed(0),
  ]);
  console.log(`${blocks} blocks with ${transfers} transfers each, ${hits} of them deposits`);
  console.log(
    formatColumns(['addresses', 'ms a block', 'p95 ms', 'list ms', 'backfill ms a block', 'memory MB'], rows),
  );
  console.log(`reading the logs of a block from the node, once: ${ms(median(readMs))} ms`);
  // Block by block, so that a moment in which the machine is busy elsewhere falls on both.
  const ratio = median(results.many.map(({ settleMs }, i) => settleMs / (results.few[i]?.settleMs ?? 0)));
  const verdict = ratio <= AIM_RATIO ? 'met' : 'MISSED';
  console.log(
    `a block with many beside the same with few: ${ratio.toFixed(2)} (aim ${AIM_RATIO}: ${verdict})`,
  );
  console.log(await measureReconciliation(await createDatabase('reconciliation'), node));
} finally {
  for (const close of closers.reverse()) await close();
}
