import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Settlement } from '../server/src/chain/indexer/settle.ts';
import type { Context } from '../server/src/context.ts';
import { migrate } from '../server/src/db/migrate.ts';
import { assert } from '../server/src/kernel/assert.ts';
import { type AccountRef, capital, custody, customerWallet, treasury } from '../server/src/ledger/chart.ts';
import { fillPool, withApi } from './api.ts';
import type { LoadRequest } from './load.ts';
import type { RecordedTransaction, RecordingDatabase } from './recording.ts';
import { replay } from './replay.ts';
import {
  cashInRequest,
  customerRequest,
  type PreparedCustomer,
  paymentRequest,
  prepareCommits,
  prepareCustomers,
  quoteRequest,
  tokenRequest,
  walletRequest,
} from './requests.ts';

const FLOAT_MINOR = 10n ** 14n;
const WALLET_MINOR = 10n ** 9n;
const FUNDED_AT_ONCE = 500;
const BASE = 'bench_base';
/** Addresses of the pool that recordings and replays may take, beside one for each customer. */
const SPARE_ADDRESSES = 10_000;

export type Operation = 'token' | 'customer' | 'wallet' | 'cash-in' | 'quotes';

/** Operations whose concurrent requests share transactions. */
const BATCHED: ReadonlySet<Operation> = new Set<Operation>(['quotes']);

interface Base {
  readonly projectId: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly customers: readonly PreparedCustomer[];
  /** Left to do for the deposits; empty when there were none to prepare. */
  readonly commits: readonly LoadRequest[];
}

/**
 * What PostgreSQL can do of an operation without a server in front of it. The product runs the operation in this
 * process on one copy of a prepared database, and its statements are noted; then plain connections send the same
 * statements, in the same transactions, to another copy.
 */
export class SqlLimits {
  readonly #adminUrl: string;
  readonly #base: Base;

  private constructor(adminUrl: string, base: Base) {
    this.#adminUrl = adminUrl;
    this.#base = base;
  }

  /** Prepares the database that is copied, on the server of `adminUrl`. */
  static async prepare(
    adminUrl: string,
    options: { customers: number; withDeposits: boolean },
  ): Promise<SqlLimits> {
    await admin(adminUrl, `drop database if exists ${BASE}`, `create database ${BASE}`);
    const url = databaseOf(adminUrl, BASE);
    await migrate(url);
    const base = await withApi(url, async ({ context, sendAll }) => {
      await fillPool(context, options.customers + SPARE_ADDRESSES);
      const credentials = await context.projects.create({
        name: 'bench',
        mode: 'sandbox',
        fromFaucet: false,
      });
      const sender = await sendAll(credentials);
      const customers = await prepareCustomers(sender, options.customers);
      await fund(context, credentials.projectId, customers);
      const commits = options.withDeposits ? await prepareCommits(sender, customers) : [];
      return { ...credentials, customers, commits };
    });
    return new SqlLimits(adminUrl, base);
  }

  /** Transactions per second of an operation, by number of connections. */
  async ofOperation(operation: Operation, count: number, connections: readonly number[]): Promise<number[]> {
    const results: number[] = [];
    for (const each of connections) {
      const requests = Array.from({ length: count }, (_, index) => this.#request(operation, index));
      const recorded = await this.#onCopy(async (url) =>
        withApi(url, async ({ sendAll, db }) => {
          const sender = await sendAll(this.#base, BATCHED.has(operation) ? each : undefined);
          db.take();
          await sender(requests);
          return db.take();
        }),
      );
      // The batches of one project follow one another.
      const atOnce = BATCHED.has(operation) ? 1 : each;
      const perSecond = await this.#onCopy((url) => replay(url, recorded, atOnce));
      results.push((perSecond * count) / recorded.length);
    }
    return results;
  }

  /**
   * Quotes that become transactions, per second, in the batches that so many clients make; one after the other, as those
   * of one project are.
   */
  async ofPayments(count: number, clients: number): Promise<number> {
    const requests = Array.from({ length: count }, (_, index) => this.#request('quotes', index));
    const recorded = await this.#onCopy((url) =>
      withApi(url, async ({ sendAll, db }) => {
        const sender = await sendAll(this.#base, clients);
        db.take();
        const quotes = await sender(requests);
        const quoted = db.take();
        await sender(quotes.map((body) => paymentRequest((JSON.parse(body) as { id: string }).id)));
        return { quoted, paid: db.take() };
      }),
    );
    return this.#onCopy(async (url) => {
      const quotedPerSecond = await replay(url, recorded.quoted, 1);
      const paidPerSecond = await replay(url, recorded.paid, 1);
      return count / (recorded.quoted.length / quotedPerSecond + recorded.paid.length / paidPerSecond);
    });
  }

  /** Deposits per second: the commits of the till over so many connections, then the settlement of their sends. */
  async ofDeposits(connections: number): Promise<number> {
    const { commits } = this.#base;
    const recorded = await this.#onCopy((url) =>
      withApi(url, async ({ sendAll, db, context }) => {
        const sender = await sendAll(this.#base);
        db.take();
        await sender(commits);
        const taken = db.take();
        return { taken, settled: await recordSettlement(context, db, this.#base.projectId) };
      }),
    );
    return this.#onCopy(async (url) => {
      const perSecond = await replay(url, recorded.taken, connections);
      const settledPerSecond = await replay(url, recorded.settled, 1);
      const seconds = recorded.taken.length / perSecond + recorded.settled.length / settledPerSecond;
      return commits.length / seconds;
    });
  }

  async drop(): Promise<void> {
    await admin(this.#adminUrl, `drop database if exists ${BASE} with (force)`);
  }

  #request(operation: Operation, index: number): LoadRequest {
    const { apiKey, apiSecret, customers } = this.#base;
    const customer = customers[index % customers.length];
    assert(customer, 'customers are prepared');
    if (operation === 'token') return tokenRequest(apiKey, apiSecret);
    if (operation === 'customer') return customerRequest();
    if (operation === 'wallet') return walletRequest(customer.customerId);
    if (operation === 'quotes') return quoteRequest(customer);
    return cashInRequest(customer.customerId, customer.walletId);
  }

  async #onCopy<T>(work: (url: string) => Promise<T>): Promise<T> {
    const name = `bench_${randomUUID().replaceAll('-', '')}`;
    await admin(this.#adminUrl, `create database ${name} template ${BASE}`);
    try {
      return await work(databaseOf(this.#adminUrl, name));
    } finally {
      await admin(this.#adminUrl, `drop database ${name} with (force)`);
    }
  }
}

/** Settles every queued send as the indexer does, and notes the statements. */
async function recordSettlement(
  context: Context,
  db: RecordingDatabase,
  projectId: string,
): Promise<RecordedTransaction[]> {
  const sends = await db.tx(projectId, (tx) =>
    tx.query<{ send_id: string }>('select send_id from sends where project_id = $1', [tx.scope]),
  );
  const settlement = new Settlement({
    db,
    clock: context.clock,
    ids: context.ids,
    network: 'polygon',
    handlers: context.settlement,
  });
  db.take();
  await settlement.pay(
    sends.map(({ send_id }, logIndex) => ({
      projectId,
      sendId: send_id,
      txHash: `0x${'1'.repeat(64)}`,
      logIndex,
      blockNumber: 1,
    })),
  );
  return db.take();
}

/** The treasury, and the wallets of the customers. */
async function fund(
  context: Context,
  projectId: string,
  customers: readonly PreparedCustomer[],
): Promise<void> {
  const single = (groupId: string, debit: AccountRef, credit: AccountRef, minor: bigint) => ({
    groupId,
    transfers: [{ kind: 'single' as const, debit, credit, minor }],
  });
  const groups = [
    single('float', treasury('polygon', 'usdc'), capital('polygon', 'usdc'), FLOAT_MINOR),
    ...customers.map(({ walletId }) =>
      single(walletId, custody('polygon', 'usdc'), customerWallet(walletId, 'usdc'), WALLET_MINOR),
    ),
  ];
  for (let from = 0; from < groups.length; from += FUNDED_AT_ONCE) {
    const some = groups.slice(from, from + FUNDED_AT_ONCE);
    await context.db.tx(projectId, (tx) => context.ledger.apply(tx, ...some));
  }
}

function databaseOf(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function admin(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
