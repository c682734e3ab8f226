import type { JsonRpc } from '../rpc.ts';
import { decodeUint, encodeBalanceOf, encodeMint } from '../token/calls.ts';
import { USDC_POLYGON } from '../token/contracts.ts';
import type { Hex } from '../token/hex.ts';
import { signTransaction } from '../token/transaction.ts';
import { DEPLOYER, DEPLOYER_FEES, DEPLOYER_KEY } from './genesis.ts';

const MINT_GAS = 200_000n;

/** Mints the local chain's play money with the key that everyone knows, through the chain's ordinary RPC. */
export class LocalFaucet {
  readonly #rpc: JsonRpc;
  readonly #chainId: number;
  #queue: Promise<void> = Promise.resolve();

  constructor(rpc: JsonRpc, chainId: number) {
    this.#rpc = rpc;
    this.#chainId = chainId;
  }

  /**
   * Brings the address up to at least `minor` units. What it holds is read from the last block: a repetition before the
   * next one may mint twice, which play money can bear, while a node asked for its pending block may keep us waiting.
   */
  topUp(address: string, minor: bigint): Promise<void> {
    // One at a time: two that read the same nonce would each send a transaction in the place of the other's.
    const topped = this.#queue.then(() => this.#topUp(address, minor));
    this.#queue = topped.catch(() => undefined);
    return topped;
  }

  async #topUp(address: string, minor: bigint): Promise<void> {
    const call = { to: USDC_POLYGON, data: encodeBalanceOf(address) };
    const held = decodeUint(await this.#rpc.call<Hex>('eth_call', [call, 'latest']));
    if (held >= minor) return;
    const nonce = await this.#rpc.call<Hex>('eth_getTransactionCount', [DEPLOYER, 'pending']);
    const { raw } = signTransaction(DEPLOYER_KEY, {
      chainId: this.#chainId,
      nonce: Number(nonce),
      gas: MINT_GAS,
      ...DEPLOYER_FEES,
      to: USDC_POLYGON,
      data: encodeMint(address, minor - held),
    });
    await this.#rpc.call<Hex>('eth_sendRawTransaction', [raw]);
  }
}
