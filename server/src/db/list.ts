import { addMs, MINUTE_MS } from '../kernel/clock.ts';
import { highestIdAt, type IdKind, lowestIdAt } from '../kernel/ids.ts';
import type { Row, Tx } from './database.ts';

/** One page of a list that is ordered by id, newest first (ids sort by creation). */
export interface PageRequest {
  readonly limit: number;
  /** `older` continues down the list, `newer` goes back up. */
  readonly direction: 'older' | 'newer';
  /** The id the page starts after; absent for the first page. */
  readonly from?: string;
}

/**
 * A condition with a `?` for its value, or several of which one is enough. An undefined value drops the filter. Each
 * condition wants an index that begins with its column and ends in the id: it is then read in the order of the list.
 */
export type Filter = readonly [condition: string | readonly string[], value: unknown];

/** How far the time within an id and `created_at` may be apart: ids are made a little before or after, by other clocks. */
const ID_TIME_SLACK_MS = MINUTE_MS;

/**
 * Both bounds inclusive, on a table with `created_at`. What decides is that column; the ids around the bounds say where
 * to look, so that an hour of last year is found without reading all that came since.
 */
export const createdWithin = (
  kind: IdKind,
  idColumn: string,
  {
    createdAfter,
    createdBefore,
  }: { readonly createdAfter?: Date | undefined; readonly createdBefore?: Date | undefined },
): readonly Filter[] => [
  ['created_at >= ?', createdAfter],
  [`${idColumn} >= ?`, createdAfter && lowestIdAt(kind, addMs(createdAfter, -ID_TIME_SLACK_MS))],
  ['created_at <= ?', createdBefore],
  [`${idColumn} <= ?`, createdBefore && highestIdAt(kind, addMs(createdBefore, ID_TIME_SLACK_MS))],
];

/**
 * Selects a page by keyset: stable while rows are inserted, and as quick on the thousandth page as on the first.
 * `select` reads from one table and has no where clause; `idColumn` and the conditions are source text, never input.
 *
 * PostgreSQL plans it anew for the values of each request: which index is the best depends on how rare they are, and
 * the texts are as many as there are sets of filters.
 */
export async function selectPage<R extends Row>(
  tx: Tx,
  select: string,
  idColumn: string,
  filters: readonly Filter[],
  page: PageRequest,
): Promise<{ rows: R[]; hasMore: boolean }> {
  const isDown = page.direction === 'older';
  const values: unknown[] = [tx.scope];
  let branches: readonly (readonly string[])[] = [['project_id = $1']];
  for (const [conditions, value] of [
    ...filters,
    [`${idColumn} ${isDown ? '<' : '>'} ?`, page.from] as const,
  ]) {
    if (value === undefined) continue;
    values.push(value);
    const alternatives = [conditions].flat().map((each) => each.replaceAll('?', `$${values.length}`));
    branches = branches.flatMap((branch) => alternatives.map((each) => [...branch, each]));
  }
  values.push(page.limit + 1);
  const end = `order by ${idColumn} ${isDown ? 'desc' : 'asc'} limit $${values.length}`;
  const found = await tx.query<R>(unionOf(select, idColumn, branches, end), values, { planned: 'each time' });
  const rows = found.slice(0, page.limit);
  return { rows: isDown ? rows : rows.reverse(), hasMore: found.length > page.limit };
}

/**
 * Rows that meet one of the branches, each once. An `or` in one statement is no range of any index; the first rows of
 * all are among the first rows of each, so a page of each branch is enough.
 */
function unionOf(
  select: string,
  idColumn: string,
  branches: readonly (readonly string[])[],
  end: string,
): string {
  const [only = '', ...more] = branches.map(
    (conditions) => `${select} where ${conditions.join(' and ')} ${end}`,
  );
  if (more.length === 0) return only;
  const pages = [only, ...more].map((each) => `(${each})`).join(' union all ');
  return `select distinct on (${idColumn}) * from (${pages}) page ${end}`;
}
