import type { Tx } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';

/** The one door for results from outside: an event of a provider takes effect once, however often it arrives. */
export class ProviderEvents {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the event is new; its effects belong into the same transaction. */
  async accept(tx: Tx, provider: string, providerEventId: string, type: string): Promise<boolean> {
    const rows = await tx.query(
      `insert into provider_events (project_id, provider, provider_event_id, type, received_at)
       values ($1, $2, $3, $4, $5) on conflict do nothing returning provider_event_id`,
      [tx.scope, provider, providerEventId, type, this.#clock.now()],
    );
    return rows.length === 1;
  }
}
