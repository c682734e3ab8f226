import { type JsonRpc, RpcError } from '../rpc.ts';
import { ANVIL_VERSION } from './anvil.ts';
import type { ChainLog, GenesisEntry, LoggedEntry } from './chain-log.ts';
import { LocalChainError } from './errors.ts';
import { callAnvil } from './token-balances.ts';

/** Blocks between two comparisons; a block's hash covers all before it, so the last one speaks for them. */
const CHECK_EVERY_BLOCKS = 50;

export interface Replayed {
  readonly blocks: number;
  readonly transactions: number;
}

/**
 * Does everything in the log again on a fresh anvil, which gives the same blocks: anvil takes time and randomness from
 * nothing else (blocks that a call makes get the time of their parent, by the interval 0). Blocks whose hash the log
 * does not know yet, mined or not when the process died, get it now. One call at a time: in a JSON-RPC batch anvil
 * runs them side by side, in any order. Throws LocalChainError when the chain would not be the same.
 */
export async function replay(log: ChainLog, rpc: JsonRpc, genesis: GenesisEntry): Promise<Replayed> {
  await rpc.call('anvil_setBlockTimestampInterval', [0]);
  let blocks = 0;
  let transactions = 0;
  let unchecked: LoggedEntry | undefined;
  for await (const entry of log.entries()) {
    switch (entry.kind) {
      case 'genesis':
        break;
      case 'transaction':
        await repeat(rpc, 'eth_sendRawTransaction', entry.payload.raw, entry.seq, genesis);
        transactions += 1;
        break;
      case 'call':
        // Whatever block came before may be gone after a reorganisation, and a call that failed fails again.
        if (unchecked) await check(rpc, unchecked, genesis);
        unchecked = undefined;
        await callAnvil(rpc, entry.payload).catch(ignoreRefusal);
        break;
      case 'block':
        await repeat(rpc, 'evm_mine', entry.payload.timestamp, entry.seq, genesis);
        blocks += 1;
        unchecked = entry;
        if (entry.hash === null) await log.recordHashes([{ seq: entry.seq, hash: await latestHash(rpc) }]);
        else if (blocks % CHECK_EVERY_BLOCKS === 0) await check(rpc, entry, genesis);
        break;
    }
  }
  if (unchecked) await check(rpc, unchecked, genesis);
  return { blocks, transactions };
}

async function check(rpc: JsonRpc, entry: LoggedEntry, genesis: GenesisEntry): Promise<void> {
  const hash = await latestHash(rpc);
  if (entry.hash === null || entry.hash === hash) return;
  throw mismatch(entry.seq, `the block is ${hash} and was ${entry.hash}`, genesis);
}

/** Makes a call that was accepted when it was logged. */
async function repeat(
  rpc: JsonRpc,
  method: string,
  param: string | number,
  seq: string,
  genesis: GenesisEntry,
): Promise<void> {
  try {
    await rpc.call(method, [param]);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    throw mismatch(seq, `${method} is refused (${error.message})`, genesis);
  }
}

function mismatch(seq: string, what: string, genesis: GenesisEntry): LocalChainError {
  const { anvil } = genesis.payload;
  const cause =
    anvil === ANVIL_VERSION
      ? 'the table local_chain_log was altered'
      : `it was written with anvil ${anvil}, and this is ${ANVIL_VERSION}`;
  return new LocalChainError(
    `The local chain cannot be restored, for at entry ${seq} of its log ${what}: ${cause}; restore a backup of the database, or begin with an empty one.`,
  );
}

const latestHash = async (rpc: JsonRpc): Promise<string> =>
  (await rpc.call<{ hash: string }>('eth_getBlockByNumber', ['latest', false])).hash;

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof RpcError)) throw error;
}
