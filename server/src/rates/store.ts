import type { Tx } from '../db/database.ts';

export interface RateRow {
  pair: string;
  rate: string;
  observed_at: Date;
  reference_rate: string;
  reference_at: Date;
}

const COLUMNS = 'pair, rate, observed_at, reference_rate, reference_at';

export async function findRate(tx: Tx, pair: string): Promise<RateRow | undefined> {
  const [row] = await tx.query<RateRow>(`select ${COLUMNS} from exchange_rates where pair = $1`, [pair]);
  return row;
}

export function listRates(tx: Tx): Promise<RateRow[]> {
  return tx.query<RateRow>(`select ${COLUMNS} from exchange_rates order by pair`);
}

export async function lockRate(tx: Tx, pair: string): Promise<RateRow | undefined> {
  const [row] = await tx.query<RateRow>(
    `select ${COLUMNS} from exchange_rates where pair = $1 for no key update`,
    [pair],
  );
  return row;
}

/** Never replaces what was observed later. */
export async function upsertRate(tx: Tx, row: RateRow, now: Date): Promise<void> {
  await tx.query(
    `insert into exchange_rates (pair, rate, observed_at, reference_rate, reference_at, updated_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (pair) do update set rate = $2, observed_at = $3, reference_rate = $4, reference_at = $5,
       updated_at = $6
     where exchange_rates.observed_at < $3`,
    [row.pair, row.rate, row.observed_at, row.reference_rate, row.reference_at, now],
  );
}

/** What a sandbox project was told; null: that there is none. Undefined when it was told nothing. */
export async function findToldRate(tx: Tx, pair: string): Promise<string | null | undefined> {
  const [row] = await tx.query<{ rate: string | null }>(
    'select rate from sandbox_rates where project_id = $1 and pair = $2',
    [tx.scope, pair],
  );
  return row?.rate;
}

export async function tellRate(tx: Tx, pair: string, rate: string | null, now: Date): Promise<void> {
  await tx.query(
    `insert into sandbox_rates (project_id, pair, rate, updated_at) values ($1, $2, $3, $4)
     on conflict (project_id, pair) do update set rate = $3, updated_at = $4`,
    [tx.scope, pair, rate, now],
  );
}

export async function forgetToldRate(tx: Tx, pair: string): Promise<void> {
  await tx.query('delete from sandbox_rates where project_id = $1 and pair = $2', [tx.scope, pair]);
}
