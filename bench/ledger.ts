import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { Coalescer } from '../server/src/db/coalescer.ts';
import { Database } from '../server/src/db/database.ts';
import { startEmbeddedPostgres } from '../server/src/db/embedded/start.ts';
import { migrate } from '../server/src/db/migrate.ts';
import { must } from '../server/src/kernel/assert.ts';
import { systemClock } from '../server/src/kernel/clock.ts';
import { TypeIds } from '../server/src/kernel/ids.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import { custody, customerWallet } from '../server/src/ledger/chart.ts';
import { checkLedger } from '../server/src/ledger/check.ts';
import { Ledger } from '../server/src/ledger/ledger.ts';
import type { Refusal, TransferGroup } from '../server/src/ledger/transfers.ts';
import { formatColumns } from './report.ts';

/**
 * Transfers per second of the ledger, one call each and coalesced, spread over many accounts, over ten, and with one
 * account in every transfer; beside what plain SQL does with the same connections in the same run (one transaction of
 * two balance updates and an insert, as pgbench does), with default durability.
 */

const ACCOUNTS = 10_000;
const CLIENTS = [8, 32, 128];
const CONNECTIONS = 32;
const MAX_BATCH = 500;
const FUNDING_BATCH = 1_000;
const FUNDS = 10n ** 15n;
const PROJECT = 'prj_bench';
/** What a change of the ledger is held against, with as many clients as a busy deployment has. */
const AIM_PER_SECOND = 15_000;
const AIM_HOT_SHARE = 0.9;
const AIM_CLIENTS = 128;

type Pick = () => readonly [debit: number, credit: number];

/** Which two accounts a transfer moves money between. */
const SPREADS: Readonly<Record<string, Pick>> = {
  '10,000 accounts': () => different(ACCOUNTS),
  '10 accounts': () => different(10),
  'one hot account': () => [0, 1 + Math.floor(Math.random() * (ACCOUNTS - 1))],
};

function different(count: number): readonly [number, number] {
  const debit = Math.floor(Math.random() * count);
  return [debit, (debit + 1 + Math.floor(Math.random() * (count - 1))) % count];
}

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const durationMs = values.quick ? 1_500 : 6_000;
const ids = new TypeIds(systemClock);
const ledger = new Ledger();
const wallet = (index: number) => customerWallet(`wlt_${String(index).padStart(26, '0')}`, 'usdc');

/** Runs `work` by so many clients, each one call after the other, for the time; calls per second. */
async function rate(clients: number, work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  let done = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - startedAt < durationMs) {
      await work();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return done / ((performance.now() - startedAt) / 1_000);
}

function transfer([debit, credit]: readonly [number, number]): TransferGroup {
  return {
    groupId: ids.next('transfer'),
    transfers: [{ kind: 'single', debit: wallet(debit), credit: wallet(credit), minor: 1n }],
  };
}

async function prepare(ownerUrl: string, db: Database): Promise<void> {
  await migrate(ownerUrl);
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query(`set oms.project = '${PROJECT}'`);
  await client.query(`insert into projects values ($1, 'bench', 'sandbox', now())`, [PROJECT]);
  await client.query(
    `create table plain_accounts (id integer primary key, balance bigint not null) with (fillfactor = 70)`,
  );
  await client.query(`insert into plain_accounts select i, 1000000000 from generate_series(0, $1 - 1) i`, [
    ACCOUNTS,
  ]);
  await client.query(
    `create table plain_transfers (id text primary key, debit integer, credit integer, amount bigint, at timestamptz)`,
  );
  await fundWallets(db);
  await client.query('vacuum analyze');
  await client.end();
}

/** Every wallet starts with more than a run can spend, by the ledger's own transfers. */
async function fundWallets(db: Database): Promise<void> {
  const all = Array.from({ length: ACCOUNTS }, (_, index) => index);
  for (let from = 0; from < ACCOUNTS; from += FUNDING_BATCH) {
    const groups = all.slice(from, from + FUNDING_BATCH).map((index) => ({
      groupId: `fund-${index}`,
      transfers: [
        { kind: 'single' as const, debit: custody('polygon', 'usdc'), credit: wallet(index), minor: FUNDS },
      ],
    }));
    await db.tx(PROJECT, (tx) => ledger.apply(tx, ...groups));
  }
}

/** What pgbench does: two updates in sorted order and an insert, one commit. */
function plainSql(pool: pg.Pool, pick: Pick): () => Promise<void> {
  return async () => {
    const [debit, credit] = pick();
    const client = await pool.connect();
    try {
      await client.query('begin');
      for (const id of [debit, credit].toSorted((a, b) => a - b)) {
        await client.query({
          name: 'update',
          text: 'update plain_accounts set balance = balance + $2 where id = $1',
          values: [id, id === debit ? -1 : 1],
        });
      }
      await client.query({
        name: 'insert',
        text: 'insert into plain_transfers values ($1, $2, $3, 1, now())',
        values: [ids.next('transfer'), debit, credit],
      });
      await client.query('commit');
    } finally {
      client.release();
    }
  };
}

interface Measured {
  readonly spread: string;
  readonly clients: number;
  readonly single: number;
  readonly coalesced: number;
  readonly plain: number;
}

async function measure(db: Database, pool: pg.Pool): Promise<Measured[]> {
  const coalescer = new Coalescer<TransferGroup, 'applied' | Refusal>({
    maxBatch: MAX_BATCH,
    maxWaiting: 10_000,
    run: (_key, groups) => db.tx(PROJECT, (tx) => ledger.applyEach(tx, groups)),
  });
  const rows: Measured[] = [];
  for (const [spread, pick] of Object.entries(SPREADS)) {
    for (const clients of CLIENTS) {
      const single = await rate(clients, () => db.tx(PROJECT, (tx) => ledger.apply(tx, transfer(pick()))));
      const coalesced = await rate(
        clients,
        async () => void (await coalescer.submit(PROJECT, transfer(pick()))),
      );
      const plain = await rate(clients, plainSql(pool, pick));
      rows.push({ spread, clients, single, coalesced, plain });
    }
  }
  return rows;
}

const toCells = ({ spread, clients, single, coalesced, plain }: Measured): string[] => [
  spread,
  String(clients),
  `${single.toFixed(0)} /s`,
  `${coalesced.toFixed(0)} /s`,
  `${plain.toFixed(0)} /s`,
  `${(coalesced / plain).toFixed(1)} x`,
];

function printAims(rows: readonly Measured[]): void {
  const [spread, , hot] = Object.keys(SPREADS).map((name) =>
    must(
      rows.find((row) => row.spread === name && row.clients === AIM_CLIENTS),
      'a measured row',
    ),
  );
  const verdict = (isMet: boolean): string => (isMet ? 'met' : 'MISSED');
  const perSecond = must(spread, 'spread').coalesced;
  const share = must(hot, 'hot').coalesced / perSecond;
  process.stdout.write(
    `coalesced, ${AIM_CLIENTS} clients: ${perSecond.toFixed(0)} /s (aim ${AIM_PER_SECOND}: ${verdict(perSecond >= AIM_PER_SECOND)})\n` +
      `one hot account: ${(share * 100).toFixed(0)} % of spread (aim ${AIM_HOT_SHARE * 100} %: ${verdict(share >= AIM_HOT_SHARE)})\n`,
  );
}

const dir = await mkdtemp(join(tmpdir(), 'oms-bench-ledger-'));
const postgres = await startEmbeddedPostgres({ dir, log: silentLogger });
const db = new Database(postgres.url, { maxConnections: CONNECTIONS, clock: systemClock, log: silentLogger });
const pool = new pg.Pool({ connectionString: postgres.url, max: CONNECTIONS });
pool.on('error', () => undefined);
try {
  await prepare(postgres.url, db);
  const rows = await measure(db, pool);
  const header = ['transfers', 'clients', 'one call each', 'coalesced', 'plain SQL', 'coalesced / plain'];
  process.stdout.write(`${formatColumns(header, rows.map(toCells))}\n`);
  printAims(rows);
  const { rows: size } = await pool.query<{ count: string; bytes: string }>(
    `select count(*), pg_total_relation_size('ledger_transfers') / count(*) as bytes from ledger_transfers`,
  );
  const startedMs = performance.now();
  const findings = await db.snapshot(PROJECT, checkLedger);
  const checkedPerSecond = Number(size[0]?.count) / ((performance.now() - startedMs) / 1_000);
  process.stdout.write(
    `${size[0]?.count} transfers, ${size[0]?.bytes} bytes each with indexes; the ledger check reads ${checkedPerSecond.toFixed(0)} /s and finds ${findings.length}\n`,
  );
} finally {
  await db.close();
  await pool.end();
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
}
