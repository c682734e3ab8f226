import { type Clock, SECOND_MS } from '../../kernel/clock.ts';
import {
  authorizationDigest,
  authorizationNonce,
  domainSeparator,
  type TransferAuthorization,
} from '../token/authorization.ts';
import { encodeAggregate3, encodeTransferWithAuthorization } from '../token/calls.ts';
import type { Hex } from '../token/hex.ts';
import { signDigest } from '../token/secp256k1.ts';
import { signTransaction } from '../token/transaction.ts';
import type { KeySets } from './key-sets.ts';
import { MAX_INDEX } from './keys.ts';
import {
  checkDaily,
  checkKeySet,
  checkRelay,
  checkTransfer,
  type SigningPolicy,
  type TokenPolicy,
  tokenPolicyOf,
} from './policy.ts';
import {
  integer,
  list,
  MAX_ADDRESSES_PER_REQUEST,
  MAX_KEY_SETS,
  MAX_TRANSFERS_PER_REQUEST,
  Refused,
  type RelayToSign,
  record,
  relayFromWire,
  type SignedRelay,
  type TokenRef,
  type TransferSignature,
  type TransferToSign,
  tokenFromWire,
  transferFromWire,
} from './protocol.ts';
import type { SigningLog } from './signing-log.ts';

/** Answers the signer's requests. It signs transfers and their relay, each built here from their fields; nothing else. */
export class Signer {
  readonly #keySets: KeySets;
  readonly #signingLog: SigningLog;
  readonly #policy: SigningPolicy;
  readonly #clock: Clock;
  readonly #separators = new Map<TokenPolicy, Hex>();

  constructor(deps: {
    readonly keySets: KeySets;
    readonly signingLog: SigningLog;
    readonly policy: SigningPolicy;
    readonly clock: Clock;
  }) {
    this.#keySets = deps.keySets;
    this.#signingLog = deps.signingLog;
    this.#policy = deps.policy;
    this.#clock = deps.clock;
  }

  /** Throws Refused for what it will not do. */
  async handle(method: unknown, params: unknown): Promise<unknown> {
    const request = record(params);
    switch (method) {
      case 'addresses':
        return this.#addresses(request);
      case 'relayerAddress':
        return this.#keySets.first.address('relayer', integer(request.index, MAX_INDEX, 'index'));
      case 'signTransfers': {
        const items = list(request.items, MAX_TRANSFERS_PER_REQUEST, 'items').map(transferFromWire);
        return this.#signTransfers(items, tokenFromWire(request));
      }
      case 'signRelay': {
        const relay = relayFromWire(request);
        await this.#keySets.load(latestKeySetOf(relay.transfers));
        return this.#signRelay(relay);
      }
      default:
        throw new Refused('invalid_request', 'unknown method');
    }
  }

  async #addresses(request: Record<string, unknown>): Promise<string[]> {
    const keySet = integer(request.keySet, MAX_KEY_SETS - 1, 'keySet');
    const from = integer(request.from, MAX_INDEX, 'from');
    const count = integer(request.count, MAX_ADDRESSES_PER_REQUEST, 'count');
    await this.#keySets.load(keySet);
    const keys = this.#keySets.get(keySet);
    return Array.from({ length: count }, (_, i) => keys.address('wallet', from + i));
  }

  async #signTransfers(items: readonly TransferToSign[], ref: TokenRef): Promise<TransferSignature[]> {
    const token = tokenPolicyOf(this.#policy, ref);
    await this.#keySets.load(latestKeySetOf(items));
    const signatures = items.map((item) => this.#signTransfer(item, token));
    await this.#signingLog.flush();
    return signatures;
  }

  #signTransfer(item: TransferToSign, token: TokenPolicy): TransferSignature {
    try {
      return { signature: this.#authorize(item, token) };
    } catch (error) {
      if (error instanceof Refused) return { refused: error.code };
      throw error;
    }
  }

  #authorize(item: TransferToSign, token: TokenPolicy): Hex {
    checkTransfer(token, item);
    checkKeySet(this.#policy, item);
    const digest = authorizationDigest(this.#authorizationOf(item), this.#separatorOf(token));
    const { sendId, attempt, value: minor } = item;
    const signed = this.#signingLog.find(sendId, attempt);
    if (signed !== undefined && signed !== digest) throw new Refused('other_digest_signed', `send ${sendId}`);
    if (signed === undefined) {
      const tokenId = `${token.chainId}:${token.contract.toLowerCase()}`;
      const signedAt = Math.floor(this.#clock.now().getTime() / SECOND_MS);
      checkDaily(token, item, this.#signingLog.signedMinor(tokenId, signedAt));
      this.#signingLog.add({ sendId, attempt, digest, signedAt, token: tokenId, minor });
    }
    return this.#keySets.get(item.keySet).use('wallet', item.keyIndex, (key) => signDigest(key, digest));
  }

  #signRelay(relay: RelayToSign): SignedRelay {
    const token = tokenPolicyOf(this.#policy, relay);
    checkRelay(token, relay);
    const calls = relay.transfers.map((transfer) => ({
      target: token.contract,
      callData: encodeTransferWithAuthorization(this.#authorizationOf(transfer), transfer.signature),
    }));
    const data = encodeAggregate3(calls);
    const { chainId, nonce, gas, maxFeePerGas, maxPriorityFeePerGas } = relay;
    const fields = { chainId, nonce, gas, maxFeePerGas, maxPriorityFeePerGas, to: token.multicall, data };
    const signed = this.#keySets.first.use('relayer', relay.relayerIndex, (key) =>
      signTransaction(key, fields),
    );
    return { ...signed, to: token.multicall, dataBytes: (data.length - 2) / 2 };
  }

  #authorizationOf(item: TransferToSign): TransferAuthorization {
    return {
      from: this.#keySets.get(item.keySet).address('wallet', item.keyIndex),
      to: item.to,
      value: item.value,
      validAfter: BigInt(item.validAfter),
      validBefore: BigInt(item.validBefore),
      nonce: authorizationNonce(item.sendId, item.attempt),
    };
  }

  #separatorOf(token: TokenPolicy): Hex {
    let separator = this.#separators.get(token);
    if (!separator) {
      const { name, version, chainId, contract } = token;
      separator = domainSeparator({ name, version, chainId, verifyingContract: contract });
      this.#separators.set(token, separator);
    }
    return separator;
  }
}

const latestKeySetOf = (items: readonly TransferToSign[]): number =>
  Math.max(0, ...items.map(({ keySet }) => keySet));
