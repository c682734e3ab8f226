import { returnCreditTask, submitTask } from './bank/tasks.ts';
import { expireTask } from './cash-ins/tasks.ts';
import { expireTask as expirePickupTask, reserveTask } from './cash-pickups/tasks.ts';
import { type Chain, createChain } from './chain/chain.ts';
import { LocalFaucet } from './chain/local/faucet.ts';
import { LocalBalances } from './chain/local/token-balances.ts';
import type { NetworkConfig } from './chain/networks.ts';
import type { RelayerSettings } from './chain/relayer/fees.ts';
import { type JsonRpc, RpcTransportError } from './chain/rpc.ts';
import type { VaultClient } from './chain/vault/client.ts';
import type { Context } from './context.ts';
import { reviewTask } from './customers/tasks.ts';
import { PLATFORM } from './db/database.ts';
import { foldDayCounts } from './db/day-counts.ts';
import { releaseTask, simulateTask } from './deposit-addresses/tasks.ts';
import { dropOldEvents, dropOwnOldEvents, ensureEventDays, type Retention } from './events/retention.ts';
import { Idempotency } from './http/idempotency.ts';
import { JobRunner } from './jobs/runner.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './kernel/clock.ts';
import { chainBatches, listUnchainedProjects } from './ledger/journal-chain.ts';
import { expireHoldsTask } from './ledger/tasks.ts';
import { verifyTask } from './ledger-explorer/tasks.ts';
import { refreshRates } from './rates/tasks.ts';
import { dropOldRequests, ensureRequestDays } from './request-log/retention.ts';
import { ClockMover } from './sandbox-clock/mover.ts';
import { WorldChanger } from './sandbox-world/changer.ts';
import { fundTask } from './treasury/tasks.ts';
import { retryDepositTask } from './virtual-accounts/tasks.ts';
import { Dispatcher } from './webhooks/dispatcher.ts';
import { Recording } from './webhooks/recording.ts';
import { Sender } from './webhooks/sender.ts';

export interface WorkerOptions {
  readonly context: Context;
  readonly network: NetworkConfig;
  readonly vault: VaultClient;
  /** The chain is the local one, whose faucet fills sandbox treasuries. */
  readonly isLocalChain: boolean;
  /** How long after its last reconciliation a project is compared again; 0: never. Default: an hour. */
  readonly reconciliationIntervalMs?: number;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
  /** Requests to webhook endpoints under way at a time. Default: 256. Mostly waiting. */
  readonly deliveriesAtOnce?: number;
  /** How long an endpoint has for its answer. Default: 15 s. */
  readonly webhookTimeoutMs?: number;
  /** How long events are kept. Default: for good. */
  readonly retention?: Retention;
  /** Default: Polygon's. */
  readonly relayerSettings?: RelayerSettings;
  /** Default: one of its own for the network's URL. Closed when the worker stops. */
  readonly rpc?: JsonRpc;
}

export interface Worker {
  readonly chain: Chain;
  /** Runs every job that is due, and those they cause; how many ran. For tests. */
  drainJobs(): Promise<number>;
  start(): Promise<void>;
  /** Waits for what is under way. */
  stop(): Promise<void>;
}

/** How often it is looked for projects to reconcile. */
const RECONCILIATION_POLL_MS = MINUTE_MS;
const POOL_REFILL_MS = SECOND_MS;
/** How long a batch of the ledger waits for its place in the chain. */
const LEDGER_CHAIN_MS = SECOND_MS;
const JOBS_AT_ONCE = 16;
const DELIVERIES_AT_ONCE = 256;

/** Everything that happens without a request: jobs, relayer, indexer, upkeep. */
export function createWorker(options: WorkerOptions): Worker {
  const { context, network, isLocalChain, reconciliationIntervalMs = HOUR_MS } = options;
  const stopping = new AbortController();
  const chain = createChain({ ...context, ...options, handlers: context.settlement });
  const runner = createJobRunner(options, chain);
  const dispatcher = createDispatcher(options);
  const mover = new ClockMover({
    ...context,
    runner,
    clocks: context.sandboxClocks,
    waker: context.clocksWaker,
  });
  const changer = isLocalChain
    ? new WorldChanger({
        ...context,
        worlds: context.sandboxWorlds,
        waker: context.worldsWaker,
        chain: new LocalBalances(chain.rpc),
        onUnread: () => chain.indexer.wake(),
      })
    : undefined;
  const idempotency = new Idempotency(context.clock, context.keyEncryption.derive('idempotency-fingerprint'));
  const upkeep = [
    every(POOL_REFILL_MS, 'address pool', context, async () => void (await chain.fillAddressPool())),
    every(context.rates.pollMs, 'exchange rates', context, () => refreshRates(context)),
    every(LEDGER_CHAIN_MS, 'ledger chain', context, () => chainLedgers(context)),
    every(MINUTE_MS, 'days of events', context, () => ensureEventDays(context)),
    every(MINUTE_MS, 'counts of days', context, () => foldDayCounts(context.db)),
    every(MINUTE_MS, 'days of requests', context, () => ensureRequestDays(context)),
    every(HOUR_MS, 'retention of requests', context, async () => void (await dropOldRequests(context))),
    every(HOUR_MS, 'retention of events', context, async () => {
      if (options.retention) await dropOldEvents({ ...context, retention: options.retention });
    }),
    every(MINUTE_MS, 'retention of events by the clocks of projects', context, async () => {
      if (options.retention) await dropOwnOldEvents({ db: context.db, retention: options.retention });
    }),
    every(HOUR_MS, 'sessions', context, async () => {
      await context.db.tx(PLATFORM, (tx) => context.sessions.sweep(tx));
      await context.people.sweep();
    }),
    every(HOUR_MS, 'idempotency keys', context, async () => {
      while (await idempotency.sweep(context.db));
    }),
    every(RECONCILIATION_POLL_MS, 'reconciliation', context, async () => {
      if (reconciliationIntervalMs === 0) return;
      await context.reconciliation.runDue(reconciliationIntervalMs, {
        chain: { rpc: chain.rpc, token: network.tokenAddress },
        signal: stopping.signal,
      });
    }),
  ];
  return {
    chain,
    drainJobs: async () => {
      let total = 0;
      for (;;) {
        const count =
          (await runner.drain()) +
          (await dispatcher.drain()) +
          (await mover.drain()) +
          ((await changer?.drain()) ?? 0);
        if (count === 0) return total;
        total += count;
      }
    },
    start: async () => {
      await chain.check().catch((error: Error) => {
        // A local chain that is told to answer nothing must not keep its instance from starting: who would end it then?
        if (!(options.isLocalChain && error instanceof RpcTransportError)) throw error;
        context.log.warn({ error }, 'the local chain does not answer; going on without its check');
      });
      await chain.checkKeys();
      runner.start();
      dispatcher.start();
      mover.start();
      changer?.start();
      await chain.start();
      for (const each of upkeep) each.start();
    },
    stop: async () => {
      stopping.abort(new Error('the worker stopped'));
      await Promise.all(upkeep.map((each) => each.stop()));
      await Promise.all([changer?.stop(), mover.stop(), runner.stop(), dispatcher.stop()]);
      await chain.stop();
      context.jobWaker.close();
      context.chainWaker.close();
      context.eventsWaker.close();
      context.changesWaker.close();
      context.clocksWaker.close();
      context.worldsWaker.close();
    },
  };
}

function createJobRunner({ context, network, isLocalChain }: WorkerOptions, chain: Chain): JobRunner {
  const runner = new JobRunner({ ...context, waker: context.jobWaker, concurrency: JOBS_AT_ONCE });
  runner.register(reviewTask(context.customers, context.identityVerifier));
  runner.register(expireTask(context.cashIns));
  runner.register(retryDepositTask(context.virtualAccounts));
  runner.register(submitTask(context));
  runner.register(returnCreditTask(context));
  for (const task of context.providerTasks) runner.register(task);
  runner.register(context.railTask);
  runner.register(reserveTask(context));
  runner.register(expirePickupTask(context));
  runner.register(expireHoldsTask(context.ledger));
  runner.register(verifyTask(context));
  runner.register(releaseTask(context.depositAddresses));
  if (isLocalChain) {
    const faucet = new LocalFaucet(chain.rpc, network.chainId);
    runner.register(fundTask(faucet));
    runner.register(simulateTask(faucet));
    for (const task of context.localChainTasks(faucet)) runner.register(task);
  }
  return runner;
}

/** Apart from the jobs, so that a hanging endpoint holds up nothing of ours. */
function createDispatcher({
  context,
  random,
  deliveriesAtOnce = DELIVERIES_AT_ONCE,
  webhookTimeoutMs,
}: WorkerOptions): Dispatcher {
  const { webhooks, egress } = context;
  return new Dispatcher({
    ...context,
    random,
    requestsAtOnce: deliveriesAtOnce,
    sender: new Sender({ policy: egress, ...(webhookTimeoutMs && { timeoutMs: webhookTimeoutMs }) }),
    recording: new Recording({ ...context, disable: (tx, id, reason) => webhooks.disable(tx, id, reason) }),
  });
}

async function chainLedgers({ db }: Context): Promise<void> {
  for (const projectId of await db.tx(PLATFORM, listUnchainedProjects)) {
    while (await db.tx(projectId, chainBatches));
  }
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
