import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { assert } from '../server/src/kernel/assert.ts';
import type { Bench } from './bench.ts';
import { type Product, startProduct } from './product.ts';
import { type SendAll, tokenRequest } from './requests.ts';

const PREPARING_CONNECTIONS = 8;
/** Half of the pool's target, where the worker stops refilling. */
const ENOUGH_ADDRESSES = 1_000;
const QUIET_TIMEOUT_MS = 180_000;
const POLL_MS = 50;

/** The running product, with a token and a view of its database. */
export class Sandbox {
  readonly product: Product;
  readonly token: string;
  readonly #database: pg.Client;
  readonly #bench: Bench;

  private constructor(bench: Bench, product: Product, token: string, database: pg.Client) {
    this.#bench = bench;
    this.product = product;
    this.token = token;
    this.#database = database;
  }

  static async start(bench: Bench): Promise<Sandbox> {
    const product = await startProduct(bench, join(bench.dir, 'home'));
    const database = new pg.Client({ connectionString: product.databaseUrl });
    await database.connect();
    const { bodies } = await bench.load.run({
      port: product.port,
      connections: 1,
      token: undefined,
      requests: [tokenRequest(product.apiKey, product.apiSecret)],
      keyPrefix: undefined,
      durationMs: undefined,
      warmUpMs: 0,
    });
    const { accessToken } = JSON.parse(bodies[0] ?? '') as { accessToken: string };
    return new Sandbox(bench, product, accessToken, database);
  }

  /** Sends each request once. */
  readonly sendAll: SendAll = async (requests) => {
    const { bodies } = await this.#bench.load.run({
      port: this.product.port,
      connections: PREPARING_CONNECTIONS,
      token: this.token,
      requests,
      keyPrefix: randomUUID(),
      durationMs: undefined,
      warmUpMs: 0,
    });
    return bodies;
  };

  async count(sql: string): Promise<number> {
    const { rows } = await this.#database.query<{ count: string }>(sql);
    return Number(rows[0]?.count);
  }

  async rows<R extends pg.QueryResultRow>(sql: string): Promise<R[]> {
    return (await this.#database.query<R>(sql)).rows;
  }

  /** Until no job is due and addresses are ready: what the last measurement caused must not count in the next. */
  async quiet(): Promise<void> {
    const deadlineMs = performance.now() + QUIET_TIMEOUT_MS;
    for (;;) {
      const due = await this.count(
        `select count(*) from jobs where dead_at is null and (run_at <= now() or lease_token is not null)`,
      );
      const free = await this.count('select count(*) from address_pool where taken_at is null');
      if (due === 0 && free >= ENOUGH_ADDRESSES) return;
      assert(performance.now() < deadlineMs, `still ${due} jobs due and ${free} addresses free`);
      await delay(POLL_MS);
    }
  }

  async stop(): Promise<void> {
    await this.#database.end();
    await this.product.stop();
  }
}
