import { type Database, PLATFORM } from '../db/database.ts';
import type { Rates } from './service.ts';

/** What the worker repeats: the feed is read first, then recorded in one commit. Throws when it cannot be had. */
export async function refreshRates({ rates, db }: { rates: Rates; db: Database }): Promise<void> {
  const feed = await rates.readFeed();
  if (feed) await db.tx(PLATFORM, (tx) => rates.record(tx, feed));
}
