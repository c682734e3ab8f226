import { DEPLOYER_FEES, DEPLOYER_KEY } from './local/genesis.ts';
import type { JsonRpc } from './rpc.ts';
import { addressWord, type Hex, uintWord } from './token/hex.ts';
import { TOPICS } from './token/logs.ts';
import { addressOf } from './token/secp256k1.ts';
import { signTransaction } from './token/transaction.ts';

/** A log as a contract writes it: topics, then any bytes. */
export interface EmittedLog {
  readonly topics: readonly string[];
  readonly data: string;
}

/** A contract that writes any log it is asked for; as hostile as whoever calls it. One per number of topics. */
const emitterAddress = (topics: number): Hex => `0x${topics.toString().repeat(2).padStart(40, 'e')}`;

/** The call data is the topics and then the data; the code copies the data to memory and logs it under the topics. */
function emitterCode(topics: number): Hex {
  const head = (32 * topics).toString(16).padStart(2, '0');
  // PUSH head, CALLDATASIZE, SUB: how long the data is.
  const size = `60${head}3603`;
  const copy = `${size}60${head}600037`;
  const push = Array.from(
    { length: topics },
    (_, i) => `60${(32 * (topics - 1 - i)).toString(16).padStart(2, '0')}35`,
  ).join('');
  return `0x${copy}${push}${size}6000${(0xa0 + topics).toString(16)}00`;
}

/** Puts the emitters on a local chain. */
export async function installEmitters(node: JsonRpc): Promise<void> {
  for (const topics of [0, 1, 2, 3, 4]) {
    await node.call('anvil_setCode', [emitterAddress(topics), emitterCode(topics)]);
  }
}

/** Has the log written by a transaction, which waits for the next block. Answers whose log it is, and the transaction. */
export async function emit(node: JsonRpc, log: EmittedLog): Promise<{ token: Hex; txHash: Hex }> {
  const token = emitterAddress(log.topics.length);
  const words = log.topics.map((topic) => topic.slice(2)).join('');
  return { token, txHash: await submitAs(node, DEPLOYER_KEY, token, `0x${words}${log.data.slice(2)}`) };
}

/** What an ERC-20 writes when it transfers. */
export const transferLog = (from: string, to: string, value: bigint): EmittedLog => ({
  topics: [TOPICS.transfer, `0x${addressWord(from)}`, `0x${addressWord(to)}`],
  data: `0x${uintWord(value)}`,
});

/** A transaction of an account that is none of ours, in the node's pool. */
export async function submitAs(
  node: JsonRpc,
  key: Uint8Array,
  to: string,
  data: string,
  gas = 200_000n,
): Promise<Hex> {
  const count = await node.call<string>('eth_getTransactionCount', [addressOf(key), 'pending']);
  const { raw } = signTransaction(key, {
    chainId: 137,
    nonce: Number(count),
    gas,
    ...DEPLOYER_FEES,
    to,
    data,
  });
  return node.call<Hex>('eth_sendRawTransaction', [raw]);
}
