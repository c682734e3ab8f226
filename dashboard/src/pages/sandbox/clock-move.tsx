import type { SandboxClock } from '@openoms/contract/sandbox-clock.ts';
import { useProjectRead } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Link } from '../../components/link.tsx';
import { Panel } from '../../components/panel.tsx';
import { Progress } from '../../components/progress.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { formatAbsolute } from '../../components/time.tsx';
import { paths } from '../../paths.ts';
import { CausedEvents } from './caused-events.tsx';
import type { ClockState } from './clock-state.ts';
import { durationOf } from './durations.ts';

type Move = NonNullable<SandboxClock['move']>;

const SHOWN_EVENTS = 100;
const SECOND_MS = 1_000;

const WAITS: Readonly<Record<NonNullable<Move['waitsFor']>, string>> = {
  webhooks: 'It waits for deliveries that are due.',
  chain: 'It waits for payments under way on the chain.',
};

/** The latest jump: how far it is, and what happened on the way, in order. */
export function LatestMove({ clock: { clock, isMoving, answer } }: { readonly clock: ClockState }) {
  const move = clock?.move ?? null;
  return (
    <Panel title="The latest jump" isFlush={move === null && clock !== undefined}>
      {!clock ? (
        <Skeleton lines={5} />
      ) : move === null ? (
        <EmptyState title="It has not been advanced yet">
          What happens on the way is listed here in its order: codes that expire, payouts that settle or come
          back, deliveries that are tried again.
        </EmptyState>
      ) : (
        <div className="grid gap-4">
          <Way move={move} now={clock.now} isMoving={isMoving} />
          <OnTheWay
            move={move}
            told={answer?.move?.to === move.to && answer.move.status === 'done' ? answer.events : undefined}
            hasMore={answer?.hasMoreEvents ?? false}
          />
        </div>
      )}
    </Panel>
  );
}

interface WayProps {
  readonly move: Move;
  readonly now: string;
  readonly isMoving: boolean;
}

function Way({ move, now, isMoving }: WayProps) {
  const [from, to] = [Date.parse(move.from), Date.parse(move.to)];
  const whole = Math.max((to - from) / SECOND_MS, 1);
  const gone = Math.min(Math.max((Date.parse(now) - from) / SECOND_MS, 0), whole);
  const isUnderWay = move.status === 'advancing' && isMoving;
  return (
    <div className="grid gap-2 text-sm">
      <p className="figures">
        {formatAbsolute(move.from)} <span className="text-muted">to</span>{' '}
        {formatAbsolute(move.reachedAt ?? move.to)}
      </p>
      <p className="text-xs text-muted">
        {durationOf(whole)}; <span className="figures">{move.timers}</span>{' '}
        {move.timers === 1 ? 'timer' : 'timers'} ran on the way.
      </p>
      {isUnderWay && (
        <div role="status" className="grid gap-1">
          <Progress label="On its way" value={Math.round((gone / whole) * 100)} max={100} />
          {move.waitsFor !== null && <p className="text-xs text-pending">{WAITS[move.waitsFor]}</p>}
        </div>
      )}
    </div>
  );
}

interface OnTheWayProps {
  readonly move: Move;
  /** Of the answer to this page's own jump; a page that is opened later reads them from the event log. */
  readonly told: React.ComponentProps<typeof CausedEvents>['events'] | undefined;
  readonly hasMore: boolean;
}

function OnTheWay({ move, told, hasMore }: OnTheWayProps) {
  const { id: projectId } = useProject();
  const until = move.reachedAt ?? move.to;
  const query = { createdAfter: move.from, createdBefore: until, limit: SHOWN_EVENTS };
  const logged = useProjectRead(
    'GET /events',
    { query },
    { enabled: told === undefined && move.status === 'done' },
  );
  const events = told ?? logged.data?.data.toReversed();
  const isMore = told ? hasMore : (logged.data?.hasMore ?? false);
  if (move.status === 'advancing' && !told) return null;
  return (
    <section aria-label="What happened on the way" role="status" className="min-w-0">
      <h3 className="label pb-1">
        On the way {events && <span className="figures normal-case">· {events.length} events</span>}
      </h3>
      {events ? (
        <div className="max-h-96 overflow-y-auto">
          <CausedEvents label="Events" events={events} none="Nothing happened." />
        </div>
      ) : (
        <Skeleton />
      )}
      {isMore && (
        <p className="pt-2 text-sm">
          There were more:{' '}
          <Link
            to={`${paths.events(projectId)}?createdAfter=${encodeURIComponent(move.from)}&createdBefore=${encodeURIComponent(until)}`}
          >
            all of them
          </Link>
        </p>
      )}
    </section>
  );
}
