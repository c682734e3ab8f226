import type { Tx } from '../db/database.ts';

/** The one door for results from outside: an event of a provider takes effect once, however often it arrives. */
export class ProviderEvents {
  /** Which of the events took effect before. */
  async known(tx: Tx, provider: string, providerEventIds: readonly string[]): Promise<Set<string>> {
    const rows = await tx.query<{ provider_event_id: string }>(
      `select provider_event_id from provider_events
       where project_id = $1 and provider = $2 and provider_event_id = any($3)`,
      [tx.scope, provider, providerEventIds],
    );
    return new Set(rows.map((row) => row.provider_event_id));
  }

  /** Those that are new; their effects belong into the same transaction. */
  async accept(
    tx: Tx,
    provider: string,
    providerEventIds: readonly string[],
    type: string,
  ): Promise<Set<string>> {
    const rows = await tx.query<{ provider_event_id: string }>(
      `insert into provider_events (project_id, provider, provider_event_id, type, received_at)
       select $1, $2, id, $4, $5 from unnest($3::text[]) id
       on conflict do nothing returning provider_event_id`,
      [tx.scope, provider, providerEventIds, type, tx.now()],
    );
    return new Set(rows.map((row) => row.provider_event_id));
  }
}
