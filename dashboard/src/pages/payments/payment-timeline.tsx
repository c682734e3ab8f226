import type {
  Timeline as TimelineData,
  TimelineEntry,
  TimelineKind,
} from '@openoms/contract/console/timeline.ts';
import { useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useProject } from '../../api/session.ts';
import { Breakable } from '../../components/breakable.tsx';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/class-names.ts';
import { formatDecimal } from '../../components/decimal.ts';
import { shortened } from '../../components/id.tsx';
import { Link } from '../../components/link.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { nameOfKind, Timeline, type TimelineItem } from '../../components/timeline.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { pageOfId } from '../../paths.ts';
import { DeliveryAttempts, Facts, Postings, Sum, wordsOfFact } from './timeline-details.tsx';

const LOADING_LINES = 8;
const SUMMARY_FACTS = 2;

/** What is worth seeing without asking for it: what it cost, what was booked, what went wrong. */
const isOpenAtFirst = ({ kind, outcome }: TimelineEntry): boolean =>
  kind === 'quote' || kind === 'ledger' || outcome === 'failed';

/**
 * Which rows are unfolded, by the address: `fold` is `open` or `closed` for all, `rows` those that were turned since, and
 * `row` the one that is linked to.
 */
function useFolding(entries: readonly TimelineEntry[]) {
  const [{ fold, rows = '', row }, setState] = useUrlState();
  const turned = new Set(rows.split(',').filter(Boolean));
  const opened = new Set(
    entries
      .filter((entry) => {
        const isFirst = fold === undefined ? isOpenAtFirst(entry) || entry.id === row : fold === 'open';
        return isFirst !== turned.has(entry.id);
      })
      .map(({ id }) => id),
  );
  const toggle = (id: string): void => {
    if (!turned.delete(id)) turned.add(id);
    setState({ rows: [...turned].join(',') });
  };
  const foldAll = (next: 'open' | 'closed'): void => setState({ fold: next, rows: undefined });
  return { isOpen: (id: string) => opened.has(id), toggle, foldAll, marked: row };
}

interface PaymentTimelineProps {
  readonly timeline: TimelineData | undefined;
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** All that happened to a payment: requests, prices, postings, rails, chain, events, deliveries. */
export function PaymentTimeline({ timeline, error, onRetry }: PaymentTimelineProps) {
  const entries = timeline?.entries ?? [];
  const { isOpen, toggle, foldAll, marked } = useFolding(entries);
  const [{ kind }] = useUrlState();
  const { pathname, search } = useLocation();
  const project = useProject();
  const shown = kind === undefined ? entries : entries.filter((entry) => entry.kind === kind);
  const pathOf = (id: string): string =>
    `${pathname}?${new URLSearchParams({ ...(search as Record<string, string>), row: id })}`;
  return (
    <Panel
      title="Timeline"
      actions={
        entries.length > 0 && (
          <>
            <Button size="sm" look="quiet" onClick={() => foldAll('open')}>
              Unfold all
            </Button>
            <Button size="sm" look="quiet" onClick={() => foldAll('closed')}>
              Fold all
            </Button>
          </>
        )
      }
    >
      {timeline === undefined ? (
        error != null ? (
          <Problem error={error} onRetry={onRetry} />
        ) : (
          <Skeleton lines={LOADING_LINES} />
        )
      ) : (
        <>
          <Kinds entries={entries} current={kind} />
          <Timeline
            label="Timeline"
            items={shown.map((entry) => toItem(entry, project.id))}
            isOpen={isOpen}
            onToggle={toggle}
            pathOf={pathOf}
            marked={marked}
          />
        </>
      )}
    </Panel>
  );
}

/** How many rows there are of each kind; one of them shows it alone. */
function Kinds({
  entries,
  current,
}: {
  readonly entries: readonly TimelineEntry[];
  readonly current: string | undefined;
}) {
  const [, setState] = useUrlState();
  const counts = new Map<TimelineKind, number>();
  for (const { kind } of entries) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const chip = (label: string, count: number, value: string | undefined): ReactNode => (
    <button
      key={label}
      type="button"
      aria-pressed={current === value}
      onClick={() => setState({ kind: value })}
      className={cx(
        'inline-flex h-6 items-center gap-1.5 rounded-full border px-2.5 text-xs',
        current === value ? 'border-ink bg-ink text-on-ink' : 'border-line-strong text-soft hover:bg-hover',
      )}
    >
      {label} <span className="figures opacity-80">{count}</span>
    </button>
  );
  return (
    <fieldset className="mb-4 flex flex-wrap gap-1.5">
      <legend className="sr-only">Rows shown</legend>
      {chip('All', entries.length, undefined)}
      {[...counts].map(([kind, count]) => chip(nameOfKind(kind), count, kind))}
    </fieldset>
  );
}

const mono = (text: string) => (
  <span className="font-mono text-xs">
    <Breakable text={text} />
  </span>
);

/** Paths and names of events in the type of code. */
function titleOf({ kind, title }: TimelineEntry): ReactNode {
  if (kind === 'request' || kind === 'event') return mono(title);
  if (kind !== 'delivery') return title;
  const [event = '', ...words] = title.split(' ');
  return (
    <>
      {mono(event)} {words.join(' ')}
    </>
  );
}

function toItem(entry: TimelineEntry, projectId: string): TimelineItem {
  const { id, kind, at, outcome } = entry;
  const details = detailsOf(entry, projectId);
  return {
    id,
    kind,
    at,
    outcome,
    title: titleOf(entry),
    summary: summaryOf(entry),
    ...(details.length > 0 && { children: details }),
  };
}

/** Kinds whose row is a thing with a page of its own. */
const LINKED: Partial<Record<TimelineKind, string>> = {
  request: 'The request and its answer',
  event: 'The event and its deliveries',
};

function detailsOf(entry: TimelineEntry, projectId: string): ReactNode[] {
  const { kind, resourceId, facts, sum, postings, delivery } = entry;
  const linked = LINKED[kind];
  const page = linked !== undefined && resourceId !== null ? pageOfId(projectId, resourceId) : undefined;
  const parts: ReactNode[] = [];
  if (sum) parts.push(<Sum key="sum" lines={sum} />);
  if (postings) parts.push(<Postings key="postings" postings={postings} />);
  if (facts.length > 0) parts.push(<Facts key="facts" facts={facts} />);
  if (delivery) parts.push(<DeliveryAttempts key="delivery" delivery={delivery} />);
  if (page !== undefined)
    parts.push(
      <p key="page" className="text-xs">
        <Link to={page}>{linked}</Link>
      </p>,
    );
  return parts;
}

function summaryOf({ kind, facts, sum, postings, delivery }: TimelineEntry): string | undefined {
  if (kind === 'event') return undefined;
  if (sum) {
    const last = sum.at(-1);
    return last && `${formatDecimal(last.amount)} ${last.unit}`;
  }
  if (postings) return postings.length === 1 ? '1 posting' : `${postings.length} postings`;
  if (delivery) {
    const last = delivery.attempts.at(-1);
    const tried = delivery.attempts.length === 1 ? '1 attempt' : `${delivery.attempts.length} attempts`;
    return last ? `${last.statusCode ?? 'no answer'} · ${tried}` : 'not tried yet';
  }
  if (kind === 'chain') return summaryOfChain(facts);
  const words = facts.map(wordsOfFact).filter((text) => text !== undefined);
  return words.slice(0, SUMMARY_FACTS).join(' · ') || undefined;
}

/** How much, or in which block; numbers of attempts and nonces are for who unfolds it. */
function summaryOfChain(facts: TimelineEntry['facts']): string | undefined {
  const amount = facts.find(({ kind }) => kind === 'amount');
  if (amount) return wordsOfFact(amount);
  const block = facts.find(({ label }) => label === 'Block');
  const hash = facts.find(({ kind }) => kind === 'txHash');
  return block ? `block ${block.value}` : hash && shortened(hash.value);
}
