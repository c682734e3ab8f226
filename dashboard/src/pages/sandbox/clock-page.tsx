import type { QueryClient } from '@tanstack/react-query';
import { projectPages, projectQuery } from '../../api/queries.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { ClockFace } from './clock-face.tsx';
import { LatestMove } from './clock-move.tsx';
import { useClock } from './clock-state.ts';
import { PendingTimers } from './pending-timers.tsx';
import { SandboxOnly } from './sandbox-only.tsx';

export function prefetch(client: QueryClient, { projectId = '' }: Record<string, string>) {
  void client.prefetchQuery(projectQuery(projectId, 'GET /sandbox/clock'));
  void client.prefetchInfiniteQuery(projectPages(projectId, 'GET /sandbox/clock/timers', {}));
}

export const Page = () => (
  <>
    <PageHeader
      title="Clock"
      note="The time of this project. Codes expire, weekends pass and retries climb by it; what falls due on a jump happens in order."
    />
    <SandboxOnly>
      <Clock />
    </SandboxOnly>
  </>
);

function Clock() {
  const clock = useClock();
  return (
    <div className="grid gap-6">
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <ClockFace clock={clock} />
        <LatestMove clock={clock} />
      </div>
      <PendingTimers clock={clock} />
    </div>
  );
}
