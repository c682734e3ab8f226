import type { CashInRequest } from '@openoms/contract/cash-ins.ts';
import { readEvmAddress } from '../chain/token/evm-address.ts';
import { type ErrorDetail, validationError } from '../kernel/errors.ts';
import { parseMinor } from '../kernel/money.ts';

const DEFAULT_INDICATED = '100.00';

export type Target =
  | { readonly kind: 'wallet'; readonly walletId: string }
  /** In EIP-55 form. */
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'externalAccount'; readonly externalAccountId: string };

/** A cash-in request with one name for each thing, as the documents use several (contract 9, rows 5 and 6). */
export interface CashInOrder {
  readonly customerId: string;
  readonly indicatedMinor: bigint;
  /** False when the client named no amount and the estimate is by the default one. */
  readonly isIndicated: boolean;
  readonly email: string | undefined;
  readonly target: Target;
  readonly asset: string;
  readonly network: string;
  readonly locationId: string;
  readonly locationReference: string;
  readonly sponsorGas: boolean;
  readonly metadata: Record<string, string | number | boolean | null>;
}

/** Reads a schema-valid body. Throws 400 naming every field that breaks a rule the schema cannot say. */
export function readOrder(body: CashInRequest): CashInOrder {
  const issues: ErrorDetail[] = [];
  const target = readTarget(body.destination.wallet, issues);
  const locationId = oneOf(body.cash, ['cashLocationId', 'locationId'], 'cash.', issues);
  const locationReference = oneOf(body.cash, ['cashLocationReference', 'locationReference'], 'cash.', issues);
  const indicatedMinor = parseMinor(body.source.indicatedAmount ?? DEFAULT_INDICATED, 'usd');
  if (indicatedMinor === undefined || indicatedMinor === 0n) {
    issues.push({
      field: 'source.indicatedAmount',
      issue: 'must be a positive amount with at most 2 decimals',
    });
  }
  if (issues.length > 0 || !target || !locationId || !locationReference || !indicatedMinor) {
    throw validationError(issues);
  }
  return {
    customerId: body.customerId,
    indicatedMinor,
    isIndicated: body.source.indicatedAmount !== undefined,
    email: body.source.email,
    target,
    asset: body.destination.asset,
    network: body.destination.network,
    locationId,
    locationReference,
    sponsorGas: body.sponsorGas ?? true,
    metadata: body.metadata ?? {},
  };
}

function readTarget(
  wallet: CashInRequest['destination']['wallet'],
  issues: ErrorDetail[],
): Target | undefined {
  const prefix = 'destination.wallet';
  const given = Object.entries(wallet).filter(([, value]) => value !== undefined);
  const known = given.filter(([name]) => TARGET_NAMES.includes(name));
  const [name, value] = known[0] ?? [];
  if (known.length !== 1 || name === undefined || value === undefined) {
    issues.push({ field: prefix, issue: `takes exactly one of ${TARGET_NAMES.join(', ')}` });
    return undefined;
  }
  if (name === 'externalAccount') return { kind: 'externalAccount', externalAccountId: value };
  if (name !== 'blockchainAddress') return { kind: 'wallet', walletId: value };
  const { address, issue } = readEvmAddress(value);
  if (address !== undefined) return { kind: 'address', address };
  issues.push({ field: `${prefix}.${name}`, issue });
  return undefined;
}

const TARGET_NAMES: readonly string[] = ['wallet', 'id', 'walletId', 'blockchainAddress', 'externalAccount'];

/** The value under one of two names of the same thing; both must agree when both are sent. */
function oneOf<Name extends string>(
  from: Readonly<Partial<Record<Name, string | undefined>>>,
  [name, alias]: readonly [Name, Name],
  prefix: string,
  issues: ErrorDetail[],
): string | undefined {
  const value = from[name];
  const other = from[alias];
  if (value !== undefined && other !== undefined && value !== other) {
    issues.push({ field: prefix + alias, issue: `differs from ${prefix}${name}` });
  }
  if (value === undefined && other === undefined) issues.push({ field: prefix + name, issue: 'is required' });
  return value ?? other;
}
