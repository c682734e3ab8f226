import type { Steps } from './steps.ts';

/** Makes one event happen, by calls that any client could make. */
export interface Recipe {
  /** What is done, for people. */
  readonly does: string;
  /** About how long it takes until the event comes by itself; seconds when absent. */
  readonly takesMinutes?: number;
  /** Why no client of the API can bring it about, as a sentence; the ports then need `outside`. */
  readonly beyondClients?: string;
  /** Answers the id of the resource that the event is of. The event may be a moment away. */
  run(steps: Steps): Promise<string>;
}
