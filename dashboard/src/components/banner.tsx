import type { ReactNode } from 'react';
import { cx } from './class-names.ts';

const TONES = {
  info: 'border-info/30 bg-info-soft text-info',
  pending: 'border-pending/30 bg-pending-soft text-pending',
  failed: 'border-failed/30 bg-failed-soft text-failed',
  done: 'border-done/30 bg-done-soft text-done',
} as const;

interface BannerProps {
  readonly tone?: keyof typeof TONES;
  readonly title: ReactNode;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  /** Appeared because of what was just done: it is read out. */
  readonly isAlert?: boolean;
}

/** Something to know before the rest of the page. */
export function Banner({ tone = 'info', title, children, action, isAlert = false }: BannerProps) {
  return (
    <div
      {...(isAlert && { role: 'alert' })}
      className={cx('flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border px-4 py-3', TONES[tone])}
    >
      <div className="min-w-0 flex-1 basis-60">
        <p className="text-sm font-medium break-words">{title}</p>
        {children !== undefined && <div className="mt-0.5 text-sm break-words text-soft">{children}</div>}
      </div>
      {action}
    </div>
  );
}
