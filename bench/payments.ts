import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { assert, must } from '../server/src/kernel/assert.ts';
import type { Bench } from './bench.ts';
import { CUSTOMERS } from './operations.ts';
import { measureRawChain } from './raw-chain.ts';
import type { Measurement } from './report.ts';
import {
  type PreparedCustomer,
  prepareCommits,
  prepareCustomers,
  quoteAndPaymentRequest,
} from './requests.ts';
import type { Sandbox } from './sandbox.ts';
import type { SqlLimits } from './sql-limits.ts';
import { percentile } from './statistics.ts';

const CONNECTIONS = 128;
const POLL_MS = 20;
const COMPLETED_TIMEOUT_MS = 300_000;

/**
 * Payments of many wallets to addresses outside, each a quote and the transaction it becomes: accepted per second while
 * the worker sends and settles them, and from the first request until the last is final on chain and in the books.
 */
export async function measurePayments(
  bench: Bench,
  sandbox: Sandbox,
  sql: SqlLimits,
): Promise<Measurement[]> {
  const { payments: count, replayed } = bench.scale;
  const sqlPerSecond = await sql.ofPayments(replayed, CONNECTIONS);
  const chainPerSecond = await measureRawChain(bench, sandbox.product.databaseUrl, count);
  const customers = await fundedCustomers(sandbox);
  await sandbox.quiet();
  const requests = Array.from({ length: count }, (_, index) =>
    quoteAndPaymentRequest(must(customers[index % customers.length], 'a customer')),
  );
  const startedMs = performance.now();
  const load = await bench.load.run({
    port: sandbox.product.port,
    connections: CONNECTIONS,
    token: sandbox.token,
    requests,
    keyPrefix: randomUUID(),
    durationMs: undefined,
    warmUpMs: 0,
  });
  await until(
    sandbox,
    `select count(*) from transactions where quote_id is not null and status = 'completed'`,
    count,
  );
  const perSecond = (count * 1_000) / (performance.now() - startedMs);
  const latencies = await sandbox.rows<{ ms: number }>(
    `select (extract(epoch from completed_at - created_at) * 1000)::float as ms from transactions
     where quote_id is not null`,
  );
  const sorted = latencies.map(({ ms }) => ms).sort((a, b) => a - b);
  const [sqlLimit, chainLimit] = [
    { name: 'sql', value: sqlPerSecond },
    { name: 'chain', value: chainPerSecond },
  ];
  return [
    {
      name: `quote + transaction, accepted (${count})`,
      connections: CONNECTIONS,
      value: load.perSecond,
      unit: '/s',
      p50Ms: load.p50Ms,
      p99Ms: load.p99Ms,
      clientCpuShare: load.clientCpuShare,
      limits: [sqlLimit],
      shareOfLimit: load.perSecond / sqlPerSecond,
    },
    {
      name: `payment, quote to completed (${count})`,
      connections: CONNECTIONS,
      value: perSecond,
      unit: '/s',
      p50Ms: percentile(sorted, 0.5),
      p99Ms: percentile(sorted, 0.99),
      limits: [chainLimit, sqlLimit],
      shareOfLimit: perSecond / Math.min(chainPerSecond, sqlPerSecond),
    },
  ];
}

/** Each with what is left of a cash-in in the wallet. */
async function fundedCustomers(sandbox: Sandbox): Promise<PreparedCustomer[]> {
  const customers = await prepareCustomers(sandbox.sendAll, CUSTOMERS);
  const completed = `select count(*) from cash_ins where status = 'completed'`;
  const before = await sandbox.count(completed);
  await sandbox.sendAll(await prepareCommits(sandbox.sendAll, customers));
  await until(sandbox, completed, before + customers.length);
  return customers;
}

async function until(sandbox: Sandbox, sql: string, count: number): Promise<void> {
  const deadlineMs = performance.now() + COMPLETED_TIMEOUT_MS;
  while ((await sandbox.count(sql)) < count) {
    assert(performance.now() < deadlineMs, 'payments do not complete');
    await delay(POLL_MS);
  }
}
