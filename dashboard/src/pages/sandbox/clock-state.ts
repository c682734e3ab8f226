import type {
  SandboxClock,
  SandboxClockChange,
  SandboxClockRequest,
} from '@openoms/contract/sandbox-clock.ts';
import { useEffect, useState } from 'react';
import type { ApiProblem } from '../../api/problem.ts';
import { useProjectRead, useProjectWrite } from '../../api/queries.ts';

const AT_REST_MS = 10_000;
const UNDER_WAY_MS = 500;
const SECOND_MS = 1_000;

export interface ClockState {
  readonly clock: SandboxClock | undefined;
  /** Why it could not be read. */
  readonly readError: unknown;
  readonly error: ApiProblem | null;
  readonly isMoving: boolean;
  /** What the latest change of this page answered, and what was asked. */
  readonly answer: SandboxClockChange | undefined;
  readonly asked: SandboxClockRequest | undefined;
  set(body: SandboxClockRequest): void;
  retry(): void;
}

/** The clock of the project, read more often while it moves. */
export function useClock(): ClockState {
  const write = useProjectWrite('POST /sandbox/clock', { showsProblem: true });
  const [isWatched, setWatched] = useState(false);
  const { data, error, refetch } = useProjectRead(
    'GET /sandbox/clock',
    {},
    { refetchInterval: isWatched ? UNDER_WAY_MS : AT_REST_MS },
  );
  const isAdvancing = data?.move?.status === 'advancing';
  const isMoving = write.isPending || isAdvancing;
  useEffect(() => setWatched(isMoving), [isMoving]);
  return {
    clock: data,
    readError: error,
    error: write.error,
    isMoving,
    answer: write.data,
    asked: write.variables?.body,
    set: (body) => write.mutate({ body }),
    retry: () => void refetch(),
  };
}

/** The project's time by the second, counted on from what the server said. */
export function useProjectTime(clock: SandboxClock | undefined): string | undefined {
  const [readAt, setReadAt] = useState(() => Date.now());
  const [now, setNow] = useState(() => Date.now());
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer of the server is a new start
  useEffect(() => {
    setReadAt(Date.now());
    setNow(Date.now());
  }, [clock]);
  const isRunning = clock?.mode === 'running';
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => setNow(Date.now()), SECOND_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  if (!clock) return undefined;
  const elapsedMs = isRunning ? Math.max(now - readAt, 0) : 0;
  return new Date(Date.parse(clock.now) + elapsedMs).toISOString();
}
