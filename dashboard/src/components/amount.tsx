import { cx } from './class-names.ts';
import { decimalsOf, formatDecimal } from './decimal.ts';

/** Of a tabular figure; `ch` is of a proportional one. */
const DIGIT_EM = 0.6;

interface AmountProps {
  readonly amount: string;
  /** `usdc`, `usd`, `mxn`… */
  readonly asset?: string | undefined;
  readonly size?: 'sm' | 'lg';
  /** Shows a plus before what comes in. */
  readonly isSigned?: boolean;
  /** Keeps the room of so many decimals, so that the points of a column stand below each other. */
  readonly places?: number;
}

/** An exact amount of an asset, in tabular figures. */
export function Amount({ amount, asset, size = 'sm', isSigned = false, places = 0 }: AmountProps) {
  const text = formatDecimal(amount);
  const missing = Math.max(places - decimalsOf(text), 0);
  return (
    <span
      className={cx('figures whitespace-nowrap', size === 'lg' ? 'text-2xl tracking-tight' : 'text-sm')}
      {...(missing > 0 && { style: { paddingRight: `${missing * DIGIT_EM}em` } })}
    >
      {isSigned && !text.startsWith('−') && '+'}
      {text}
      {asset !== undefined && (
        <span className={cx('unit text-muted', size === 'lg' ? 'ml-1.5 text-base' : 'ml-1 text-xs')}>
          {asset.toUpperCase()}
        </span>
      )}
    </span>
  );
}
