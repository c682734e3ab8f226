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
import type { Keys } from './keys.ts';
import { checkRelay, checkTransfer, type SigningPolicy, type TokenPolicy, tokenPolicyOf } from './policy.ts';
import {
  integer,
  list,
  MAX_ADDRESSES_PER_REQUEST,
  MAX_TRANSFERS_PER_REQUEST,
  ONLY_KEY_SET,
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

const MAX_INDEX = 2 ** 31 - 1;

/** Answers the signer's requests. It signs transfers and their relay, each built here from their fields; nothing else. */
export class Signer {
  readonly #keys: Keys;
  readonly #signingLog: SigningLog;
  readonly #policy: SigningPolicy;
  readonly #separators = new Map<TokenPolicy, Hex>();

  constructor(keys: Keys, signingLog: SigningLog, policy: SigningPolicy) {
    this.#keys = keys;
    this.#signingLog = signingLog;
    this.#policy = policy;
  }

  /** Throws Refused for what it will not do. */
  async handle(method: unknown, params: unknown): Promise<unknown> {
    const request = record(params);
    switch (method) {
      case 'addresses':
        return this.#addresses(request);
      case 'relayerAddress':
        return this.#keys.address('relayer', integer(request.index, MAX_INDEX, 'index'));
      case 'signTransfers': {
        const items = list(request.items, MAX_TRANSFERS_PER_REQUEST, 'items').map(transferFromWire);
        return this.#signTransfers(items, tokenFromWire(request));
      }
      case 'signRelay':
        return this.#signRelay(relayFromWire(request));
      default:
        throw new Refused('invalid_request', 'unknown method');
    }
  }

  #addresses(request: Record<string, unknown>): string[] {
    integer(request.keySet, ONLY_KEY_SET, 'keySet');
    const from = integer(request.from, MAX_INDEX, 'from');
    const count = integer(request.count, MAX_ADDRESSES_PER_REQUEST, 'count');
    return Array.from({ length: count }, (_, i) => this.#keys.address('wallet', from + i));
  }

  async #signTransfers(items: readonly TransferToSign[], ref: TokenRef): Promise<TransferSignature[]> {
    const token = tokenPolicyOf(this.#policy, ref);
    const signatures = items.map((item) => this.#signTransfer(item, token));
    await this.#signingLog.flush();
    return signatures;
  }

  #signTransfer(item: TransferToSign, token: TokenPolicy): TransferSignature {
    try {
      checkTransfer(token, item);
    } catch (error) {
      if (error instanceof Refused) return { refused: error.code };
      throw error;
    }
    const digest = authorizationDigest(this.#authorizationOf(item), this.#separatorOf(token));
    if (!this.#signingLog.claim(item.sendId, item.attempt, digest)) return { refused: 'other_digest_signed' };
    return { signature: this.#keys.use('wallet', item.keyIndex, (key) => signDigest(key, digest)) };
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
    const signed = this.#keys.use('relayer', relay.relayerIndex, (key) => signTransaction(key, fields));
    return { ...signed, to: token.multicall, dataBytes: (data.length - 2) / 2 };
  }

  #authorizationOf(item: TransferToSign): TransferAuthorization {
    return {
      from: this.#keys.address('wallet', item.keyIndex),
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
