import type { CashInRequest } from '@openoms/contract/cash-ins.ts';
import { readOneOf, readTarget, type Target } from '../http/request-fields.ts';
import { type ErrorDetail, validationError } from '../kernel/errors.ts';
import { parseMinor } from '../kernel/money.ts';

const DEFAULT_INDICATED = '100.00';

const TARGET_NAMES = ['wallet', 'id', 'walletId', 'blockchainAddress', 'externalAccount'] as const;

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
  const target = readTarget(body.destination.wallet, TARGET_NAMES, issues);
  const locationId = readOneOf(body.cash, ['cashLocationId', 'locationId'], 'cash.', issues);
  const locationReference = readOneOf(
    body.cash,
    ['cashLocationReference', 'locationReference'],
    'cash.',
    issues,
  );
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
