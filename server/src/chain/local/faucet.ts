import type { SimulatedSender } from '@openoms/contract/simulations.ts';
import { hexToBytes } from 'viem/utils';
import type { JsonRpc } from '../rpc.ts';
import { authorizationNonce, domainSeparator, signAuthorization } from '../token/authorization.ts';
import {
  decodeBool,
  decodeUint,
  encodeAuthorizationState,
  encodeBalanceOf,
  encodeMint,
  encodeTransferWithAuthorization,
} from '../token/calls.ts';
import { USDC_POLYGON } from '../token/contracts.ts';
import { addressWord, type Hex, uintWord } from '../token/hex.ts';
import { TOPICS } from '../token/logs.ts';
import { addressOf } from '../token/secp256k1.ts';
import { signTransaction } from '../token/transaction.ts';
import { DEPLOYER, DEPLOYER_FEES, DEPLOYER_KEY } from './genesis.ts';

const GAS = 200_000n;
const NEVER = 2n ** 64n;
/** As genesis.ts initializes it. */
const TOKEN = { name: 'USD Coin', version: '2' } as const;

/** Whose keys everyone knows: the faucet's own, and the next of the same mnemonic, which is on a sanctions list here. */
const SENDER_KEYS: Readonly<Record<SimulatedSender, Uint8Array>> = {
  stranger: DEPLOYER_KEY,
  listed: hexToBytes('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'),
};

/**
 * Mints the local chain's play money with the key that everyone knows, through the chain's ordinary RPC. Each answers the
 * hash of the transfer it sends; undefined when it was made before.
 */
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
  topUp(address: string, minor: bigint): Promise<Hex | undefined> {
    return this.#inTurn(() => this.#topUp(address, minor));
  }

  /**
   * Sends exactly `minor` units from an account of the sender, as a stranger would. By an authorization whose nonce
   * follows from the reference: the token takes it once, however often it is sent.
   */
  transferOnce(
    address: string,
    minor: bigint,
    reference: string,
    sender: SimulatedSender,
  ): Promise<Hex | undefined> {
    const nonce = authorizationNonce(reference, 1);
    return this.#inTurn(() => this.#transferOnce(address, minor, nonce, SENDER_KEYS[sender]));
  }

  /**
   * Has a token that nobody knows write that a stranger transferred `minor` of it. A repetition is a token and a transfer
   * of its own, which nobody is credited with either.
   */
  transferUnknown(address: string, minor: bigint, sender: SimulatedSender): Promise<Hex | undefined> {
    const from = addressOf(SENDER_KEYS[sender]);
    return this.#inTurn(() => this.#send([transferOfUnknown(from, address, minor)], 'new'));
  }

  /** One at a time: two that read the same nonce would each send a transaction in the place of the other's. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  async #topUp(address: string, minor: bigint): Promise<Hex | undefined> {
    const call = { to: USDC_POLYGON, data: encodeBalanceOf(address) };
    const held = decodeUint(await this.#rpc.call<Hex>('eth_call', [call, 'latest']));
    if (held >= minor) return undefined;
    return this.#send([encodeMint(address, minor - held)]);
  }

  async #transferOnce(address: string, minor: bigint, nonce: Hex, key: Uint8Array): Promise<Hex | undefined> {
    const from = addressOf(key);
    const call = { to: USDC_POLYGON, data: encodeAuthorizationState(from, nonce) };
    if (decodeBool(await this.#rpc.call<Hex>('eth_call', [call, 'latest']))) return undefined;
    const verifyingContract = USDC_POLYGON;
    const separator = domainSeparator({ ...TOKEN, chainId: this.#chainId, verifyingContract });
    const authorization = {
      from,
      to: address,
      value: minor,
      validAfter: 0n,
      validBefore: NEVER,
      nonce,
    };
    const signature = signAuthorization(key, authorization, separator);
    // Minted for each transfer: a balance that was read might be another transfer's of the same block.
    return this.#send([encodeMint(from, minor), encodeTransferWithAuthorization(authorization, signature)]);
  }

  /** Calls of the token, in order; or code of new contracts. The hash of the last one's transaction. */
  async #send(calls: readonly Hex[], to: 'token' | 'new' = 'token'): Promise<Hex | undefined> {
    let hash: Hex | undefined;
    const next = Number(await this.#rpc.call<Hex>('eth_getTransactionCount', [DEPLOYER, 'pending']));
    for (const [index, data] of calls.entries()) {
      const { raw } = signTransaction(DEPLOYER_KEY, {
        chainId: this.#chainId,
        nonce: next + index,
        gas: GAS,
        ...DEPLOYER_FEES,
        ...(to === 'token' && { to: USDC_POLYGON }),
        data,
      });
      hash = await this.#rpc.call<Hex>('eth_sendRawTransaction', [raw]);
    }
    return hash;
  }
}

/** Creation code of a contract that is nothing: it writes the log of a transfer between the addresses, and ends. */
function transferOfUnknown(from: string, to: string, minor: bigint): Hex {
  const push = (word: string): string => `7f${word}`;
  const topics = [addressWord(to), addressWord(from), TOPICS.transfer.slice(2)].map(push).join('');
  // MSTORE the amount at 0, then LOG3 of these 32 bytes.
  return `0x${push(uintWord(minor))}600052${topics}60206000a300`;
}
