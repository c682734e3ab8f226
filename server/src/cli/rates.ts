import { ConfigError } from '../config.ts';
import type { Context } from '../context.ts';
import { PLATFORM } from '../db/database.ts';
import { SECOND_MS, toIsoSeconds } from '../kernel/clock.ts';

/** Prints what the feed told last of each pair. Always 0. */
export async function showRates({ db, rates, wallClock }: Context, json: boolean): Promise<number> {
  const now = wallClock.now().getTime();
  const rows = (await db.tx(PLATFORM, (tx) => rates.list(tx))).map((row) => ({
    pair: row.pair,
    rate: row.rate,
    observedAt: toIsoSeconds(row.observed_at),
    ageSeconds: Math.max(0, Math.floor((now - row.observed_at.getTime()) / SECOND_MS)),
  }));
  const lines = rows.map(
    ({ pair, rate, observedAt, ageSeconds }) => `${pair}  ${rate}  ${observedAt}  ${ageSeconds} s\n`,
  );
  process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : lines.join(''));
  return 0;
}

/** Takes a rate on the operator's word. */
export async function acceptRate({ db, rates }: Context, pair: string, rate: string): Promise<number> {
  const accepted = await db.tx(PLATFORM, (tx) => rates.accept(tx, pair, rate));
  if (!accepted) {
    throw new ConfigError('A pair is like usd/usdc, a rate is positive and has at most 12 decimals.');
  }
  process.stdout.write(`${pair}  ${rate}\n`);
  return 0;
}
