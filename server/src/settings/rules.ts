import { FEE_FLOWS, type FeeFlow, type SettingsChange } from '@openoms/contract/settings.ts';
import type { ErrorDetail } from '../kernel/errors.ts';
import { type Asset, applyRate, formatMinor, parseRate } from '../kernel/money.ts';
import type { Values } from './change.ts';
import { exactMinor } from './parsed.ts';

/** The smallest deposit that a cash network takes (contract 2.16), in cents; the fee has to leave something of it. */
const LEAST_CASH_IN_CENTS = 2_000n;

const LIMIT_ASSETS: Readonly<Record<keyof Values['limits'], Asset>> = {
  cryptoToCrypto: 'usdc',
  cryptoToFiat: 'usdc',
  cashOut: 'usd',
  virtualAccount: 'usd',
  depositAddress: 'usdc',
};

/** Every rule between fields that the values break; what the schema can say was checked by it. */
export const issuesOf = (values: Values): ErrorDetail[] => [
  ...FEE_FLOWS.flatMap((flow) => shareIssues(values, flow)),
  ...cashInIssues(values),
  ...Object.entries(LIMIT_ASSETS).flatMap(([name, asset]) =>
    rangeIssues(name, values.limits[name as keyof Values['limits']], asset),
  ),
  ...stepIssues(values.limits.cashOut),
];

/** True when the change sets what a live project has none of. */
export const setsSandboxOnly = (change: SettingsChange): boolean =>
  change.pace !== undefined && change.pace !== null;

const MICRO = 1_000_000n;

function shareIssues({ fees, developerFees }: Values, flow: FeeFlow): ErrorDetail[] {
  const shares = [fees, developerFees].map((each) => parseRate(each[flow].percentage));
  const sum = shares.reduce((total, rate) => total + applyRate(MICRO, rate, 'up'), 0n);
  if (sum < MICRO) return [];
  return ['fees', 'developerFees'].map((group) => ({
    field: `${group}.${flow}.percentage`,
    issue: `must sum to less than 1 for ${flow}`,
  }));
}

function cashInIssues({ fees, developerFees }: Values): ErrorDetail[] {
  const { percentage, fixed } = fees.cashIn;
  const fee = applyRate(LEAST_CASH_IN_CENTS, parseRate(percentage), 'up') + exactMinor(fixed, 'usd');
  const least = formatMinor(LEAST_CASH_IN_CENTS, 'usd');
  return [
    ...(fee < LEAST_CASH_IN_CENTS
      ? []
      : [{ field: 'fees.cashIn.fixed', issue: `must leave something of a deposit of ${least} USD` }]),
    // Better refused than not charged.
    ...(['percentage', 'fixed'] as const)
      .filter((name) => parseRate(developerFees.cashIn[name]).numerator > 0n)
      .map((name) => ({ field: `developerFees.cashIn.${name}`, issue: 'is not charged on cash-ins' })),
  ];
}

function rangeIssues(name: string, range: { min: string; max: string }, asset: Asset): ErrorDetail[] {
  if (exactMinor(range.min, asset) <= exactMinor(range.max, asset)) return [];
  return ['min', 'max'].map((bound) => ({
    field: `limits.${name}.${bound}`,
    issue: 'min must not be above max',
  }));
}

function stepIssues(cashOut: Values['limits']['cashOut']): ErrorDetail[] {
  const step = exactMinor(cashOut.step, 'usd');
  return (['min', 'max'] as const)
    .filter((bound) => exactMinor(cashOut[bound], 'usd') % step !== 0n)
    .map((bound) => ({ field: `limits.cashOut.${bound}`, issue: `must be a multiple of ${cashOut.step}` }));
}
