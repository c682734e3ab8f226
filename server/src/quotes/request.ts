import type { QuoteRequest } from '@openoms/contract/quotes.ts';
import { readEvmAddress } from '../chain/token/evm-address.ts';
import { ApiError, type ErrorDetail, validationError } from '../kernel/errors.ts';
import { type Asset, parseMinor, parseRate } from '../kernel/money.ts';
import type { FeeRule } from '../kernel/price.ts';

const SHARE = /^0(\.[0-9]{1,6})?$/;

export type Target =
  | { readonly kind: 'wallet'; readonly walletId: string }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'externalAccount'; readonly externalAccountId: string; readonly field: string }
  | { readonly kind: 'cash'; readonly locationId: string; readonly reference: string };

/** A quote request with one name for each thing, as the documents use several. */
export interface QuoteOrder {
  readonly customerId: string;
  readonly walletId: string;
  readonly target: Target;
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

const WALLET_NAMES = ['id', 'wallet', 'walletId'] as const;
const ACCOUNT_NAMES = ['externalAccount', 'externalAccountId'] as const;
const TARGET_NAMES = [...WALLET_NAMES, 'blockchainAddress', ...ACCOUNT_NAMES] as const;

/**
 * Reads a schema-valid body. Throws 400 naming every field that breaks a rule the schema cannot say, 422
 * `unsupported_asset_network` for what is not offered.
 */
export function readQuoteOrder(body: QuoteRequest): QuoteOrder {
  const issues: ErrorDetail[] = [];
  const { source, destination } = body;
  const walletId = oneOf(source, ['walletId', 'wallet', 'id'], 'source.', issues);
  const target = readTarget(destination, issues);
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

function readTarget(destination: QuoteRequest['destination'], issues: ErrorDetail[]): Target | undefined {
  const { wallet, cash } = destination;
  if (cash && !wallet) {
    const locationId = oneOf(cash, ['locationId', 'cashLocationId'], 'destination.cash.', issues);
    const names = ['locationReference', 'cashLocationReference'] as const;
    const reference = oneOf(cash, names, 'destination.cash.', issues);
    return locationId !== undefined && reference !== undefined
      ? { kind: 'cash', locationId, reference }
      : undefined;
  }
  const given = TARGET_NAMES.filter((name) => wallet?.[name] !== undefined);
  const [name] = given;
  const value = name && wallet?.[name];
  if (cash || given.length !== 1 || !name || value === undefined) {
    const issue = cash ? 'takes one of wallet and cash' : `takes exactly one of ${TARGET_NAMES.join(', ')}`;
    issues.push({ field: 'destination.wallet', issue });
    return undefined;
  }
  const field = `destination.wallet.${name}`;
  if (ACCOUNT_NAMES.some((each) => each === name)) {
    return { kind: 'externalAccount', externalAccountId: value, field };
  }
  if (name !== 'blockchainAddress') return { kind: 'wallet', walletId: value };
  const { address, issue } = readEvmAddress(value);
  if (address !== undefined) return { kind: 'address', address };
  issues.push({ field, issue });
  return undefined;
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
const OFFERED: Readonly<Record<Target['kind'], (asset: string, network: string) => boolean>> = {
  wallet: (asset, network) => asset === 'usdc' && network === 'polygon',
  address: (asset, network) => asset === 'usdc' && network === 'polygon',
  cash: (asset, network) => asset === 'usd' && network === 'cash',
  externalAccount: (asset, network) =>
    (asset === 'usdc' && network === 'polygon') ||
    (asset === 'usd' && ['ach', 'wire', 'swift', 'usBank'].includes(network)),
};

function requireOffered({ source, destination }: QuoteRequest, target: Target): void {
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

/** The value under the first of the names that is used; all that are used must agree. */
function oneOf<Name extends string>(
  from: Readonly<Partial<Record<Name, string | undefined>>>,
  names: readonly [Name, ...Name[]],
  prefix: string,
  issues: ErrorDetail[],
): string | undefined {
  const used = names.filter((name) => from[name] !== undefined);
  const [first] = used;
  if (first === undefined) {
    issues.push({ field: prefix + names[0], issue: 'is required' });
    return undefined;
  }
  for (const name of used) {
    if (from[name] !== from[first]) {
      issues.push({ field: prefix + name, issue: `differs from ${prefix}${first}` });
    }
  }
  return from[first];
}
