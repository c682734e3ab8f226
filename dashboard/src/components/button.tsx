import type { ComponentProps, ReactNode } from 'react';
import type { May } from '../api/session.ts';
import { cx } from './class-names.ts';
import { Spinner } from './spinner.tsx';
import { Tooltip } from './tooltip.tsx';

const LOOKS = {
  primary: 'bg-ink text-on-ink border-ink hover:bg-soft hover:border-soft',
  secondary: 'bg-surface text-ink border-line-strong hover:bg-hover',
  quiet: 'border-transparent text-soft hover:bg-hover hover:text-ink',
  /** Confirms what cannot be taken back. */
  destructive: 'bg-failed text-on-ink border-failed hover:opacity-90',
  danger: 'bg-surface text-failed border-line-strong hover:bg-failed-soft hover:border-failed/40',
} as const;

const SIZES = { md: 'h-8 px-3 text-sm gap-2', sm: 'h-7 px-2.5 text-xs gap-1.5' } as const;

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  readonly look?: keyof typeof LOOKS;
  readonly size?: keyof typeof SIZES;
  readonly icon?: ReactNode;
  /** It works: the button waits, and says so. */
  readonly isBusy?: boolean;
  /** Of `useMay`: without it the button stays in its place, disabled, and tells the reason. */
  readonly may?: May;
  /** Why it cannot be pressed now; as `may`, of the state of things. */
  readonly unavailable?: string | undefined;
}

export function Button({
  look = 'secondary',
  size = 'md',
  icon,
  isBusy = false,
  may,
  unavailable,
  children,
  className,
  onClick,
  type = 'button',
  ...rest
}: ButtonProps) {
  const reason = may && !may.allowed ? may.reason : unavailable;
  const isOff = reason !== undefined || isBusy;
  const button = (
    <button
      {...rest}
      type={type}
      // Not `disabled`: it keeps the focus, and what it cannot do can be read.
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      onClick={(event) => {
        if (isOff) event.preventDefault();
        else onClick?.(event);
      }}
      className={cx(
        'inline-flex shrink-0 items-center justify-center rounded-md border font-medium whitespace-nowrap select-none transition-colors duration-100',
        SIZES[size],
        LOOKS[look],
        isOff && 'opacity-55',
        className,
      )}
    >
      {isBusy ? <Spinner /> : icon}
      {children}
      {reason !== undefined && <span className="sr-only"> ({reason})</span>}
    </button>
  );
  return reason === undefined ? button : <Tooltip text={reason}>{button}</Tooltip>;
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children' | 'disabled'> {
  /** What it does, said to all: in a tooltip and to screen readers. */
  readonly label: string;
  readonly icon: ReactNode;
}

export function IconButton({ label, icon, className, type = 'button', ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <button
        {...rest}
        type={type}
        aria-label={label}
        className={cx(
          'inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted transition-colors duration-100 hover:bg-hover hover:text-ink',
          className,
        )}
      >
        {icon}
      </button>
    </Tooltip>
  );
}
