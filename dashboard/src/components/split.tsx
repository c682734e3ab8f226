import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './class-names.ts';
import { Link } from './link.tsx';

interface SplitProps {
  /** What one chooses from. */
  readonly list: ReactNode;
  readonly children: ReactNode;
  /** The address without a choice, once there is one: small screens show one side at a time. */
  readonly back?: { readonly to: string; readonly label: string } | undefined;
}

/** A list, and beside it what is chosen of it. */
export function Split({ list, children, back }: SplitProps) {
  const isChosen = back !== undefined;
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,19rem)_minmax(0,1fr)]">
      <div className={cx('min-w-0', isChosen && 'max-lg:hidden')}>{list}</div>
      <div className={cx('min-w-0', !isChosen && 'max-lg:hidden')}>
        {back && (
          <Link
            to={back.to}
            look="plain"
            className="mb-3 inline-flex h-7 items-center gap-1.5 rounded-sm text-sm text-accent lg:hidden"
          >
            <ArrowLeft size={14} aria-hidden />
            {back.label}
          </Link>
        )}
        {children}
      </div>
    </div>
  );
}
