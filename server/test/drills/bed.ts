import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Chain, createChain } from '../../src/chain/chain.ts';
import { DEPLOYER_FEES } from '../../src/chain/local/genesis.ts';
import { type LocalChain, startLocalChain } from '../../src/chain/local/start.ts';
import { JsonRpc } from '../../src/chain/rpc.ts';
import { MULTICALL3, USDC_POLYGON } from '../../src/chain/token/contracts.ts';
import { addressOf } from '../../src/chain/token/secp256k1.ts';
import { signTransaction } from '../../src/chain/token/transaction.ts';
import { Keys } from '../../src/chain/vault/keys.ts';
import { findSeed } from '../../src/chain/vault/seed-file.ts';
import type { TestSignerOptions } from '../../src/chain/vault/signer-process.testing.ts';
import { PLATFORM, type Row } from '../../src/db/database.ts';
import { assert, must } from '../../src/kernel/assert.ts';
import { ManualClock, systemClock } from '../../src/kernel/clock.ts';
import { keyEncryptionFromHex } from '../../src/kernel/key-encryption.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import { asSuperuser, createTestProject } from '../postgres.ts';
import { startNodeProxy } from './node-proxy.ts';
import { chainOptions, OUTCOMES_TABLE } from './outcomes.ts';
import { startSignerProxy } from './signer-proxy.ts';

const KEY_HEX = '5a'.repeat(32);
const GAS_WEI = 10n ** 24n;
const RPC_TIMEOUT_MS = 10_000;
const POLL_MS = 10;
const POLL_LIMIT_MS = 30_000;
const ADDRESSES = 4_000;

/** A process with settlement of its own. */
export interface SettlementProcess {
  readonly child: ChildProcess;
  readonly gone: Promise<unknown>;
  kill(): void;
}

/** Settlement on real things, each of which can be taken away: PostgreSQL, anvil, the signer, processes. */
export type Bed = Awaited<ReturnType<typeof startBed>>;

/** Repeats until the condition holds; for what other processes do in their own time. */
export async function poll(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + POLL_LIMIT_MS;
  while (!(await condition())) {
    assert(performance.now() < deadlineMs, `not reached in ${POLL_LIMIT_MS} ms: ${condition}`);
    await delay(POLL_MS);
  }
}

/** `databaseUrl`: the superuser's, of a migrated database that nobody else uses. */
export async function startBed(databaseUrl: string) {
  const dir = await mkdtemp(join(tmpdir(), 'oms-drill-'));
  const clock = new ManualClock(systemClock.now());
  const signerSocket = join(dir, 'signer.sock');
  const processes = new Set<SettlementProcess>();
  await asSuperuser(databaseUrl, (client) => client.query(OUTCOMES_TABLE));
  let signer = await startSigner(dir, signerSocket);
  let chainStore = new pg.Pool({ connectionString: databaseUrl });
  chainStore.on('error', () => undefined);
  let local = await startChain();
  const proxy = await startNodeProxy(local.url);
  const signerProxy = await startSignerProxy(join(dir, 'watched.sock'), signerSocket);
  let node = new JsonRpc({ url: local.url, timeoutMs: RPC_TIMEOUT_MS });
  let options = chainOptions({ databaseUrl, rpcUrl: proxy.url, socketPath: signerSocket, clock });
  let chain: Chain = createChain(options);
  const projectId = await createTestProject(options.db);

  function startChain(): Promise<LocalChain> {
    return startLocalChain({
      store: chainStore,
      dir: join(dir, 'chain'),
      clock,
      log: silentLogger,
      mining: 'manual',
    });
  }

  async function stopSettlement(): Promise<void> {
    await chain.stop();
    options.vault.close();
    await options.db.close();
  }

  const bed = {
    projectId,
    clock,
    proxy,
    signerProxy,
    databaseUrl,
    get local() {
      return local;
    },
    /** The chain itself, past the proxy. */
    get node() {
      return node;
    },
    get chain() {
      return chain;
    },
    get db() {
      return options.db;
    },
    get vault() {
      return options.vault;
    },

    /** Settlement in this process anew: nothing in memory is kept. */
    async restartSettlement(): Promise<void> {
      await stopSettlement();
      options = chainOptions({ databaseUrl, rpcUrl: proxy.url, socketPath: signerSocket, clock });
      chain = createChain(options);
    },

    /** Settlement in a process of its own, its signer reached through `signerProxy`. */
    async startProcess(): Promise<SettlementProcess> {
      const started = {
        databaseUrl,
        rpcUrl: proxy.url,
        socketPath: signerProxy.socketPath,
        now: clock.now().toISOString(),
      };
      const child = fork(new URL('./settlement.fixture.ts', import.meta.url), [JSON.stringify(started)], {
        execArgv: [],
      });
      const gone = once(child, 'exit');
      const handle = { child, gone, kill: () => void child.kill('SIGKILL') };
      processes.add(handle);
      void gone.then(() => processes.delete(handle));
      const [message] = await once(child, 'message');
      assert(message === 'ready', 'the settlement process is ready');
      return handle;
    },

    advance(durationMs: number): void {
      clock.advance(durationMs);
      for (const { child } of processes) if (child.connected) child.send(durationMs);
    },

    /** Kills the signer (kill -9). */
    async killSigner(): Promise<void> {
      const gone = once(signer, 'exit');
      signer.kill('SIGKILL');
      await gone;
    },
    async restartSigner(): Promise<void> {
      signer = await startSigner(dir, signerSocket);
    },

    /** Kills anvil (kill -9): its pool is lost. Blocks come back with `restartChain`. */
    async killChain(): Promise<void> {
      const { pid } = JSON.parse(await readFile(join(dir, 'chain', 'anvil.pid'), 'utf8')) as { pid: number };
      process.kill(pid, 'SIGKILL');
      await local.exited;
    },
    async restartChain(): Promise<void> {
      await local.stop();
      node.close();
      await chainStore.end();
      chainStore = new pg.Pool({ connectionString: databaseUrl });
      chainStore.on('error', () => undefined);
      local = await startChain();
      proxy.target = local.url;
      node = new JsonRpc({ url: local.url, timeoutMs: RPC_TIMEOUT_MS });
    },

    query: <R extends Row>(sql: string, values: readonly unknown[] = []): Promise<R[]> =>
      options.db.tx(PLATFORM, (tx) => tx.query<R>(sql, values)),

    asSuperuser: <R extends Row>(sql: string, values: unknown[] = []): Promise<R[]> =>
      asSuperuser(databaseUrl, async (client) => (await client.query<R>(sql, values)).rows),

    /** A transaction of any account into the node's pool, past the proxy; its hash. */
    async submitAs(
      key: Uint8Array,
      to: string,
      data: string,
      given: { gas?: bigint; nonce?: number } = {},
    ): Promise<string> {
      const count = await node.call<string>('eth_getTransactionCount', [addressOf(key), 'pending']);
      const { raw } = signTransaction(key, {
        chainId: 137,
        nonce: given.nonce ?? Number(count),
        gas: given.gas ?? 200_000n,
        ...DEPLOYER_FEES,
        to,
        data,
      });
      return node.call<string>('eth_sendRawTransaction', [raw]);
    },

    /** The key of a relayer, which outside of drills nobody but the signer has. */
    async relayerKey(index: number): Promise<Uint8Array> {
      const seed = await findSeed(join(dir, 'seed'), keyEncryptionFromHex(KEY_HEX), 0);
      const keys = new Keys(must(seed, 'the signer has made its seed'));
      return keys.use('relayer', index, (key) => key.slice());
    },

    async stop(): Promise<void> {
      for (const each of processes) {
        each.kill();
        await each.gone;
      }
      await stopSettlement();
      node.close();
      const ended = once(signer, 'exit');
      signer.disconnect();
      await ended;
      await signerProxy.stop();
      await proxy.stop();
      await local.stop();
      await chainStore.end();
      await rm(dir, { recursive: true, force: true });
    },
  };
  for (const index of [0, 1]) await local.fundGas(await options.vault.relayerAddress(index), GAS_WEI);
  await local.mine(4);
  await chain.check();
  await chain.fillAddressPool(ADDRESSES);
  return bed;
}

async function startSigner(dir: string, socketPath: string): Promise<ChildProcess> {
  const options: TestSignerOptions = {
    socketPath,
    seedFile: join(dir, 'seed'),
    keyHex: KEY_HEX,
    maxSendMinor: (10n ** 12n).toString(),
    contract: USDC_POLYGON,
    multicall: MULTICALL3,
  };
  const script = new URL('../../src/chain/vault/signer-process.testing.ts', import.meta.url);
  const child = fork(script, [JSON.stringify(options)], { execArgv: [] });
  const [message] = await once(child, 'message');
  assert(message === 'ready', 'the signer is ready');
  return child;
}
