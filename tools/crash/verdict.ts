import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { JsonRpc } from '../../server/src/chain/rpc.ts';
import { decodeUint, encodeBalanceOf } from '../../server/src/chain/token/calls.ts';
import { must } from '../../server/src/kernel/assert.ts';
import type { Receiver } from './receiver.ts';

const CLI = fileURLToPath(new URL('../../server/src/cli.ts', import.meta.url));
const RPC_TIMEOUT_MS = 30_000;
/** keccak256("Transfer(address,address,uint256)") */
const TRANSFER_TOPIC = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';

/** One line of the table: what must hold, and what was found. */
export interface Check {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

export const isBreach = ({ expected, found }: Check): boolean => expected !== found;

/** A cash-in as the campaign ordered it. */
export interface Expected {
  readonly cashInId: string;
  readonly address: string;
  readonly netMinor: bigint;
}

interface Log {
  readonly topics: readonly [string, string, string];
  readonly data: string;
}

/** Asks database, chain and receiver what became of the cash-ins. */
export async function judge(options: {
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly orders: readonly Expected[];
  readonly receiver: Receiver;
}): Promise<Check[]> {
  const { env, orders, receiver } = options;
  const client = new pg.Client({ connectionString: must(env.OMS_DATABASE_URL, 'OMS_DATABASE_URL') });
  const rpc = new JsonRpc({ url: must(env.OMS_RPC_URL, 'OMS_RPC_URL'), timeoutMs: RPC_TIMEOUT_MS });
  await client.connect();
  try {
    return [
      ...(await checkBooks(client, orders)),
      ...(await checkChain(client, rpc, must(env.OMS_USDC_ADDRESS, 'OMS_USDC_ADDRESS'), orders)),
      ...(await checkDeliveries(client, receiver)),
      { what: 'ledger check', expected: 'All invariants hold.', found: await ledgerCheck(options.home) },
    ];
  } finally {
    rpc.close();
    await client.end();
  }
}

async function checkBooks(client: pg.Client, orders: readonly Expected[]): Promise<Check[]> {
  const count = async (sql: string): Promise<string> =>
    String((await client.query<{ count: string }>(sql)).rows[0]?.count);
  const all = String(orders.length);
  return [
    { what: 'cash-ins', expected: all, found: await count('select count(*) from cash_ins') },
    {
      what: 'cash-ins completed',
      expected: all,
      found: await count(`select count(*) from cash_ins where status = 'completed'`),
    },
    { what: 'sends', expected: all, found: await count('select count(*) from sends') },
    {
      what: 'sends paid',
      expected: all,
      found: await count(`select count(distinct resource_id) from sends where status = 'paid'`),
    },
    {
      // The same decisions, each once, for every cash-in: none is missing and none was made twice.
      what: 'kinds of books that cash-ins have',
      expected: '1',
      found: await count(`
        select count(distinct books) from (
          select string_agg(substr(group_id, length(cash_in_id) + 1) || ':' || position, ' ' order by group_id, position) books
          from cash_ins left join ledger_transfers on group_id like cash_in_id || '.%' group by cash_in_id) each_one`),
    },
  ];
}

async function checkChain(
  client: pg.Client,
  rpc: JsonRpc,
  token: string,
  orders: readonly Expected[],
): Promise<Check[]> {
  const { rows } = await client.query<{ address: string }>('select address from treasuries');
  const treasury = must(rows[0], 'the treasury').address;
  const filter = {
    address: token,
    fromBlock: '0x0',
    toBlock: 'latest',
    topics: [TRANSFER_TOPIC, topicOf(treasury)],
  };
  const logs = await rpc.call<readonly Log[]>('eth_getLogs', [filter]);
  const paid = Map.groupBy(logs, ({ topics }) => topics[2]);
  const ordered = Map.groupBy(orders, ({ address }) => topicOf(address));
  let rightBalances = 0;
  let rightTransfers = 0;
  for (const [topic, ofAddress] of ordered) {
    const sum = ofAddress.reduce((total, { netMinor }) => total + netMinor, 0n);
    const call = { to: token, data: encodeBalanceOf(`0x${topic.slice(-40)}`) };
    if (decodeUint(await rpc.call<string>('eth_call', [call, 'latest'])) === sum) rightBalances += 1;
    const amounts = (list: readonly bigint[]): string => list.map(String).sort().join();
    const wanted = amounts(ofAddress.map(({ netMinor }) => netMinor));
    if (amounts((paid.get(topic) ?? []).map(({ data }) => BigInt(data))) === wanted) rightTransfers += 1;
  }
  return [
    { what: 'transfers from the treasury', expected: String(orders.length), found: String(logs.length) },
    {
      what: 'addresses with the right transfers',
      expected: String(ordered.size),
      found: String(rightTransfers),
    },
    {
      what: 'addresses with the right balance',
      expected: String(ordered.size),
      found: String(rightBalances),
    },
  ];
}

const topicOf = (address: string): string => `0x${address.slice(2).toLowerCase().padStart(64, '0')}`;

async function checkDeliveries(client: pg.Client, { deliveries, refused }: Receiver): Promise<Check[]> {
  const { rows } = await client.query<{ event_id: string; resource_id: string; sequence: string }>(
    'select event_id, resource_id, sequence from events',
  );
  const received = Map.groupBy(deliveries, ({ eventId }) => eventId);
  const place = (resourceId: string, sequence: number | string): string => `${resourceId} ${sequence}`;
  const places = new Map(rows.map((row) => [row.event_id, place(row.resource_id, row.sequence)]));
  const misplaced = deliveries.filter(
    (each) => places.get(each.eventId) !== place(each.resourceId, each.sequence),
  );
  const renamed = [...received.values()].filter((list) => new Set(list.map(({ id }) => id)).size > 1);
  return [
    { what: 'events delivered', expected: String(rows.length), found: String(received.size) },
    { what: 'deliveries repeated under another id', expected: '0', found: String(renamed.length) },
    { what: 'deliveries that are no event', expected: '0', found: String(misplaced.length) },
    { what: 'deliveries with a bad signature', expected: '0', found: String(refused.length) },
  ];
}

/** The last line of `openoms ledger check`, with what it found before that. */
function ledgerCheck(home: string): Promise<string> {
  const env = { PATH: process.env.PATH, OMS_HOME: home };
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, 'ledger', 'check'], { env }, (error, stdout, stderr) => {
      resolve((error ? `${stdout}${stderr}` : stdout).trim());
    });
  });
}

/** Whether every event has been delivered; the worker may still be at it. */
export async function isAllDelivered(databaseUrl: string, { deliveries }: Receiver): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client
    .query<{ event_id: string }>('select event_id from events')
    .finally(() => client.end());
  const received = new Set(deliveries.map(({ eventId }) => eventId));
  return rows.every((row) => received.has(row.event_id));
}
