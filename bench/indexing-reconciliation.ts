import pg from 'pg';
import { heads } from '../server/src/chain/blocks.ts';
import type { JsonRpc } from '../server/src/chain/rpc.ts';
import { USDC_POLYGON } from '../server/src/chain/token/contracts.ts';
import { Database } from '../server/src/db/database.ts';
import { assert } from '../server/src/kernel/assert.ts';
import { systemClock } from '../server/src/kernel/clock.ts';
import { TypeIds } from '../server/src/kernel/ids.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import { Reconciliation } from '../server/src/reconciliation/service.ts';
import { fillProject } from './indexing-fixture.ts';
import { formatColumns } from './report.ts';

const WALLETS = [5_000, 20_000, 80_000];
/** What settlement booked since the block of the run, as when it goes on meanwhile. */
const LATER_ITEMS = [0, 50_000];
const MAX_CONNECTIONS = 10;

const projectOf = (wallets: number): string => `prj_${wallets}`;

/** Reconciliation of projects with so many wallets; the table. */
export async function measureReconciliation(url: string, node: JsonRpc): Promise<string> {
  const db = new Database(url, { maxConnections: MAX_CONNECTIONS, clock: systemClock, log: silentLogger });
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  const reconciliation = new Reconciliation({
    db,
    clock: systemClock,
    ids: new TypeIds(systemClock),
    log: silentLogger,
  });
  const rows: string[][] = [];
  try {
    const { finalized } = await heads(node);
    await owner.query(`insert into indexer_cursors values ('polygon', $1, $2)`, [
      finalized.number,
      finalized.hash,
    ]);
    for (const wallets of WALLETS) await fillProject(url, projectOf(wallets), wallets);
    for (const later of LATER_ITEMS) {
      for (const wallets of WALLETS) {
        await bookLater(owner, wallets, later, finalized.number + 1);
        const startedMs = performance.now();
        const run = await reconciliation.run(projectOf(wallets), {
          chain: { rpc: node, token: USDC_POLYGON },
        });
        const elapsedMs = performance.now() - startedMs;
        assert(run?.addresses === wallets && run.open_breaks === 0, 'every wallet is equal on both sides');
        rows.push([
          wallets.toLocaleString('en'),
          later.toLocaleString('en'),
          (elapsedMs / 1_000).toFixed(2),
          ((elapsedMs * 1_000) / wallets).toFixed(1),
        ]);
      }
    }
  } finally {
    await owner.end();
    await db.close();
  }
  return formatColumns(['wallets reconciled', 'booked since', 's', 'ms a thousand'], rows);
}

/** Deposits of one unit each, to the wallets in turn, with the balances they leave. */
async function bookLater(owner: pg.Client, wallets: number, items: number, block: number): Promise<void> {
  const projectId = projectOf(wallets);
  await owner.query(
    `insert into deposits (project_id, deposit_id, network, asset, tx_hash, log_index, block_number, block_hash,
       from_address, to_address, amount, purpose, resource_id, status, created_at)
     select $1, 'dep_' || n, 'polygon', 'usdc', $1 || n, 0, $4, '', '', lower(w.address), 1, 'wallet', w.wallet_id,
       'detected', now()
     from generate_series(0, $3 - 1) n
     join wallets w on w.project_id = $1 and w.wallet_id = 'wlt_' || lpad((n % $2)::text, 26, '0')`,
    [projectId, wallets, items, block],
  );
  await owner.query(
    `update deposits set status = 'credited', credited_at = now() where project_id = $1 and status = 'detected'`,
    [projectId],
  );
  await owner.query(
    `insert into ledger_accounts (project_id, account_id, kind, owner, asset, limit_side, credits_posted, created_at)
     select $1, 'customer_wallet:' || resource_id || ':usdc', 'customer_wallet', resource_id, 'usdc', 'credit',
       count(*), now()
     from deposits where project_id = $1 group by resource_id`,
    [projectId],
  );
  await owner.query('vacuum analyze');
}
