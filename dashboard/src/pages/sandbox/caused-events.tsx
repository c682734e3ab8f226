import type { CausedEvent } from '@openoms/contract/simulations.ts';
import { useProject } from '../../api/session.ts';
import { ResourceLink } from '../../components/id.tsx';
import { Link } from '../../components/link.tsx';
import { Time } from '../../components/time.tsx';
import { paths } from '../../paths.ts';

type Told = Pick<CausedEvent, 'id' | 'event' | 'resourceId' | 'createdAt'>;

interface CausedEventsProps {
  readonly label: string;
  readonly events: readonly Told[];
  /** Said when there are none. */
  readonly none?: string;
}

/** Events in the order in which they happened, each a link to its page and to what it tells of. */
export function CausedEvents({
  label,
  events,
  none = 'It caused no event at once. What follows comes by itself.',
}: CausedEventsProps) {
  const project = useProject();
  if (events.length === 0) return <p className="text-sm text-muted">{none}</p>;
  return (
    <ol aria-label={label} className="grid">
      {events.map(({ id, event, resourceId, createdAt }) => (
        <li
          key={id}
          className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 border-b border-line py-1.5 last:border-b-0"
        >
          <Link to={paths.event(project.id, id)} className="min-w-0 font-mono text-xs break-all">
            {event}
          </Link>
          <ResourceLink id={resourceId} />
          <span className="ml-auto text-xs text-muted">
            <Time at={createdAt} />
          </span>
        </li>
      ))}
    </ol>
  );
}
