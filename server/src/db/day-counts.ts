import { type Database, PLATFORM, type Tx } from './database.ts';

/** Changes that are folded at a time, of a project. */
const MAX_FOLDED = 50_000;

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/**
 * Adds to what is counted today, by the time of the project, in the caller's commit. Rows are added and folded later, so
 * that transactions that count the same do not wait for each other.
 */
export async function countToday(tx: Tx, amounts: Readonly<Record<string, bigint>>): Promise<void> {
  const changes = Object.entries(amounts).filter(([, amount]) => amount !== 0n);
  if (changes.length === 0) return;
  await tx.query(
    `insert into day_count_changes (project_id, day, name, amount)
     select $1, $2, * from unnest($3::text[], $4::numeric[])`,
    [
      tx.scope,
      dayOf(tx.now()),
      changes.map(([name]) => name),
      changes.map(([, amount]) => amount.toString()),
    ],
  );
}

export interface DayCount {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly name: string;
  readonly total: bigint;
}

/** What was counted on the days from the first to the last, both included; what is not there is nothing. */
export const listDayCounts = (tx: Tx, first: Date, last: Date): Promise<DayCount[]> =>
  tx.query<DayCount>(
    `select day::text, name, sum(total) total from (
       select day, name, total from day_counts where project_id = $1 and day between $2 and $3
       union all
       select day, name, amount from day_count_changes where project_id = $1 and day between $2 and $3) counted
     group by 1, 2`,
    [tx.scope, dayOf(first), dayOf(last)],
  );

/** Folds what was added since into a row for each day. */
export async function foldDayCounts(db: Database): Promise<void> {
  const projects = await db.tx(PLATFORM, (tx) =>
    tx.query<{ project_id: string }>('select distinct project_id from day_count_changes'),
  );
  for (const { project_id: projectId } of projects) {
    await db.tx(projectId, (tx) =>
      tx.query(
        `with oldest as (
           select change_no from day_count_changes where project_id = $1 order by change_no limit $2),
         taken as (
           delete from day_count_changes where project_id = $1 and change_no in (select change_no from oldest)
           returning day, name, amount)
         insert into day_counts (project_id, day, name, total)
         select $1, day, name, sum(amount) from taken group by day, name order by day, name
         on conflict (project_id, day, name) do update set total = day_counts.total + excluded.total`,
        [projectId, MAX_FOLDED],
      ),
    );
  }
}
