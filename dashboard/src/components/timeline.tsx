import type { TimelineKind } from '@openoms/contract/console/timeline.ts';
import {
  ArrowLeftRight,
  BookOpen,
  Boxes,
  Calculator,
  ChevronRight,
  CircleDot,
  Landmark,
  type LucideIcon,
  Radio,
  Send,
} from 'lucide-react';
import { Fragment, type ReactNode, useEffect, useRef } from 'react';
import { cx } from './class-names.ts';
import { Link } from './link.tsx';
import { useRowKeys } from './row-keys.ts';
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
  /** In a few words, what is folded in. */
  readonly summary?: ReactNode;
  /** Folded unless `isOpen`; nothing: there is no more to tell. */
  readonly children?: ReactNode;
}

interface TimelineProps {
  readonly label: string;
  readonly items: readonly TimelineItem[];
  readonly isOpen: (id: string) => boolean;
  readonly onToggle: (id: string) => void;
  /** The address of a row, and the row that the address of the page names. */
  readonly pathOf: (id: string) => string;
  readonly marked?: string | undefined;
}

/** The words for a kind, where rows are counted or filtered by it. */
export const nameOfKind = (kind: TimelineKind): string => MARKS[kind].name;

/** What happened, from top to bottom, with a mark for each kind; j and k walk it, Enter unfolds. */
export function Timeline({ label, items, ...rest }: TimelineProps) {
  const list = useRef<HTMLOListElement>(null);
  useRowKeys(list, true, () => undefined);
  return (
    <ol ref={list} aria-label={label} className="grid">
      {items.map((item, index) => {
        const day = dayOf(item.at);
        const before = items[index - 1];
        return (
          <Fragment key={item.id}>
            {(before === undefined || dayOf(before.at) !== day) && (
              <li className="label figures flex items-center gap-3 pb-2 not-first:pt-1">
                <time dateTime={day}>{day}</time>
                <span aria-hidden="true" className="h-px flex-1 bg-line" />
                <span className="normal-case">UTC</span>
              </li>
            )}
            <Row item={item} index={index} isLast={index === items.length - 1} {...rest} />
          </Fragment>
        );
      })}
    </ol>
  );
}

const dayOf = (at: string): string => formatAbsolute(at).slice(0, 10);
const clockOf = (at: string): string => formatAbsolute(at, true).slice(11, 23);

interface RowProps extends Omit<TimelineProps, 'label' | 'items'> {
  readonly item: TimelineItem;
  readonly index: number;
  readonly isLast: boolean;
}

function Row({ item, index, isLast, isOpen, onToggle, pathOf, marked }: RowProps) {
  const { id, kind, at, title, outcome, summary, children } = item;
  const { icon: Icon, name } = MARKS[kind];
  const row = useRef<HTMLLIElement>(null);
  const isMarked = marked === id;
  useEffect(() => {
    if (isMarked) row.current?.scrollIntoView({ block: 'center' });
  }, [isMarked]);
  const isShown = children !== undefined && isOpen(id);
  const said = (
    <>
      <span className="sr-only">
        {name}
        {outcome !== 'done' && `, ${outcome}`}:{' '}
      </span>
      {title}
    </>
  );
  const words = cx('text-left text-sm font-medium break-words', outcome === 'failed' && 'text-failed');
  return (
    <li
      ref={row}
      data-row={index}
      className={cx(
        'relative -mx-2 grid grid-cols-[28px_minmax(0,1fr)] gap-x-3 rounded-md px-2',
        isMarked && 'bg-accent-soft',
      )}
    >
      {!isLast && (
        <span aria-hidden="true" className="absolute top-7 bottom-0 left-[21.5px] w-px bg-line-strong" />
      )}
      <span
        className={cx(
          'z-10 inline-flex size-7 items-center justify-center rounded-full border bg-surface',
          RINGS[outcome],
        )}
      >
        <Icon size={14} aria-hidden />
      </span>
      <div className={cx('min-w-0 pt-1', isLast ? 'pb-1' : isShown ? 'pb-5' : 'pb-3')}>
        <div className="flex items-start gap-x-3">
          <div className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-2.5">
            {children === undefined ? (
              <span className={words}>{said}</span>
            ) : (
              <button
                type="button"
                aria-expanded={isShown}
                data-row-link=""
                onClick={() => onToggle(id)}
                className={cx(
                  words,
                  'inline-flex min-h-6 max-w-full items-start gap-1 rounded-sm hover:text-accent',
                )}
              >
                <span className="min-w-0 py-0.5">{said}</span>
                <ChevronRight
                  size={14}
                  aria-hidden
                  className={cx('mt-1 shrink-0 text-muted transition-transform', isShown && 'rotate-90')}
                />
              </button>
            )}
            {summary !== undefined && !isShown && (
              <span className="min-w-0 text-xs break-words text-muted">{summary}</span>
            )}
          </div>
          <Link
            to={pathOf(id)}
            look="plain"
            replace
            resetScroll={false}
            aria-label={`Link to this row, ${clockOf(at)}`}
            // What cannot be unfolded is stopped at here.
            {...(children === undefined && { 'data-row-link': '' })}
            className="inline-flex min-h-6 shrink-0 items-center rounded-sm text-muted hover:text-ink"
          >
            <time dateTime={at} className="figures text-xs">
              {clockOf(at)}
            </time>
          </Link>
        </div>
        {isShown && <div className="mt-2 grid gap-3">{children}</div>}
      </div>
    </li>
  );
}
