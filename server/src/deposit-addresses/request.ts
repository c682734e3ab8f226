import type { DepositAddressRequest, DestinationRequest } from '@openoms/contract/deposit-addresses.ts';
import { readEvmAddress } from '../chain/token/evm-address.ts';
import { ApiError, type ErrorDetail } from '../kernel/errors.ts';
import { applyRate, parseRate } from '../kernel/money.ts';
import type { PercentageFee } from './store.ts';

export type Target =
  | { readonly kind: 'wallet'; readonly walletId: string; readonly field: string }
  | { readonly kind: 'address'; readonly address: string; readonly field: string }
  | { readonly kind: 'externalAccount'; readonly externalAccountId: string; readonly field: string };

/** A destination with one name for each thing, as the documents use several. */
export interface DestinationOrder {
  readonly asset: 'usdc' | 'usd';
  readonly network: string;
  readonly target: Target;
}

const WALLET_NAMES = ['wallet', 'id', 'walletId'] as const;
const ACCOUNT_NAMES = ['externalAccount', 'externalAccountId'] as const;
const TARGET_NAMES = [...WALLET_NAMES, 'blockchainAddress', ...ACCOUNT_NAMES] as const;

/** Reads a schema-valid target; what no schema can say goes into `issues`. */
export function readTarget({ wallet }: DestinationRequest, issues: ErrorDetail[]): Target | undefined {
  const [name, ...others] = TARGET_NAMES.filter((each) => wallet[each] !== undefined);
  const value = name && wallet[name];
  if (others.length > 0 || !name || value === undefined) {
    issues.push({ field: 'destination.wallet', issue: `takes exactly one of ${TARGET_NAMES.join(', ')}` });
    return undefined;
  }
  const field = `destination.wallet.${name}`;
  if (ACCOUNT_NAMES.some((each) => each === name)) {
    return { kind: 'externalAccount', externalAccountId: value, field };
  }
  if (name !== 'blockchainAddress') return { kind: 'wallet', walletId: value, field };
  const { address, issue } = readEvmAddress(value);
  if (issue !== undefined) issues.push({ field, issue });
  return { kind: 'address', address: address ?? value, field };
}

type FeesRequest = NonNullable<DepositAddressRequest['developerFees']>;

const MICRO = 1_000_000n;

/** The shares with at most 6 decimals that the schema lets through. Together they must leave something. */
export function readFees(fees: FeesRequest, issues: ErrorDetail[]): PercentageFee[] {
  const sum = fees.reduce((total, { rate }) => total + applyRate(MICRO, parseRate(rate), 'up'), 0n);
  if (sum >= MICRO) {
    issues.push(
      ...fees.map((_, index) => ({ field: `developerFees.${index}.rate`, issue: 'must sum to less than 1' })),
    );
  }
  return fees.map(({ rate, wallet }) => ({ percentage: rate, ...(wallet !== undefined && { wallet }) }));
}

/** Where each kind of target can be paid to. Banks are checked against the account. */
const OFFERED: Readonly<Record<Target['kind'], (asset: string, network: string) => boolean>> = {
  wallet: (asset, network) => asset === 'usdc' && network === 'polygon',
  address: (asset, network) => asset === 'usdc' && network === 'polygon',
  externalAccount: (asset, network) =>
    (asset === 'usdc' && network === 'polygon') ||
    (asset === 'usd' && ['ach', 'wire', 'swift', 'usBank'].includes(network)),
};

/** Throws 422 `unsupported_asset_network` naming everything that is not offered. */
export function requireOffered(
  source: DepositAddressRequest['source'] | undefined,
  destination: DestinationRequest | undefined,
  target: Target | undefined,
): void {
  const details: ErrorDetail[] = [];
  const issue = 'is not offered';
  if (source && source.asset !== 'usdc') details.push({ field: 'source.asset', issue });
  if (source && source.network !== 'polygon') details.push({ field: 'source.network', issue });
  if (destination && target && !OFFERED[target.kind](destination.asset, destination.network)) {
    const isAssetOffered = ['usd', 'usdc'].includes(destination.asset);
    details.push({ field: isAssetOffered ? 'destination.network' : 'destination.asset', issue });
  }
  if (details.length === 0) return;
  throw new ApiError(422, 'unsupported_asset_network', 'These deposits are not offered.', { details });
}
