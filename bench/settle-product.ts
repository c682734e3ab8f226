import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { PoolAddress } from '../server/src/chain/addresses.ts';
import { createChain } from '../server/src/chain/chain.ts';
import { POLYGON_RELAYER } from '../server/src/chain/relayer/fees.ts';
import type { JsonRpc } from '../server/src/chain/rpc.ts';
import type { SettlementHandlers } from '../server/src/chain/sends.ts';
import { MULTICALL3, USDC_POLYGON } from '../server/src/chain/token/contracts.ts';
import { VaultClient } from '../server/src/chain/vault/client.ts';
import type { TestSignerOptions } from '../server/src/chain/vault/signer-process.testing.ts';
import { Database, PLATFORM } from '../server/src/db/database.ts';
import { assert, must } from '../server/src/kernel/assert.ts';
import { systemClock } from '../server/src/kernel/clock.ts';
import { TypeIds } from '../server/src/kernel/ids.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import { custody, customerWallet } from '../server/src/ledger/chart.ts';
import { Ledger } from '../server/src/ledger/ledger.ts';
import type { Rates, SetUp } from './settle-rates.ts';
import { inBlocks, untilIdle } from './settle-raw.ts';

const MAX_CONNECTIONS = 24;
const VAULT_TIMEOUT_MS = 30_000;
const RELAYER_WEI = 10n ** 24n;
const FUNDS = 1_000_000n;
const AT_ONCE = 200;

export interface Settling {
  run(node: JsonRpc): Promise<Rates>;
  stop(): Promise<void>;
}

/** Settlement as a worker runs it, with a handler that posts each payment's hold; the wallets are funded on return. */
export async function startSettling(options: {
  readonly dir: string;
  readonly databaseUrl: string;
  readonly rpcUrl: string;
  readonly setUp: SetUp;
  /** One send to each. */
  readonly recipients: readonly string[];
  readonly wallets: number;
  readonly relayers: number;
}): Promise<Settling> {
  const { dir, databaseUrl, rpcUrl, setUp } = options;
  const signer = await startSigner(dir);
  const db = new Database(databaseUrl, {
    maxConnections: MAX_CONNECTIONS,
    clock: systemClock,
    log: silentLogger,
  });
  const ids = new TypeIds(systemClock);
  const ledger = new Ledger();
  const vault = new VaultClient({ socketPath: join(dir, 'signer.sock'), timeoutMs: VAULT_TIMEOUT_MS });
  const allPosted = Promise.withResolvers<void>();
  let posted = 0;
  const chain = createChain({
    db,
    clock: systemClock,
    ids,
    log: silentLogger,
    vault,
    handlers: postingHandlers(ledger, (count) => {
      posted += count;
      if (posted === options.recipients.length) allPosted.resolve();
    }),
    relayerSettings: { ...POLYGON_RELAYER, relayers: options.relayers },
    network: {
      name: 'polygon',
      chainId: 137,
      rpcUrl,
      tokenAddress: USDC_POLYGON,
      tokenName: 'USD Coin',
      tokenVersion: '2',
      multicallAddress: MULTICALL3,
      otherTokens: 'all',
      startBlock: 0,
    },
  });
  await chain.check();
  await chain.fillAddressPool(options.wallets);
  const projectId = ids.next('project');
  await db.tx(projectId, (tx) =>
    tx.query(
      `insert into projects (project_id, name, mode, created_at) values ($1, 'Settlement', 'sandbox', $2)`,
      [projectId, systemClock.now()],
    ),
  );
  const wallets = await takeWallets();
  const relayers = await Promise.all(
    Array.from({ length: options.relayers }, (_, index) => vault.relayerAddress(index)),
  );
  await setUp.fund(relayers, RELAYER_WEI);
  await setUp.mint(
    wallets.map(({ address }) => address),
    FUNDS,
  );

  async function takeWallets(): Promise<PoolAddress[]> {
    const taken: PoolAddress[] = [];
    while (taken.length < options.wallets) {
      const some = await db.tx(projectId, async (tx) => {
        const batch: PoolAddress[] = [];
        for (let i = 0; i < AT_ONCE && taken.length + batch.length < options.wallets; i++) {
          batch.push(must(await chain.addresses.takeAddress(tx), 'a free address'));
        }
        const deposits = batch.map(({ address }) => ({
          groupId: `${address}.deposit`,
          transfers: [
            {
              kind: 'single' as const,
              debit: custody('polygon', 'usdc'),
              credit: customerWallet(address, 'usdc'),
              minor: FUNDS,
            },
          ],
        }));
        await ledger.apply(tx, ...deposits);
        return batch;
      });
      taken.push(...some);
    }
    return taken;
  }

  /** Sends and their holds, in one commit per so many, as coalesced requests have them. */
  async function request(from: number): Promise<void> {
    const requests = Array.from({ length: Math.min(AT_ONCE, options.recipients.length - from) }, (_, i) => {
      const wallet = must(wallets[(from + i) % wallets.length], 'a wallet');
      const sendId = ids.next('send');
      return {
        sendId,
        fromKeyIndex: wallet.keyIndex,
        fromAddress: wallet.address,
        to: must(options.recipients[from + i], 'a recipient'),
        amountMinor: 1n,
        network: 'polygon' as const,
        asset: 'usdc' as const,
        purpose: 'bench',
        resourceId: sendId,
        booksRecipient: true,
      };
    });
    await db.tx(projectId, async (tx) => {
      const holds = requests.map(({ sendId, fromAddress, amountMinor }) => ({
        groupId: `${sendId}.requested`,
        transfers: [
          {
            kind: 'pending' as const,
            transferId: holdOf(sendId),
            debit: customerWallet(fromAddress, 'usdc'),
            credit: custody('polygon', 'usdc'),
            minor: amountMinor,
          },
        ],
      }));
      await ledger.apply(tx, ...holds);
      await chain.sends.requestSends(tx, requests);
    });
  }

  return {
    run: async (node) => {
      await untilIdle(node);
      await chain.start();
      // The indexer catches up with what came before; it is not what is measured.
      await delay(POLYGON_RELAYER.pollMs * 4);
      const startedMs = performance.now();
      for (let from = 0; from < options.recipients.length; from += AT_ONCE) await request(from);
      await allPosted.promise;
      const perSecond = (options.recipients.length * 1_000) / (performance.now() - startedMs);
      const hashes = await db.tx(PLATFORM, (tx) =>
        tx.query<{ tx_hash: string; sends: bigint }>(
          `select tx_hash, count(*) as sends from sends where status = 'paid' group by tx_hash`,
        ),
      );
      const paid = hashes.reduce((sum, { sends }) => sum + Number(sends), 0);
      assert(paid === options.recipients.length, `${paid} of ${options.recipients.length} sends are paid`);
      return {
        perSecond,
        ...(await inBlocks(
          node,
          hashes.map(({ tx_hash }) => tx_hash),
          paid,
        )),
      };
    },
    stop: async () => {
      await chain.stop();
      vault.close();
      await db.close();
      const gone = once(signer, 'exit');
      signer.disconnect();
      await gone;
    },
  };
}

const holdOf = (sendId: string): string => `${sendId}.hold`;

function postingHandlers(ledger: Ledger, onPosted: (count: number) => void): SettlementHandlers {
  const nothing = async (): Promise<void> => undefined;
  return {
    sendsPaid: async (tx, sends) => {
      await ledger.apply(
        tx,
        ...sends.map(({ sendId }) => ({
          groupId: `${sendId}.paid`,
          transfers: [{ kind: 'post' as const, pendingId: holdOf(sendId) }],
        })),
      );
      tx.afterCommit(() => onPosted(sends.length));
    },
    sendsFailed: async () => assert(false, 'no send of the benchmark fails'),
    depositsDetected: nothing,
    depositsCredited: nothing,
    depositsOrphaned: nothing,
  };
}

async function startSigner(dir: string): Promise<ChildProcess> {
  const options: TestSignerOptions = {
    socketPath: join(dir, 'signer.sock'),
    seedFile: join(dir, 'seed'),
    keyHex: randomBytes(32).toString('hex'),
    maxSendMinor: FUNDS.toString(),
    contract: USDC_POLYGON,
    multicall: MULTICALL3,
  };
  const script = new URL('../server/src/chain/vault/signer-process.testing.ts', import.meta.url);
  const child = fork(script, [JSON.stringify(options)], { execArgv: [] });
  const [message] = await once(child, 'message');
  assert(message === 'ready', 'the signer is ready');
  return child;
}
