import { useEffect } from 'react';
import { useProjectRead } from '../api/queries.ts';
import { useProject } from '../api/session.ts';
import { Link } from '../components/link.tsx';
import { formatAbsolute, setProjectClockAhead } from '../components/time.tsx';
import { paths } from '../paths.ts';

const CLOCK_MS = 30_000;
/** A clock that is ahead by less stands where everybody's does. */
const AHEAD_S = 5;

/** Says that nothing here is real, and what of it is not as usual: a clock elsewhere, trouble that is on. */
export function SandboxBanner() {
  const { id } = useProject();
  const { data: clock } = useProjectRead('GET /sandbox/clock', {}, { refetchInterval: CLOCK_MS });
  const { data: trouble } = useProjectRead('GET /sandbox/trouble', {}, { refetchInterval: CLOCK_MS });
  const offsetMs = (clock?.offsetSeconds ?? 0) * 1_000;
  useEffect(() => {
    setProjectClockAhead(offsetMs);
    return () => setProjectClockAhead(0);
  }, [offsetMs]);
  const isElsewhere = clock && (clock.mode === 'frozen' || Math.abs(clock.offsetSeconds) > AHEAD_S);
  const rules = trouble?.data.length ?? 0;
  return (
    <aside
      aria-label="Sandbox"
      className="flex min-h-8 flex-wrap items-center gap-x-4 gap-y-0.5 border-b border-line bg-pending-soft px-4 py-1.5 text-xs text-pending sm:px-8"
    >
      <span>
        <strong className="font-semibold">Sandbox.</strong> No real money, no real people.
      </span>
      {isElsewhere && (
        <span className="figures">
          The clock {clock.mode === 'frozen' ? 'stands at' : 'runs at'}{' '}
          <Link to={paths.clock(id)} look="plain" className="font-medium underline underline-offset-2">
            {formatAbsolute(clock.now)}
          </Link>
        </span>
      )}
      {rules > 0 && (
        <Link to={paths.trouble(id)} look="plain" className="font-medium underline underline-offset-2">
          {rules === 1 ? 'One trouble is on' : `${rules} troubles are on`}
        </Link>
      )}
    </aside>
  );
}
