import { randomBytes, randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import { createApi } from '../server/src/api.ts';
import { Settlement } from '../server/src/chain/indexer/settle.ts';
import { USDC_POLYGON } from '../server/src/chain/token/contracts.ts';
import { type Context, createContext } from '../server/src/context.ts';
import { PLATFORM } from '../server/src/db/database.ts';
import { migrate } from '../server/src/db/migrate.ts';
import { assert } from '../server/src/kernel/assert.ts';
import { systemClock } from '../server/src/kernel/clock.ts';
import { TypeIds } from '../server/src/kernel/ids.ts';
import { keyEncryptionFromHex } from '../server/src/kernel/key-encryption.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import { capital, treasury } from '../server/src/ledger/chart.ts';
import { sandboxProviders } from '../server/src/providers/registry.ts';
import type { LoadRequest } from './load.ts';
import { type RecordedTransaction, RecordingDatabase } from './recording.ts';
import { replay } from './replay.ts';
import {
  cashInRequest,
  customerRequest,
  type PreparedCustomer,
  prepareCommits,
  prepareCustomers,
  type SendAll,
  tokenRequest,
  walletRequest,
} from './requests.ts';

const MAX_CONNECTIONS = 8;
const FLOAT_MINOR = 10n ** 14n;
const KEY_HEX = '5a'.repeat(32);
const BASE = 'bench_base';
const MAX_STATUS_OF_SUCCESS = 299;
/** Addresses of the pool that recordings and replays may take, beside one for each customer. */
const SPARE_ADDRESSES = 10_000;

export type Operation = 'token' | 'customer' | 'wallet' | 'cash-in';

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
      await fund(context, credentials.projectId);
      const sender = await sendAll(credentials);
      const customers = await prepareCustomers(sender, options.customers);
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
          const sender = await sendAll(this.#base);
          db.take();
          await sender(requests);
          return db.take();
        }),
      );
      results.push(await this.#onCopy((url) => replay(url, recorded, each)));
    }
    return results;
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

interface Api {
  readonly context: Context;
  readonly db: RecordingDatabase;
  readonly sendAll: (credentials: { apiKey: string; apiSecret: string }) => Promise<SendAll>;
}

/** The product's request handling on that database, in this process and without a socket. */
async function withApi<T>(url: string, work: (api: Api) => Promise<T>): Promise<T> {
  const db = new RecordingDatabase(url, { maxConnections: MAX_CONNECTIONS, log: silentLogger });
  const context = createContext({
    db,
    clock: systemClock,
    wallClock: systemClock,
    ids: new TypeIds(systemClock),
    log: silentLogger,
    keyEncryption: keyEncryptionFromHex(KEY_HEX),
    providers: sandboxProviders(),
    egress: { trustedHosts: [] },
    chainFacts: { name: 'polygon', chainId: 137, tokenAddress: USDC_POLYGON, isLocal: true },
  });
  const app = await createApi(context);
  try {
    return await work({ context, db, sendAll: (credentials) => sendAllThrough(app, credentials) });
  } finally {
    await app.close();
    context.jobWaker.close();
    context.chainWaker.close();
    await db.close();
  }
}

async function sendAllThrough(
  app: FastifyInstance,
  { apiKey, apiSecret }: { apiKey: string; apiSecret: string },
): Promise<SendAll> {
  const inject = async (request: LoadRequest, headers: Record<string, string>): Promise<string> => {
    const reply = await app.inject({
      method: 'POST',
      url: request.path,
      headers: { 'content-type': 'application/json', ...headers },
      payload: request.body,
    });
    assert(reply.statusCode <= MAX_STATUS_OF_SUCCESS, `${request.path}: ${reply.body}`);
    return reply.body;
  };
  const { accessToken } = JSON.parse(await inject(tokenRequest(apiKey, apiSecret), {})) as {
    accessToken: string;
  };
  return async (requests) => {
    const bodies: string[] = [];
    let next = 0;
    const loop = async (): Promise<void> => {
      while (next < requests.length) {
        const number = next++;
        const request = requests[number];
        assert(request, 'within the list');
        bodies[number] = await inject(request, {
          authorization: `Bearer ${accessToken}`,
          'idempotency-key': randomUUID(),
        });
      }
    };
    await Promise.all(Array.from({ length: MAX_CONNECTIONS }, loop));
    return bodies;
  };
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

/** Addresses that nobody has the keys of: nothing is signed on these databases. */
async function fillPool(context: Context, count: number): Promise<void> {
  const addresses = Array.from({ length: count }, () => `0x${randomBytes(20).toString('hex')}`);
  await context.db.tx(PLATFORM, (tx) =>
    tx.query(
      `insert into address_pool (key_index, address)
       select position - 1, address from unnest($1::text[]) with ordinality as made (address, position)`,
      [addresses],
    ),
  );
}

async function fund(context: Context, projectId: string): Promise<void> {
  await context.db.tx(projectId, (tx) =>
    context.ledger.apply(tx, {
      groupId: 'float',
      transfers: [
        {
          kind: 'single',
          debit: treasury('polygon', 'usdc'),
          credit: capital('polygon', 'usdc'),
          minor: FLOAT_MINOR,
        },
      ],
    }),
  );
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
