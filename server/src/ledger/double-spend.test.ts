import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, createTestProject, type TestDatabase } from '../../test/postgres.ts';
import { Coalescer } from '../db/coalescer.ts';
import { must } from '../kernel/assert.ts';
import { custody, customerWallet } from './chart.ts';
import { checkLedger } from './check.ts';
import { Ledger } from './ledger.ts';
import type { Refusal, TransferGroup } from './transfers.ts';

/** As many as four api processes, each with its connections and its own gathering of calls. */
const PROCESSES = 4;
const CLIENTS = 100;
/** Clients beyond these repeat the request of another, under its key. */
const KEYS = 90;
const ROUNDS = 1_000;
const PRICE = 7n;

type Outcome = 'applied' | Refusal;

const ledger = new Ledger();
const wallet = customerWallet('wlt_spender', 'usdc');
const shop = customerWallet('wlt_shop', 'usdc');

let database: TestDatabase;
let project: string;
let processes: Coalescer<TransferGroup, Outcome>[];
beforeAll(async () => {
  database = await createTestDatabase({ maxConnections: 5 });
  project = await createTestProject(database.db);
  processes = Array.from({ length: PROCESSES }, () => {
    const db = database.connect();
    return new Coalescer({
      maxBatch: CLIENTS,
      maxWaiting: CLIENTS,
      run: (_, groups) => db.tx(project, (tx) => ledger.applyEach(tx, groups)),
    });
  });
});
afterAll(() => database.drop());

const post = (group: TransferGroup): Promise<void> =>
  database.db.tx(project, (tx) => ledger.apply(tx, group));

it(`lets exactly the affordable number of ${CLIENTS} clients spend one balance, ${ROUNDS} times over`, async () => {
  let spent = 0n;
  for (let round = 0; round < ROUNDS; round++) {
    const affordable = (round * 37) % (KEYS + 10);
    // What is left over is less than the price, and stays for the next round.
    const { availableMinor } = await database.db.tx(project, (tx) => ledger.balance(tx, wallet));
    const minor = BigInt(affordable) * PRICE + BigInt(round % 7) - availableMinor;
    const fund = { kind: 'single', debit: custody('polygon', 'usdc'), credit: wallet, minor } as const;
    if (minor > 0n) await post({ groupId: `fund-${round}`, transfers: [fund] });
    const budget = availableMinor + (minor > 0n ? minor : 0n);
    const winners = Math.min(Number(budget / PRICE), KEYS);
    const outcomes = await Promise.all(
      Array.from({ length: CLIENTS }, (_, client) =>
        must(processes[client % PROCESSES], 'a process').submit(project, {
          groupId: `spend-${round}-${client % KEYS}`,
          transfers: [{ kind: 'single', debit: wallet, credit: shop, minor: PRICE }],
        }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(winners);
    spent += BigInt(winners) * PRICE;
  }
  const counts = await database.db.tx(project, (tx) =>
    tx.query<{ transfers: bigint; keys: bigint }>(
      `select count(*) transfers, count(distinct group_id) keys from ledger_transfers where group_id like 'spend-%'`,
    ),
  );
  expect(counts).toEqual([{ transfers: spent / PRICE, keys: spent / PRICE }]);
  expect(await database.db.tx(project, (tx) => ledger.balance(tx, shop))).toMatchObject({
    postedMinor: spent,
  });
  expect(await database.db.tx(project, checkLedger)).toEqual([]);
}, 300_000);
