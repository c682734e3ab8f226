import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asSuperuser, createTestDatabase, createTestProject } from '../../test/postgres.ts';
import { PLATFORM } from '../db/database.ts';
import { assert } from '../kernel/assert.ts';
import { ManualClock } from '../kernel/clock.ts';
import { TypeIds } from '../kernel/ids.ts';
import { keyEncryptionFromHex } from '../kernel/key-encryption.ts';
import { silentLogger } from '../kernel/log.ts';
import type { PoolAddress } from './addresses.ts';
import { type Chain, createChain } from './chain.ts';
import { startLocalChain } from './local/start.ts';
import { POLYGON_RELAYER } from './relayer/fees.ts';
import { JsonRpc } from './rpc.ts';
import { startFaultyProxy } from './rpc-proxy.testing.ts';
import type { Deposit, FailedSend, PaidSend, SettlementHandlers } from './sends.ts';
import { decodeUint, encodeBalanceOf } from './token/calls.ts';
import { MULTICALL3, USDC_POLYGON } from './token/contracts.ts';
import { VaultClient } from './vault/client.ts';
import { Keys } from './vault/keys.ts';
import { openFirstSeed } from './vault/seed-file.ts';
import type { TestSignerOptions } from './vault/signer-process.testing.ts';

const KEY_HEX = '5a'.repeat(32);
const MAX_ROUNDS = 40;

type SignerLimits = Pick<TestSignerOptions, 'maxDailyMinor'>;

/** What the handlers were told, by commit. */
export interface Told {
  readonly paid: PaidSend[];
  readonly failed: FailedSend[];
  readonly detected: Deposit[];
  readonly credited: Deposit[];
  readonly orphaned: Deposit[];
}

/** Settlement against the real things: PostgreSQL, anvil with Circle's contract, a signer process, a proxy that fails. */
export type SettlementWorld = Awaited<ReturnType<typeof startSettlementWorld>>;

export async function startSettlementWorld(limits: SignerLimits = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'oms-settlement-'));
  const clock = new ManualClock(new Date('2026-01-01T00:00:00Z'));
  const database = await createTestDatabase({ clock });
  const { db } = database;
  const projectId = await createTestProject(db);
  const local = await startLocalChain({
    store: db.pool,
    dir: join(dir, 'chain'),
    clock,
    log: silentLogger,
    mining: 'manual',
  });
  const proxy = await startFaultyProxy(local.url);
  const node = new JsonRpc({ url: local.url, timeoutMs: 10_000 });
  let signer = await startSignerProcess(dir, limits);
  const vault = new VaultClient({ socketPath: join(dir, 'signer.sock'), timeoutMs: 10_000 });
  const told: Told = { paid: [], failed: [], detected: [], credited: [], orphaned: [] };
  let chain = newChain();

  function newChain(signer = vault): Chain {
    return createChain({
      db,
      clock,
      ids: new TypeIds(clock),
      log: silentLogger,
      vault: signer,
      handlers: recordingHandlers(told, projectId),
      relayerSettings: { ...POLYGON_RELAYER, resendAfterMs: 0 },
      network: {
        name: 'polygon',
        chainId: 137,
        rpcUrl: proxy.url,
        tokenAddress: USDC_POLYGON,
        tokenName: 'USD Coin',
        tokenVersion: '2',
        multicallAddress: MULTICALL3,
        otherTokens: 'all',
        startBlock: 0,
      },
    });
  }

  const world = {
    projectId,
    clock,
    db,
    local,
    node,
    proxy,
    vault,
    told,
    get chain() {
      return chain;
    },

    /** As if the process had been killed and started again: nothing in memory is kept. */
    async restart(signer?: VaultClient): Promise<void> {
      await chain.stop();
      chain = newChain(signer);
    },

    /** A second process beside the first. */
    newChain,

    /** A new wallet whose deposits are watched, with so many minor units of USDC. */
    async wallet(minor: bigint): Promise<PoolAddress> {
      const wallet = await db.tx(projectId, async (tx) => {
        const taken = await chain.addresses.takeAddress(tx);
        await chain.addresses.watch(tx, {
          address: taken.address,
          network: 'polygon',
          purpose: 'wallet',
          resourceId: `wlt_${taken.keyIndex}`,
        });
        return taken;
      });
      if (minor > 0n) await local.mintUsdc(wallet.address, minor);
      return wallet;
    },

    async send(from: PoolAddress, to: string, amountMinor: bigint, booksRecipient = true): Promise<string> {
      const { sendId } = await db.tx(projectId, (tx) =>
        chain.sends.requestSend(tx, {
          fromKeyIndex: from.keyIndex,
          fromAddress: from.address,
          to,
          amountMinor,
          network: 'polygon',
          asset: 'usdc',
          purpose: 'test',
          resourceId: 'txn_1',
          booksRecipient,
        }),
      );
      return sendId;
    },

    async balance(address: string): Promise<bigint> {
      const call = { to: USDC_POLYGON, data: encodeBalanceOf(address) };
      return decodeUint(await node.call<string>('eth_call', [call, 'latest']));
    },

    /** A step of settlement and a block. Trouble with the node is what the tests are about: the next step goes on. */
    async step(): Promise<void> {
      await chain.drainOnce().catch(() => undefined);
      await local.mine();
    },

    async until(condition: () => boolean | Promise<boolean>): Promise<void> {
      for (let round = 0; round < MAX_ROUNDS; round++) {
        if (await condition()) return;
        await world.step();
      }
      // The last step's error is what there is to see.
      await chain.drainOnce();
      assert(await condition(), `not reached in ${MAX_ROUNDS} blocks`);
    },

    isPaid: (sendId: string) => told.paid.some((send) => send.sendId === sendId),
    timesPaid: (sendId: string) => told.paid.filter((send) => send.sendId === sendId).length,

    query: <R extends object>(sql: string, values: unknown[] = []) =>
      db.tx(PLATFORM, (tx) => tx.query<R>(sql, values)),

    asOwner: (sql: string) => asSuperuser(database.url, (client) => client.query(sql)),

    /** With the database's own guards off: for what it would refuse even its owner. */
    force: (sql: string, values: unknown[] = []) =>
      asSuperuser(database.url, async (client) => {
        await client.query(`set session_replication_role = 'replica'`);
        return client.query(sql, values);
      }),

    async restartSigner(changed: SignerLimits): Promise<void> {
      await endSigner(signer);
      signer = await startSignerProcess(dir, changed);
    },

    /** The key of a relayer, which outside of tests nobody but the signer has. */
    async relayerKey(index: number): Promise<Uint8Array> {
      const keys = new Keys(await openFirstSeed(join(dir, 'seed'), keyEncryptionFromHex(KEY_HEX)));
      return keys.use('relayer', index, (key) => key.slice());
    },

    signingLog: () => readFile(join(dir, 'seed.signed'), 'utf8'),

    async stop(): Promise<void> {
      await chain.stop();
      vault.close();
      node.close();
      await endSigner(signer);
      await proxy.stop();
      await local.stop();
      await database.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };

  await local.fundGas(await vault.relayerAddress(0), 10n ** 24n);
  await local.mine();
  await chain.check();
  await chain.fillAddressPool(200);
  return world;
}

async function endSigner(signer: ChildProcess): Promise<void> {
  const ended = once(signer, 'exit');
  signer.disconnect();
  await ended;
}

async function startSignerProcess(dir: string, limits: SignerLimits): Promise<ChildProcess> {
  const options = {
    socketPath: join(dir, 'signer.sock'),
    seedFile: join(dir, 'seed'),
    keyHex: KEY_HEX,
    maxSendMinor: (10n ** 12n).toString(),
    contract: USDC_POLYGON,
    multicall: MULTICALL3,
    ...limits,
  };
  const script = new URL('./vault/signer-process.testing.ts', import.meta.url);
  const child = fork(script, [JSON.stringify(options)], { execArgv: [] });
  const [message] = await once(child, 'message');
  assert(message === 'ready', 'the signer is ready');
  return child;
}

function recordingHandlers(told: Told, projectId: string): SettlementHandlers {
  const recorder =
    <T>(list: T[]) =>
    async (tx: { readonly scope: string; afterCommit(work: () => void): void }, items: readonly T[]) => {
      assert(tx.scope === projectId, 'handlers run in the scope of their project');
      tx.afterCommit(() => void list.push(...items));
    };
  return {
    sendsPaid: recorder(told.paid),
    sendsFailed: recorder(told.failed),
    depositsDetected: recorder(told.detected),
    depositsCredited: recorder(told.credited),
    depositsOrphaned: recorder(told.orphaned),
  };
}
