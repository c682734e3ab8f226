import type { QuoteRequest } from '@openoms/contract/quotes.ts';
import { readOneOf, readTarget, type Target } from '../http/request-fields.ts';
import { ApiError, type ErrorDetail, validationError } from '../kernel/errors.ts';
import { type Asset, parseMinor, parseRate } from '../kernel/money.ts';
import type { FeeRule } from '../kernel/price.ts';

const SHARE = /^0(\.[0-9]{1,6})?$/;

export type QuoteTarget =
  | Target
  | { readonly kind: 'cash'; readonly locationId: string; readonly reference: string };

/** A quote request with one name for each thing, as the documents use several. */
export interface QuoteOrder {
  readonly customerId: string;
  readonly walletId: string;
  readonly target: QuoteTarget;
  readonly destinationAsset: 'usdc' | 'usd';
  readonly destinationNetwork: string;
  readonly fixedSide: 'source' | 'destination';
  /** Of the fixed side, in its asset. */
  readonly fixedMinor: bigint;
  /** Instead of the project's. */
  readonly developerFees: readonly FeeRule[] | undefined;
  readonly sponsorGas: boolean;
  readonly metadata: Record<string, string | number | boolean | null>;
}

const TARGET_NAMES = [
  'id',
  'wallet',
  'walletId',
  'blockchainAddress',
  'externalAccount',
  'externalAccountId',
] as const;

/**
 * Reads a schema-valid body. Throws 400 naming every field that breaks a rule the schema cannot say, 422
 * `unsupported_asset_network` for what is not offered.
 */
export function readQuoteOrder(body: QuoteRequest): QuoteOrder {
  const issues: ErrorDetail[] = [];
  const { source, destination } = body;
  const walletId = readOneOf(source, ['walletId', 'wallet', 'id'], 'source.', issues);
  const target = readDestination(destination, issues);
  const developerFees = body.developerFees?.map((fee, index) => readFee(fee, index, issues));
  const fixed = readAmount(body, issues);
  if (issues.length > 0 || walletId === undefined || !target || !fixed) throw validationError(issues);
  requireOffered(body, target);
  return {
    customerId: body.customerId,
    walletId,
    target,
    destinationAsset: destination.asset === 'usd' ? 'usd' : 'usdc',
    destinationNetwork: destination.network,
    ...fixed,
    developerFees,
    sponsorGas: body.sponsorGas ?? true,
    metadata: body.metadata ?? {},
  };
}

function readAmount(
  { source, destination }: QuoteRequest,
  issues: ErrorDetail[],
): Pick<QuoteOrder, 'fixedSide' | 'fixedMinor'> | undefined {
  if ((source.amount === undefined) === (destination.amount === undefined)) {
    const issue = 'exactly one of source.amount and destination.amount is required';
    issues.push({ field: 'source.amount', issue }, { field: 'destination.amount', issue });
    return undefined;
  }
  const fixedSide = source.amount === undefined ? 'destination' : 'source';
  const side = fixedSide === 'source' ? source : destination;
  // An asset that is not known is refused by what is offered; its decimals are not.
  const asset: Asset = side.asset === 'usd' ? 'usd' : 'usdc';
  const fixedMinor = parseMinor(side.amount ?? '', asset);
  if (fixedMinor === undefined || fixedMinor === 0n) {
    const decimals = asset === 'usd' ? 2 : 6;
    issues.push({
      field: `${fixedSide}.amount`,
      issue: `must be a positive amount with at most ${decimals} decimals`,
    });
    return undefined;
  }
  return { fixedSide, fixedMinor };
}

function readDestination(
  destination: QuoteRequest['destination'],
  issues: ErrorDetail[],
): QuoteTarget | undefined {
  const { wallet, cash } = destination;
  if (cash && !wallet) {
    const locationId = readOneOf(cash, ['locationId', 'cashLocationId'], 'destination.cash.', issues);
    const names = ['locationReference', 'cashLocationReference'] as const;
    const reference = readOneOf(cash, names, 'destination.cash.', issues);
    return locationId !== undefined && reference !== undefined
      ? { kind: 'cash', locationId, reference }
      : undefined;
  }
  if (cash) {
    issues.push({ field: 'destination.wallet', issue: 'takes one of wallet and cash' });
    return undefined;
  }
  return readTarget(wallet ?? {}, TARGET_NAMES, issues);
}

type FeeRequest = NonNullable<QuoteRequest['developerFees']>[number];

function readFee(fee: FeeRequest, index: number, issues: ErrorDetail[]): FeeRule {
  const field = `developerFees.${index}`;
  const share = fee.percentage ?? fee.rate;
  const flat = fee.flatFee ?? fee.amount;
  if (share === undefined && flat === undefined) {
    issues.push({ field, issue: 'needs a percentage or a flatFee' });
  }
  if (share !== undefined && !SHARE.test(share)) {
    issues.push({
      field: `${field}.percentage`,
      issue: 'must be a fraction below 1 with at most 6 decimals',
    });
  }
  const fixedMinor = parseMinor(flat ?? '0', 'usdc');
  if (fixedMinor === undefined) {
    issues.push({ field: `${field}.flatFee`, issue: 'must be an amount with at most 6 decimals' });
  }
  return {
    rate: parseRate(share !== undefined && SHARE.test(share) ? share : '0'),
    fixedMinor: fixedMinor ?? 0n,
  };
}

/** Where each kind of target can be paid to. Banks are checked against the account. */
const OFFERED: Readonly<Record<QuoteTarget['kind'], (asset: string, network: string) => boolean>> = {
  wallet: (asset, network) => asset === 'usdc' && network === 'polygon',
  address: (asset, network) => asset === 'usdc' && network === 'polygon',
  cash: (asset, network) => asset === 'usd' && network === 'cash',
  externalAccount: (asset, network) =>
    (asset === 'usdc' && network === 'polygon') ||
    (asset === 'usd' && ['ach', 'wire', 'swift', 'usBank'].includes(network)),
};

function requireOffered({ source, destination }: QuoteRequest, target: QuoteTarget): void {
  const details: ErrorDetail[] = [];
  const issue = 'is not offered';
  if (source.asset !== 'usdc') details.push({ field: 'source.asset', issue });
  if (source.network !== 'polygon') details.push({ field: 'source.network', issue });
  if (!OFFERED[target.kind](destination.asset, destination.network)) {
    const isAssetOffered = ['usd', 'usdc'].includes(destination.asset);
    details.push({ field: isAssetOffered ? 'destination.network' : 'destination.asset', issue });
  }
  if (details.length === 0) return;
  throw new ApiError(422, 'unsupported_asset_network', 'This payment is not offered.', { details });
}
