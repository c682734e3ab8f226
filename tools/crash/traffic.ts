import { setTimeout as delay } from 'node:timers/promises';
import type { OpenOMS } from '@openoms/sdk';
import { must } from '../../server/src/kernel/assert.ts';
import type { Orders } from './orders.ts';
import type { Receiver } from './receiver.ts';

const READERS = 2;
const READ_PAUSE_MS = 100;
const ENDPOINT_PAUSE_MS = 1_000;
const HEALTH_PAUSE_MS = 200;
const HEALTH_TIMEOUT_MS = 5_000;
const PAGE_SIZE = 20;
const MAX_PAGES = 5;

/** What else clients do meanwhile, and what of it should not have been so. */
export interface Traffic {
  readonly reads: number;
  readonly pages: number;
  readonly endpoints: number;
  /** Answers of the health checks by status; 0 for none. */
  readonly health: ReadonlyMap<number, number>;
  /** In sentences: what was acknowledged and is not found, balances that fall, rows listed twice. */
  readonly oddities: readonly string[];
  /** Lets each activity come to its end; their requests outlast crashes. */
  stop(): Promise<void>;
}

interface Counters {
  reads: number;
  pages: number;
  endpoints: number;
  readonly health: Map<number, number>;
  readonly oddities: string[];
  readonly random: () => number;
}

/** Reads, list pages, endpoints made and deleted, and health checks, one after the other in each of several loops. */
export function startTraffic(options: {
  readonly oms: OpenOMS;
  readonly orders: Orders;
  readonly receiver: Receiver;
  readonly baseUrl: string;
  readonly random: () => number;
}): Traffic {
  const { oms, orders, receiver, baseUrl, random } = options;
  const counters: Counters = { reads: 0, pages: 0, endpoints: 0, health: new Map(), oddities: [], random };
  const stopping = new AbortController();
  const repeat = async (pauseMs: number, work: () => Promise<unknown>): Promise<void> => {
    while (!stopping.signal.aborted) {
      await work().catch((error) => counters.oddities.push(String(error)));
      await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const balances = new Map<string, number>();
  const loops = [
    ...Array.from({ length: READERS }, () =>
      repeat(READ_PAUSE_MS, async () => {
        await readOne(oms, orders, balances, counters);
        await readPages(oms, counters);
      }),
    ),
    repeat(ENDPOINT_PAUSE_MS, () => makeAndDelete(oms, receiver, counters)),
    repeat(HEALTH_PAUSE_MS, () => askHealth(baseUrl, counters)),
  ];
  return Object.assign(counters, {
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  });
}

/** A cash-in that the till has committed, and a balance, which only ever grows here. */
async function readOne(
  oms: OpenOMS,
  orders: Orders,
  balances: Map<string, number>,
  counters: Counters,
): Promise<void> {
  const order = pick(orders.done, counters.random);
  if (order) {
    const { status } = await oms.cashIns.get(order.cashInId);
    if (status !== 'processing' && status !== 'completed') {
      counters.oddities.push(`${order.cashInId} is ${status} after its commit was acknowledged`);
    }
    counters.reads += 1;
  }
  const wallet = pick(orders.wallets, counters.random);
  if (!wallet) return;
  const before = balances.get(wallet.id) ?? 0;
  const balance = Number((await oms.wallets.balance(wallet.id)).balance);
  if (balance < before) counters.oddities.push(`${wallet.id} fell from ${before} to ${balance}`);
  balances.set(wallet.id, Math.max(balance, balances.get(wallet.id) ?? 0));
  counters.reads += 1;
}

/** Nothing is there twice, however much is added between two pages. */
async function readPages(oms: OpenOMS, counters: Counters): Promise<void> {
  const lists = [
    oms.cashIns.list({ limit: PAGE_SIZE }),
    oms.customers.list({ limit: PAGE_SIZE }),
    oms.transactions.list({ limit: PAGE_SIZE }),
  ];
  const list = must(pick(lists, counters.random), 'a list');
  const ids: string[] = [];
  let pages = 0;
  for await (const page of list.pages()) {
    ids.push(...page.data.map(({ id }) => id));
    if (++pages === MAX_PAGES) break;
  }
  counters.pages += pages;
  if (new Set(ids).size < ids.length) counters.oddities.push(`a list shows a row twice: ${ids.join()}`);
}

async function makeAndDelete(oms: OpenOMS, receiver: Receiver, counters: Counters): Promise<void> {
  const path = `/passing/${counters.endpoints++}`;
  const { id, secret } = await oms.webhooks.create(
    { url: receiver.urlOf(path), events: ['cashIn.*', 'wallet.*'] },
    { idempotencyKey: `create-${path}` },
  );
  receiver.trust(path, secret);
  await oms.webhooks.get(id);
  await oms.webhooks.delete(id, { idempotencyKey: `delete-${path}` });
  const left = await oms.webhooks.list({ limit: PAGE_SIZE }).take(PAGE_SIZE);
  if (left.some((each) => each.id === id)) counters.oddities.push(`${id} is listed after its deletion`);
}

async function askHealth(baseUrl: string, counters: Counters): Promise<void> {
  const path = counters.random() < 0.5 ? '/health/live' : '/health/ready';
  const status = await healthOf(baseUrl, path);
  counters.health.set(status, (counters.health.get(status) ?? 0) + 1);
  if (![0, 200, 503].includes(status)) counters.oddities.push(`${path} answers ${status}`);
}

/** The status; 0 when nobody answers. */
export async function healthOf(baseUrl: string, path: '/health/live' | '/health/ready'): Promise<number> {
  try {
    const response = await fetch(new URL(path, baseUrl), { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

const pick = <T>(list: readonly T[], random: () => number): T | undefined =>
  list[Math.floor(random() * list.length)];
