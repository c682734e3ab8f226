import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { JsonRpc } from '../../server/src/chain/rpc.ts';
import { must } from '../../server/src/kernel/assert.ts';
import { checkBooks } from './books.ts';
import { checkChain } from './chain.ts';
import { type Check, same, sameThings } from './check.ts';
import type { Done } from './done.ts';
import { checkKeys } from './keys.ts';
import { checkPayments } from './payment-books.ts';
import { bareEnvironment } from './processes.ts';

const CLI = fileURLToPath(new URL('../../server/src/cli.ts', import.meta.url));
const RPC_TIMEOUT_MS = 30_000;

/** Asks database, chain and receiver what became of it. */
export async function judge(
  home: string,
  env: Readonly<Record<string, string>>,
  done: Done,
): Promise<Check[]> {
  const client = new pg.Client({ connectionString: must(env.OMS_DATABASE_URL, 'OMS_DATABASE_URL') });
  const rpc = new JsonRpc({ url: must(env.OMS_RPC_URL, 'OMS_RPC_URL'), timeoutMs: RPC_TIMEOUT_MS });
  await client.connect();
  try {
    return [
      ...(await checkKeys(client, done.wire)),
      ...(await checkBooks(client, done)),
      ...(await checkPayments(client, done.payments)),
      ...(await checkChain(client, rpc, must(env.OMS_USDC_ADDRESS, 'OMS_USDC_ADDRESS'), done)),
      ...(await checkDeliveries(client, done)),
      same('ledger check', 'All invariants hold.', await ledgerCheck(home)),
    ];
  } finally {
    rpc.close();
    await client.end();
  }
}

/** An event may come again after a crash, as itself; to the endpoint that was there all the time each must come. */
async function checkDeliveries(client: pg.Client, { receiver, endpoint }: Done): Promise<Check[]> {
  const { deliveries, refused } = receiver;
  const { rows } = await client.query<{ event_id: string; resource_id: string; sequence: string }>(
    'select event_id, resource_id, sequence from events',
  );
  const place = (resourceId: string, sequence: number | string): string => `${resourceId} ${sequence}`;
  const places = new Map(rows.map((row) => [row.event_id, place(row.resource_id, row.sequence)]));
  const misplaced = deliveries.filter(
    (each) => places.get(each.eventId) !== place(each.resourceId, each.sequence),
  );
  const arrived = Map.groupBy(deliveries, (each) => `${each.endpoint} ${each.eventId}`);
  const renamed = [...arrived.values()].filter((list) => new Set(list.map(({ id }) => id)).size > 1);
  const delivered = new Set(
    deliveries.filter((each) => each.endpoint === endpoint).map(({ eventId }) => eventId),
  );
  return [
    sameThings(
      'events delivered',
      rows.map((row) => row.event_id),
      [...delivered],
    ),
    same('deliveries repeated under another id', 0, renamed.length),
    same('deliveries that are no event', 0, misplaced.length),
    same('deliveries with a bad signature', 0, refused.length),
  ];
}

/** The last line of `openoms ledger check`, with what it found before that. */
function ledgerCheck(home: string): Promise<string> {
  const env = { ...bareEnvironment(), OMS_HOME: home };
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, 'ledger', 'check'], { env }, (error, stdout, stderr) => {
      resolve((error ? `${stdout}${stderr}` : stdout).trim());
    });
  });
}
