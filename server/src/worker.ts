import { expireTask } from './cash-ins/tasks.ts';
import { type Chain, createChain } from './chain/chain.ts';
import { LocalFaucet } from './chain/local/faucet.ts';
import type { NetworkConfig } from './chain/networks.ts';
import type { VaultClient } from './chain/vault/client.ts';
import type { Context } from './context.ts';
import { reviewTask } from './customers/tasks.ts';
import { Idempotency } from './http/idempotency.ts';
import { JobRunner } from './jobs/runner.ts';
import { HOUR_MS, SECOND_MS } from './kernel/clock.ts';
import { fundTask } from './treasury/tasks.ts';
import { type DeliveryDeps, deliverTask, fanOutTask } from './webhooks/tasks.ts';

export interface WorkerOptions {
  readonly context: Context;
  readonly network: NetworkConfig;
  readonly vault: VaultClient;
  /** The chain is the local one, whose faucet fills sandbox treasuries. */
  readonly isLocalChain: boolean;
  /** Jobs at once. */
  readonly concurrency: number;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
}

export interface Worker {
  readonly runner: JobRunner;
  readonly chain: Chain;
  start(): Promise<void>;
  /** Waits for what is under way. */
  stop(): Promise<void>;
}

const POOL_REFILL_MS = SECOND_MS;

/** Everything that happens without a request: jobs, relayer, indexer, upkeep. */
export function createWorker(options: WorkerOptions): Worker {
  const { context } = options;
  const chain = createChain({ ...context, ...options, handlers: context.settlement });
  const runner = createRunner(options, chain);
  const idempotency = new Idempotency(context.clock, context.keyEncryption.derive('idempotency-fingerprint'));
  const upkeep = [
    every(POOL_REFILL_MS, 'address pool', context, async () => void (await chain.fillAddressPool())),
    every(HOUR_MS, 'idempotency keys', context, async () => {
      while (await idempotency.sweep(context.db));
    }),
  ];
  return {
    runner,
    chain,
    start: async () => {
      await chain.check();
      runner.start();
      await chain.start();
      for (const each of upkeep) each.start();
    },
    stop: async () => {
      await Promise.all(upkeep.map((each) => each.stop()));
      await runner.stop();
      await chain.stop();
      context.jobWaker.close();
      context.chainWaker.close();
    },
  };
}

function createRunner(
  { context, network, isLocalChain, concurrency, random }: WorkerOptions,
  chain: Chain,
): JobRunner {
  const runner = new JobRunner({ ...context, waker: context.jobWaker, concurrency });
  const deliveries: DeliveryDeps = { ...context, random };
  runner.register(reviewTask(context.customers, context.providers.identityVerifier));
  runner.register(expireTask(context.cashIns));
  runner.register(fanOutTask(deliveries));
  runner.register(deliverTask(deliveries));
  if (isLocalChain) runner.register(fundTask(new LocalFaucet(chain.rpc, network.chainId)));
  return runner;
}

/** Repeats `work` with a pause between its runs; a failure is logged and the next run comes all the same. */
function every(pauseMs: number, what: string, { log }: Context, work: () => Promise<void>) {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const run = (): void => {
    running = work()
      .catch((error: Error) => log.error({ error }, `upkeep failed: ${what}`))
      .then(() => {
        if (!stopped) timer = setTimeout(run, pauseMs);
      });
  };
  return {
    start: run,
    stop: async (): Promise<void> => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
