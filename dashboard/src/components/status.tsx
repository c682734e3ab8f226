import type { ReactNode } from 'react';
import { cx } from './class-names.ts';

export type Tone = 'done' | 'pending' | 'failed' | 'info' | 'idle';

const TONES: Record<Tone, string> = {
  done: 'bg-done-soft text-done',
  pending: 'bg-pending-soft text-pending',
  failed: 'bg-failed-soft text-failed',
  info: 'bg-info-soft text-info',
  idle: 'bg-sunken text-soft',
};

/** Every status of the contract that is not merely under way; what is unknown is shown in neutral. */
const TONE_OF_STATUS: Readonly<Record<string, Tone>> = {
  active: 'done',
  completed: 'done',
  credited: 'done',
  delivered: 'done',
  granted: 'done',
  holds: 'done',
  matched: 'done',
  paid: 'done',
  posted: 'done',
  resolved: 'done',
  settled: 'done',
  succeeded: 'done',
  approved: 'done',
  pending: 'pending',
  processing: 'pending',
  running: 'pending',
  queued: 'pending',
  relaying: 'pending',
  detected: 'pending',
  created: 'pending',
  held: 'pending',
  on_hold: 'pending',
  awaiting: 'pending',
  refunding: 'pending',
  returning: 'pending',
  in_review: 'pending',
  broken: 'failed',
  failed: 'failed',
  rejected: 'failed',
  returned: 'failed',
  refunded: 'failed',
  open: 'failed',
  suspended: 'failed',
  denied: 'failed',
  undeliverable: 'failed',
  accepted: 'info',
  cashpickupready: 'info',
  authorized: 'info',
  received: 'info',
};

export const toneOf = (status: string): Tone => TONE_OF_STATUS[status.toLowerCase()] ?? 'idle';

/** `in_review` and `codeExpired` as words. */
export const wordsOf = (name: string): string => {
  const words = name
    .replace(/[_.-]+/g, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** A short word on a tint. The word says it; the colour repeats it. */
export function Badge({ tone = 'idle', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return (
    <span
      className={cx(
        'inline-flex h-5 items-center gap-1.5 rounded-sm px-1.5 text-xs font-medium whitespace-nowrap',
        TONES[tone],
      )}
    >
      {children}
    </span>
  );
}

/** The status of a resource, as the API names it. */
export function Status({ status, tone }: { readonly status: string; readonly tone?: Tone }) {
  const shown = tone ?? toneOf(status);
  return (
    <Badge tone={shown}>
      <svg viewBox="0 0 8 8" className="size-2" aria-hidden="true">
        <StatusMark tone={shown} />
      </svg>
      {wordsOf(status)}
    </Badge>
  );
}

/** Form besides colour: full, half, crossed, hollow. */
function StatusMark({ tone }: { readonly tone: Tone }) {
  const ring = { cx: 4, cy: 4, r: 3, fill: 'none', stroke: 'currentColor', strokeWidth: 1.5 };
  if (tone === 'done') return <circle cx="4" cy="4" r="3.75" fill="currentColor" />;
  if (tone === 'failed')
    return <path d="m1 1 6 6m0-6L1 7" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />;
  if (tone === 'pending')
    return (
      <>
        <circle {...ring} />
        <path d="M4 1a3 3 0 0 1 0 6z" fill="currentColor" />
      </>
    );
  return <circle {...ring} />;
}
