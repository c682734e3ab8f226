/** Rows of a statement, which come in any order, in the order of `ids`; an id without a row is left out. */
export function inOrderOf<K extends string, R extends Readonly<Record<K, string>>>(
  ids: readonly string[],
  rows: readonly R[],
  idColumn: K,
): R[] {
  const byId = new Map(rows.map((row) => [row[idColumn] as string, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** A list of columns as those of the table that `alias` stands for. */
export const qualified = (columns: string, alias: string): string =>
  columns
    .split(/,\s*/)
    .map((column) => `${alias}.${column}`)
    .join(', ');
