import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, createTestProject, type TestDatabase } from '../../test/postgres.ts';
import { must } from '../kernel/assert.ts';
import { addMs, MINUTE_MS, systemClock } from '../kernel/clock.ts';
import { highestIdAt, lowestIdAt, TypeIds } from '../kernel/ids.ts';
import { listTransactions, type TransactionFilter } from '../transactions/store.ts';
import { toJsonRows } from './database.ts';
import type { PageRequest } from './list.ts';

const CUSTOMERS = ['cst_1', 'cst_2', 'cst_3'] as const;
const WALLETS = ['wlt_1', 'wlt_2'] as const;
const STATUSES = ['processing', 'completed', 'failed'] as const;
const TYPES = ['fiatToCrypto', 'cryptoToCrypto'] as const;
const MAX_PAGES = 200;

interface Listed {
  readonly transaction_id: string;
  readonly type: string;
  readonly status: string;
  readonly sender_customer_id: string;
  readonly recipient_customer_id: string | null;
  readonly source_wallet_id: string | null;
  readonly destination_wallet_id: string | null;
  readonly created_at: Date;
}

/** The rest of a row, as the table demands it. */
const REST = {
  source_asset: 'usdc',
  source_network: 'polygon',
  source_gross: '1',
  source_fee_oms: '0',
  source_fee_developer: '0',
  source_fee_gas: '0',
  gas_cost: '0',
  destination_asset: 'usdc',
  destination_network: 'polygon',
  destination_address: '0x',
  destination_gross: '1',
  exchange_rate: '1.0',
  fixed_side: 'source',
  developer_fees: [],
  sponsor_gas: false,
  metadata: {},
};

const start = systemClock.now();
let database: TestDatabase;
/** The superuser's, without triggers: a list does not care how a row came to its status. */
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`set session_replication_role = 'replica'`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

async function insert(projectId: string, inserted: readonly Listed[]): Promise<void> {
  if (inserted.length === 0) return;
  const whole = inserted.map((row) => ({
    ...REST,
    ...row,
    project_id: projectId,
    updated_at: row.created_at,
    completed_at: row.status === 'completed' ? row.created_at : null,
    error_code: row.status === 'failed' ? 'code' : null,
  }));
  await client.query(
    'insert into transactions select * from jsonb_populate_recordset(null::transactions, $1)',
    [toJsonRows(whole)],
  );
}

/** What the filters mean, said without SQL. */
const meets =
  (filter: TransactionFilter) =>
  (row: Listed): boolean =>
    (filter.status ?? row.status) === row.status &&
    (filter.type ?? row.type) === row.type &&
    (filter.customerId === undefined ||
      filter.customerId === row.sender_customer_id ||
      filter.customerId === row.recipient_customer_id) &&
    (filter.senderCustomerId ?? row.sender_customer_id) === row.sender_customer_id &&
    (filter.recipientCustomerId ?? row.recipient_customer_id) === row.recipient_customer_id &&
    (filter.walletId === undefined ||
      filter.walletId === row.source_wallet_id ||
      filter.walletId === row.destination_wallet_id) &&
    (filter.createdAfter === undefined || filter.createdAfter <= row.created_at) &&
    (filter.createdBefore === undefined || filter.createdBefore >= row.created_at);

/** Seldom set, so that most sets of filters have something to find. */
const seldom = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const optional = <T>(values: readonly T[]) => seldom(fc.constantFrom(...values));
const nullable = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: null });
const time = fc.integer({ min: 0, max: 12 }).map((minutes) => addMs(start, minutes * MINUTE_MS));

const filters = fc.record({
  status: optional(STATUSES),
  type: optional(TYPES),
  customerId: optional(CUSTOMERS),
  senderCustomerId: optional(CUSTOMERS),
  recipientCustomerId: optional(CUSTOMERS),
  walletId: optional(WALLETS),
  createdAfter: seldom(time),
  createdBefore: seldom(time),
});

interface Seed extends Omit<Listed, 'transaction_id' | 'created_at'> {
  readonly afterMs: number;
  readonly skewMs: number;
}

/** A row some seconds after the one before, with an id that is made up to half a minute before or after its time. */
const rows = (maxLength: number): fc.Arbitrary<Seed[]> =>
  fc.array(
    fc.record({
      afterMs: fc.integer({ min: 1, max: 30_000 }),
      skewMs: fc.integer({ min: -30_000, max: 30_000 }),
      type: fc.constantFrom(...TYPES),
      status: fc.constantFrom(...STATUSES),
      sender_customer_id: fc.constantFrom(...CUSTOMERS),
      recipient_customer_id: nullable(CUSTOMERS),
      source_wallet_id: nullable(WALLETS),
      destination_wallet_id: nullable(WALLETS),
    }),
    { maxLength },
  );

/** Hands out rows with rising ids. */
function rowMaker() {
  let nowMs = start.getTime();
  const ids = new TypeIds({ now: () => new Date(nowMs) });
  return ({ afterMs, skewMs, ...row }: Seed): Listed => {
    nowMs += afterMs;
    return { ...row, transaction_id: ids.next('transaction'), created_at: new Date(nowMs + skewMs) };
  };
}

describe('a list', () => {
  it('shows each row that meets the filters once, in both directions, while rows are inserted', async () => {
    await fc.assert(
      fc.asyncProperty(
        rows(60),
        fc.array(rows(3), { maxLength: 6 }),
        filters,
        fc.integer({ min: 1, max: 7 }),
        async (present, later, filter, limit) => {
          const projectId = await createTestProject(database.db);
          const make = rowMaker();
          const all = present.map(make);
          await insert(projectId, all);
          const waiting = [...later];
          const page = async (request: Omit<PageRequest, 'limit'>) => {
            const found = await database.db.tx(projectId, (tx) =>
              listTransactions(tx, filter, { limit, ...request }),
            );
            const more = (waiting.shift() ?? []).map(make);
            await insert(projectId, more);
            all.push(...more);
            return { ids: found.rows.map(({ transaction_id }) => transaction_id), hasMore: found.hasMore };
          };
          const expected = () => all.filter(meets(filter)).map(({ transaction_id }) => transaction_id);

          const atStart = expected().toReversed();
          const down: string[] = [];
          for (let pages = 0; ; pages++) {
            const from = down.at(-1);
            const { ids, hasMore } = await page({ direction: 'older', ...(from && { from }) });
            down.push(...ids);
            expect(pages).toBeLessThan(MAX_PAGES);
            if (!hasMore) break;
          }
          expect(down).toEqual(atStart);

          const up: string[] = [];
          for (let pages = 0; ; pages++) {
            const from = up.at(-1) ?? lowestIdAt('transaction', new Date(0));
            // What is inserted behind a page is for the next one to show.
            const isLast = waiting.length === 0;
            const { ids, hasMore } = await page({ direction: 'newer', from });
            up.push(...ids.toReversed());
            expect(pages).toBeLessThan(MAX_PAGES);
            if (!hasMore && isLast) break;
          }
          expect(up).toEqual(expected());
        },
      ),
      { numRuns: 80 },
    );
  });

  it('knows the bounds of the ids of a time', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(2), max: new Date('9999-12-31'), noInvalidDate: true }), (at) => {
        const id = new TypeIds({ now: () => at }).next('cashIn');
        expect(lowestIdAt('cashIn', at) <= id && id <= highestIdAt('cashIn', at)).toBe(true);
        expect(highestIdAt('cashIn', addMs(at, -1)) < id && id < lowestIdAt('cashIn', addMs(at, 1))).toBe(
          true,
        );
      }),
    );
    expect(lowestIdAt('cashIn', new Date('0000-01-01'))).toBe(`ci_${'0'.repeat(26)}`);
    expect(must(highestIdAt('cashIn', new Date(8.64e15)).at(3), 'a digit')).toBe('7');
  });
});
