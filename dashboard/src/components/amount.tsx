import { cx } from './class-names.ts';
import { formatDecimal } from './decimal.ts';

interface AmountProps {
  readonly amount: string;
  /** `usdc`, `usd`, `mxn`… */
  readonly asset?: string | undefined;
  readonly size?: 'sm' | 'lg';
  /** Shows a plus before what comes in. */
  readonly isSigned?: boolean;
}

/** An exact amount of an asset, in tabular figures. */
export function Amount({ amount, asset, size = 'sm', isSigned = false }: AmountProps) {
  const text = formatDecimal(amount);
  return (
    <span className={cx('figures whitespace-nowrap', size === 'lg' ? 'text-2xl tracking-tight' : 'text-sm')}>
      {isSigned && !text.startsWith('−') && '+'}
      {text}
      {asset !== undefined && (
        <span className={cx('text-muted', size === 'lg' ? 'ml-1.5 text-base' : 'ml-1 text-xs')}>
          {asset.toUpperCase()}
        </span>
      )}
    </span>
  );
}
