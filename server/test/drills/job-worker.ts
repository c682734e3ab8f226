/** What a worker is given, as JSON. */
export interface JobWorkerOptions {
  readonly databaseUrl: string;
  /** In the rows of what it does. */
  readonly name: string;
  /** ISO 8601; the clock then moves by messages. */
  readonly now: string;
  readonly concurrency: number;
  /** Holds every job it has claimed until it is told to go on. */
  readonly isHolding: boolean;
}

/** To a worker: time passes; go on with what is held; finish what runs, and end. */
export type JobWorkerOrder = { readonly advanceMs: number } | 'release' | 'stop';

/** From a worker: it looks for jobs; it has claimed one. */
export type JobWorkerNews = 'ready' | { readonly claimed: number };

export const DRILL_TASK = 'drill';
export const MAX_ATTEMPTS = 3;

/** `poison`: the job fails each time, or takes its worker with it. */
export interface DrillPayload {
  readonly n: number;
  readonly poison?: 'throws' | 'kills';
}
