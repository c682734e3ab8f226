import { usePages } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ResourceLink } from '../../components/id.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { Time } from '../../components/time.tsx';
import type { ClockState } from './clock-state.ts';

const POLL_MS = 5_000;

/** What happens by itself when its time has come, the next one first. */
export function PendingTimers({ clock: { set, isMoving } }: { readonly clock: ClockState }) {
  const may = useMay('simulate');
  const query = usePages('GET /sandbox/clock/timers', {}, { refetchInterval: isMoving ? false : POLL_MS });
  return (
    <Panel title="Pending timers" note="What happens by itself when its time has come." isFlush>
      <PagedTable
        label="Pending timers"
        query={query}
        keyOf={({ name, resourceId, dueAt }) => `${name} ${resourceId} ${dueAt}`}
        empty={
          <EmptyState title="No timer is pending" action={<Curl route="GET /sandbox/clock/timers" />}>
            Codes that expire, payouts that settle and deliveries that are tried again wait here for their
            time.
          </EmptyState>
        }
        columns={[
          {
            id: 'name',
            label: 'What happens',
            width: 'minmax(0,1.6fr)',
            cell: ({ name }) => <span className="font-mono text-xs">{name}</span>,
          },
          {
            id: 'resource',
            label: 'To',
            cell: ({ resourceId }) =>
              resourceId === null ? (
                <span className="text-muted">The project</span>
              ) : (
                <ResourceLink id={resourceId} />
              ),
          },
          {
            id: 'due',
            label: 'Due',
            width: 'minmax(0,1.4fr)',
            cell: ({ dueAt }) => (
              <span className="flex flex-wrap items-baseline gap-x-3">
                <Time at={dueAt} show="absolute" />
                <span className="text-xs text-muted">
                  <Time at={dueAt} />
                </span>
              </span>
            ),
          },
          {
            id: 'jump',
            label: 'Jump',
            width: '7rem',
            align: 'end',
            cell: ({ dueAt, name }) => (
              <Button
                size="sm"
                may={may}
                unavailable={isMoving ? 'The clock is moving.' : undefined}
                onClick={() => set({ advanceTo: dueAt })}
              >
                Jump here<span className="sr-only">, to {name}</span>
              </Button>
            ),
          },
        ]}
      />
    </Panel>
  );
}
