import type { ReactNode } from 'react';

interface EmptyStateProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** The next step: a button, or the call as `Curl`. */
  readonly action?: ReactNode;
}

/** Nothing is here yet; what to do about it. */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div className="grid max-w-2xl justify-items-start gap-3 px-4 py-8">
      <svg viewBox="0 0 48 24" className="h-6 w-12 text-line-strong" fill="none" aria-hidden="true">
        <circle cx="12" cy="12" r="10.5" stroke="currentColor" strokeWidth="1.5" strokeDasharray="3 3" />
        <path d="M1 12h46" stroke="currentColor" strokeWidth="1.5" />
        <circle cx="36" cy="12" r="10.5" stroke="currentColor" strokeWidth="1.5" />
      </svg>
      <p className="text-base font-medium">{title}</p>
      {children !== undefined && <div className="max-w-[62ch] text-sm text-soft">{children}</div>}
      {action !== undefined && <div className="mt-1 w-full min-w-0">{action}</div>}
    </div>
  );
}
