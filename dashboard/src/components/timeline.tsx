import type { TimelineKind } from '@openoms/contract/console/timeline.ts';
import {
  ArrowLeftRight,
  BookOpen,
  Boxes,
  Calculator,
  CircleDot,
  Landmark,
  type LucideIcon,
  Radio,
  Send,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './class-names.ts';
import { formatAbsolute } from './time.tsx';

const MARKS: Record<TimelineKind, { readonly icon: LucideIcon; readonly name: string }> = {
  request: { icon: ArrowLeftRight, name: 'Request' },
  quote: { icon: Calculator, name: 'Quote' },
  state: { icon: CircleDot, name: 'State' },
  ledger: { icon: BookOpen, name: 'Ledger' },
  rail: { icon: Landmark, name: 'Rail' },
  chain: { icon: Boxes, name: 'Chain' },
  event: { icon: Radio, name: 'Event' },
  delivery: { icon: Send, name: 'Delivery' },
};

const RINGS = {
  done: 'border-line-strong text-soft',
  pending: 'border-dashed border-pending text-pending',
  failed: 'border-failed bg-failed-soft text-failed',
} as const;

export interface TimelineItem {
  readonly id: string;
  readonly kind: TimelineKind;
  /** ISO; shown to the millisecond. */
  readonly at: string;
  readonly title: ReactNode;
  readonly outcome: keyof typeof RINGS;
  readonly children?: ReactNode;
}

/** What happened, from top to bottom, with a mark for each kind. */
export function Timeline({
  label,
  items,
}: {
  readonly label: string;
  readonly items: readonly TimelineItem[];
}) {
  return (
    <ol aria-label={label} className="grid">
      {items.map(({ id, kind, at, title, outcome, children }, index) => {
        const { icon: Icon, name } = MARKS[kind];
        const isLast = index === items.length - 1;
        return (
          <li key={id} className="relative grid grid-cols-[28px_minmax(0,1fr)] gap-x-3">
            {!isLast && (
              <span
                aria-hidden="true"
                className="absolute top-7 bottom-0 left-[13.5px] w-px bg-line-strong"
              />
            )}
            <span
              className={cx(
                'z-10 inline-flex size-7 items-center justify-center rounded-full border bg-surface',
                RINGS[outcome],
              )}
            >
              <Icon size={14} aria-hidden />
            </span>
            <div className={cx('min-w-0 pt-1', isLast ? 'pb-1' : 'pb-5')}>
              <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
                <span className="sr-only">
                  {name}
                  {outcome !== 'done' && `, ${outcome}`}:
                </span>
                <span className={cx('text-sm font-medium', outcome === 'failed' && 'text-failed')}>
                  {title}
                </span>
                <time dateTime={at} className="figures text-xs text-muted">
                  {formatAbsolute(at, true)}
                </time>
              </div>
              {children !== undefined && <div className="mt-1.5 grid gap-2">{children}</div>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
