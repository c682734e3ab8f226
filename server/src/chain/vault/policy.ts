import { PUBLIC_KEY_SET } from './keys.ts';
import { Refused, type RelayToSign, type TokenRef, type TransferToSign } from './protocol.ts';

/** A token that transfers may be signed for, and the limits of what is signed. */
export interface TokenPolicy {
  readonly chainId: number;
  readonly contract: string;
  /** The EIP-712 domain's name and version, which a wrong contract could not match. */
  readonly name: string;
  readonly version: string;
  /** Where the relayer's transactions go: Multicall3. */
  readonly multicall: string;
  /** The largest single send, in minor units. */
  readonly maxSendMinor: bigint;
  /** What may be signed for in any 24 h, all sends together, in minor units. */
  readonly maxDailyMinor: bigint;
  /** What one relay transaction may burn: wei per gas, and gas. */
  readonly maxFeePerGas: bigint;
  readonly maxGas: bigint;
}

/** The signer's own rules, from its own configuration: they hold against whoever can reach its socket. */
export interface SigningPolicy {
  readonly tokens: readonly TokenPolicy[];
  /** Whether to sign with keys that everyone can work out: on a local chain alone. */
  readonly signsWithPublicKeys: boolean;
}

/** Throws Refused('token_not_allowed'). */
export function tokenPolicyOf(policy: SigningPolicy, token: TokenRef): TokenPolicy {
  const found = policy.tokens.find(
    ({ chainId, contract }) => chainId === token.chainId && contract.toLowerCase() === token.contract,
  );
  if (!found) throw new Refused('token_not_allowed', `chain ${token.chainId}, token ${token.contract}`);
  return found;
}

/** Throws Refused('unknown_key_set') for keys that are not the signer's alone, but where nothing is worth anything. */
export function checkKeySet(policy: SigningPolicy, transfer: TransferToSign): void {
  if (transfer.keySet === PUBLIC_KEY_SET && !policy.signsWithPublicKeys) {
    throw new Refused('unknown_key_set', 'public keys');
  }
}

/** Throws Refused('over_limit'). */
export function checkTransfer(token: TokenPolicy, transfer: TransferToSign): void {
  if (transfer.value > token.maxSendMinor) throw new Refused('over_limit', `send ${transfer.sendId}`);
}

/**
 * Throws Refused('over_daily_limit'). `signedMinor` is what was signed for in the last 24 h: every authorization
 * counts, for whether it was ever used is not the signer's to know.
 */
export function checkDaily(token: TokenPolicy, transfer: TransferToSign, signedMinor: bigint): void {
  if (signedMinor + transfer.value > token.maxDailyMinor) {
    throw new Refused('over_daily_limit', `send ${transfer.sendId}`);
  }
}

/** Throws Refused('fee_over_limit'). */
export function checkRelay(token: TokenPolicy, relay: RelayToSign): void {
  const withinLimits =
    relay.maxFeePerGas <= token.maxFeePerGas &&
    relay.maxPriorityFeePerGas <= relay.maxFeePerGas &&
    relay.gas <= token.maxGas;
  if (!withinLimits) throw new Refused('fee_over_limit', `relay nonce ${relay.nonce}`);
}
