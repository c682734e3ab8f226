import type {
  VirtualAccountChange,
  VirtualAccountFee,
  VirtualAccountRequest,
} from '@openoms/contract/virtual-accounts.ts';
import { readTarget, type Target } from '../http/request-fields.ts';
import { ApiError, type ErrorDetail, validationError } from '../kernel/errors.ts';
import { parseRate } from '../kernel/money.ts';

type DestinationRequest = VirtualAccountRequest['destination'];

const TARGET_NAMES = ['wallet', 'id', 'walletId', 'blockchainAddress', 'externalAccount'] as const;

/**
 * Reads the destination of a schema-valid request or change. Throws 400 naming every field that breaks a rule the schema
 * cannot say, 422 `unsupported_asset_network` for what is not offered.
 */
export function readRequest(body: VirtualAccountRequest): Target;
export function readRequest(body: VirtualAccountChange): Target | undefined;
export function readRequest(body: VirtualAccountRequest | VirtualAccountChange): Target | undefined {
  const issues: ErrorDetail[] = [];
  const target = body.destination && readTarget(body.destination.wallet, TARGET_NAMES, issues);
  requireLeftover(body.developerFees ?? [], issues);
  if (issues.length > 0 || (body.destination && !target)) throw validationError(issues);
  requireOffered('source' in body ? body.source : undefined, body.destination);
  return target;
}

/** Fees that take the whole would hold every deposit for good. */
function requireLeftover(fees: readonly VirtualAccountFee[], issues: ErrorDetail[]): void {
  const rates = fees.map(({ rate }) => parseRate(rate));
  const common = rates.reduce((product, { denominator }) => product * denominator, 1n);
  const sum = rates.reduce(
    (total, { numerator, denominator }) => total + (common / denominator) * numerator,
    0n,
  );
  if (sum >= common && fees.length > 0)
    issues.push({ field: 'developerFees', issue: 'sum to less than 1, or nothing arrives' });
}

function requireOffered(
  source: VirtualAccountRequest['source'] | undefined,
  destination: DestinationRequest | undefined,
): void {
  const issue = 'is not offered';
  const details: ErrorDetail[] = [];
  if (source && source.asset !== 'usd') details.push({ field: 'source.asset', issue });
  if (source && source.network !== 'usBank') details.push({ field: 'source.network', issue });
  if (destination && destination.asset !== 'usdc') details.push({ field: 'destination.asset', issue });
  if (destination && destination.network !== 'polygon') details.push({ field: 'destination.network', issue });
  if (details.length === 0) return;
  throw new ApiError(
    422,
    'unsupported_asset_network',
    'Virtual accounts turn usd of a usBank into usdc on polygon.',
    { details },
  );
}
