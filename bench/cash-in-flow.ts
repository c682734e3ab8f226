import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { assert } from '../server/src/kernel/assert.ts';
import type { Bench } from './bench.ts';
import { measureRawChain } from './raw-chain.ts';
import type { Measurement } from './report.ts';
import { prepareCommits, prepareCustomers } from './requests.ts';
import type { Sandbox } from './sandbox.ts';
import type { SqlLimits } from './sql-limits.ts';
import { percentile } from './statistics.ts';

const CONNECTIONS = 32;
const POLL_MS = 20;
const COMPLETED_TIMEOUT_MS = 180_000;

/** Cash-ins per second from the till's commit to `completed`: all are committed as fast as they go, the last one ends it. */
export async function measureCashIns(bench: Bench, sandbox: Sandbox, sql: SqlLimits): Promise<Measurement> {
  const { cashIns: count } = bench.scale;
  const sqlPerSecond = await sql.ofDeposits(CONNECTIONS);
  const chainPerSecond = await measureRawChain(bench, sandbox.product.databaseUrl, count);
  await sandbox.quiet();
  const customers = await prepareCustomers(sandbox.sendAll, count);
  const requests = await prepareCommits(sandbox.sendAll, customers);
  await sandbox.quiet();
  const before = await completed(sandbox);
  const startedMs = performance.now();
  const [load] = await Promise.all([
    bench.load.run({
      port: sandbox.product.port,
      connections: CONNECTIONS,
      token: sandbox.token,
      requests,
      keyPrefix: randomUUID(),
      durationMs: undefined,
      warmUpMs: 0,
    }),
    untilCompleted(sandbox, before + count),
  ]);
  const perSecond = (count * 1_000) / (performance.now() - startedMs);
  const latencies = await sandbox.rows<{ ms: number }>(
    `select (extract(epoch from completed_at - deposited_at) * 1000)::float as ms from cash_ins
     where completed_at is not null order by completed_at desc limit ${count}`,
  );
  const sorted = latencies.map(({ ms }) => ms).sort((a, b) => a - b);
  const limits = [
    { name: 'chain', value: chainPerSecond },
    { name: 'sql', value: sqlPerSecond },
  ];
  return {
    name: `cash-in, till to completed (${count})`,
    connections: CONNECTIONS,
    value: perSecond,
    unit: '/s',
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    clientCpuShare: load.clientCpuShare,
    limits,
    shareOfLimit: perSecond / Math.min(...limits.map(({ value }) => value)),
  };
}

const completed = (sandbox: Sandbox): Promise<number> =>
  sandbox.count(`select count(*) from cash_ins where status = 'completed'`);

async function untilCompleted(sandbox: Sandbox, count: number): Promise<void> {
  const deadlineMs = performance.now() + COMPLETED_TIMEOUT_MS;
  while ((await completed(sandbox)) < count) {
    assert(performance.now() < deadlineMs, 'cash-ins do not complete');
    await delay(POLL_MS);
  }
}
