import type { DepositAddressRequest, DestinationRequest } from '@openoms/contract/deposit-addresses.ts';
import type { Target } from '../http/request-fields.ts';
import { ApiError, type ErrorDetail } from '../kernel/errors.ts';
import { applyRate, parseRate } from '../kernel/money.ts';
import type { PercentageFee } from './store.ts';

/** A destination with one name for each thing, as the documents use several. */
export interface DestinationOrder {
  readonly asset: 'usdc' | 'usd';
  readonly network: string;
  readonly target: Target;
}

export const TARGET_NAMES = [
  'wallet',
  'id',
  'walletId',
  'blockchainAddress',
  'externalAccount',
  'externalAccountId',
] as const;

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
