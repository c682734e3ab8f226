import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChainOptions, createChain } from '../chain/chain.ts';
import { startLocalChain } from '../chain/local/start.ts';
import { RpcTransportError } from '../chain/rpc.ts';
import { chainTroubleOf } from '../chain/trouble-source.ts';
import { type Config, ConfigError, networkOf } from '../config.ts';
import type { Context } from '../context.ts';
import { isPortFree } from '../kernel/process.ts';
import { openVault } from '../runtime.ts';
import type { RunningPart } from './kept-part.ts';
import type { Stack } from './stack.ts';

/** For the first project and its first wallets; the worker, which starts meanwhile, goes on filling. */
const FIRST_ADDRESSES = 100;
const RELAYER_GAS_WEI = 10n ** 24n;

/** How to reach the chain. */
export interface ChainAccess {
  readonly url: string;
  /** Of the local chain only. */
  readonly fundGas?: (address: string, wei: bigint) => Promise<void>;
}

export interface RunningChain extends RunningPart, ChainAccess {}

/**
 * Starts the local chain, again and again under the same address, which wallets and tools may have noted. It has no
 * trouble until the instance is up: an instance that does not start cannot be told to end it.
 */
export function chainStarter(
  config: Config,
  dir: string,
  { db, clock, log, trouble }: Pick<Context, 'db' | 'clock' | 'log' | 'trouble'>,
  isUp: () => boolean,
): () => Promise<RunningChain> {
  const portFile = join(dir, 'port');
  const network = networkOf(config, '');
  const source = chainTroubleOf({ db, trouble }, network.name);
  const troubleOnceUp = { ...source, list: async () => (isUp() ? source.list() : []) };
  let known: number | undefined;
  return async () => {
    const port = known ?? (await lastPort(portFile));
    const chain = await startLocalChain({
      store: db.pool,
      dir,
      clock,
      log,
      chainId: config.chainId,
      port,
      trouble: troubleOnceUp,
    });
    known = Number(new URL(chain.url).port);
    if (known !== port) await writeFile(portFile, `${known}\n`, { mode: 0o600 });
    return chain;
  };
}

/** The port of the last start if it is free, else 0 for any. */
async function lastPort(file: string): Promise<number> {
  const port = Number(await readFile(file, 'utf8').catch(() => ''));
  const isUsable = Number.isInteger(port) && port >= 1_024 && port <= 65_535 && (await isPortFree(port));
  return isUsable ? port : 0;
}

/**
 * What the first request needs: the right token on the chain, addresses derived ahead, gas for the relayers. Answers the
 * relayers' addresses.
 */
export async function prepareChain(
  config: Config,
  access: ChainAccess,
  context: Context,
  stack: Stack,
): Promise<string[]> {
  const vault = openVault(config);
  const options: ChainOptions = {
    ...context,
    network: networkOf(config, access.url),
    vault,
    handlers: context.settlement,
  };
  const chain = createChain(options);
  stack.push(async () => {
    chain.rpc.close();
    vault.close();
  });
  await chain.check().catch((cause: Error) => {
    if (cause instanceof RpcTransportError) {
      const { host } = new URL(access.url);
      throw new ConfigError(
        `The chain node at ${host} cannot be used: ${cause.message}. Check CHAIN_RPC_URL.`,
        {
          cause,
        },
      );
    }
    throw access.fundGas ? cause : new ConfigError(`${cause.message} Check the CHAIN_ settings.`, { cause });
  });
  await chain.fillAddressPool(FIRST_ADDRESSES);
  const relayers = await Promise.all(
    Array.from({ length: config.relayers }, (_, index) => vault.relayerAddress(index)),
  );
  if (!access.fundGas) return relayers;
  for (const relayer of relayers) {
    const gas = BigInt(await chain.rpc.call<string>('eth_getBalance', [relayer, 'latest']));
    if (gas * 2n < RELAYER_GAS_WEI) await access.fundGas(relayer, RELAYER_GAS_WEI);
  }
  return relayers;
}
