import { randomUUID } from 'node:crypto';
import type { Bench } from './bench.ts';
import type { LoadRequest, LoadResult } from './load.ts';
import type { Measurement } from './report.ts';
import {
  cashInRequest,
  customerRequest,
  prepareCustomers,
  quoteRequest,
  tokenRequest,
  walletRequest,
} from './requests.ts';
import type { Sandbox } from './sandbox.ts';
import type { Operation, SqlLimits } from './sql-limits.ts';
import { BareRoute } from './worker-process.ts';

/** Enough that requests of different connections seldom meet on one customer's row. */
export const CUSTOMERS = 200;
/** The token's single query is over so soon that a replay of a few hundred says nothing. */
const TOKENS_PER_REPLAY = 10;

const NAMES: Readonly<Record<Operation, string>> = {
  token: 'POST /auth/token',
  customer: 'POST /customers',
  wallet: 'POST /customers/{id}/wallets',
  'cash-in': 'POST /cash-ins',
  quotes: 'POST /quotes',
};

/** Requests per second of one operation, beside a bare Fastify route and the operation's SQL. */
export async function measureOperation(
  bench: Bench,
  sandbox: Sandbox,
  sql: SqlLimits,
  operation: Operation,
): Promise<Measurement[]> {
  const { connections, replayed } = bench.scale;
  const requests = await requestsOf(sandbox, operation);
  const [sample = ''] =
    operation === 'token'
      ? await tokenReply(bench, sandbox, requests)
      : await sandbox.sendAll(requests.slice(0, 1));
  await sandbox.quiet();
  const sqlPerSecond = await sql.ofOperation(
    operation,
    operation === 'token' ? replayed * TOKENS_PER_REPLAY : replayed,
    connections,
  );
  const bare = new BareRoute();
  try {
    const status = operation === 'token' ? 200 : 201;
    const barePort = await bare.serve({ status, body: sample });
    const rows: Measurement[] = [];
    for (const [index, each] of connections.entries()) {
      const limit = await load(bench, sandbox, barePort, operation, requests, each);
      const result = await load(bench, sandbox, sandbox.product.port, operation, requests, each);
      await sandbox.quiet();
      const limits = [
        { name: 'fastify', value: limit.perSecond },
        { name: 'sql', value: sqlPerSecond[index] ?? 0 },
      ];
      rows.push({
        name: NAMES[operation],
        connections: each,
        value: result.perSecond,
        unit: '/s',
        p50Ms: result.p50Ms,
        p99Ms: result.p99Ms,
        clientCpuShare: result.clientCpuShare,
        limits,
        shareOfLimit: result.perSecond / Math.min(...limits.map(({ value }) => value)),
      });
    }
    return rows;
  } finally {
    await bare.stop();
  }
}

async function requestsOf(sandbox: Sandbox, operation: Operation): Promise<LoadRequest[]> {
  const { apiKey, apiSecret } = sandbox.product;
  if (operation === 'token') return [tokenRequest(apiKey, apiSecret)];
  if (operation === 'customer') return [customerRequest()];
  const customers = await prepareCustomers(sandbox.sendAll, CUSTOMERS);
  return customers.map((customer) => {
    const { customerId, walletId } = customer;
    if (operation === 'quotes') return quoteRequest(customer);
    return operation === 'wallet' ? walletRequest(customerId) : cashInRequest(customerId, walletId);
  });
}

/** The one operation without a bearer token and without an idempotency key. */
async function tokenReply(
  bench: Bench,
  sandbox: Sandbox,
  requests: readonly LoadRequest[],
): Promise<readonly string[]> {
  const job = { connections: 1, token: undefined, requests, keyPrefix: undefined, warmUpMs: 0 };
  return (await bench.load.run({ ...job, port: sandbox.product.port, durationMs: undefined })).bodies;
}

function load(
  bench: Bench,
  sandbox: Sandbox,
  port: number,
  operation: Operation,
  requests: readonly LoadRequest[],
  connections: number,
): Promise<LoadResult> {
  const { durationMs, warmUpMs } = bench.scale;
  const isToken = operation === 'token';
  return bench.load.run({
    port,
    connections,
    requests,
    token: isToken ? undefined : sandbox.token,
    keyPrefix: isToken ? undefined : randomUUID(),
    durationMs,
    warmUpMs,
  });
}
