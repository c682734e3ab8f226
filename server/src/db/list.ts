import type { Row, Tx } from './database.ts';

/** One page of a list that is ordered by id, newest first (ids sort by creation). */
export interface PageRequest {
  readonly limit: number;
  /** `older` continues down the list, `newer` goes back up. */
  readonly direction: 'older' | 'newer';
  /** The id the page starts after; absent for the first page. */
  readonly from?: string;
}

/** A condition with one `?` for its value. An undefined value drops the condition. */
export type Filter = readonly [condition: string, value: unknown];

/**
 * Selects a page by keyset: stable while rows are inserted, and as quick on the thousandth page as on the first.
 * `select` reads from one table and has no where clause; `idColumn` and the conditions are source text, never input.
 */
export async function selectPage<R extends Row>(
  tx: Tx,
  select: string,
  idColumn: string,
  filters: readonly Filter[],
  page: PageRequest,
): Promise<{ rows: R[]; hasMore: boolean }> {
  const values: unknown[] = [tx.scope];
  const conditions = ['project_id = $1'];
  const comparison = page.direction === 'older' ? '<' : '>';
  for (const [condition, value] of [...filters, [`${idColumn} ${comparison} ?`, page.from] as const]) {
    if (value === undefined) continue;
    values.push(value);
    conditions.push(condition.replaceAll('?', `$${values.length}`));
  }
  values.push(page.limit + 1);
  const order = page.direction === 'older' ? 'desc' : 'asc';
  const found = await tx.query<R>(
    `${select} where ${conditions.join(' and ')} order by ${idColumn} ${order} limit $${values.length}`,
    values,
  );
  const rows = found.slice(0, page.limit);
  return { rows: page.direction === 'older' ? rows : rows.reverse(), hasMore: found.length > page.limit };
}
