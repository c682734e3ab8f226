/** One line of the table: what must hold, and what was found. */
export interface Check {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  readonly isMet: boolean;
}

export const same = (what: string, expected: string | number, found: string | number): Check => ({
  what,
  expected: String(expected),
  found: String(found),
  isMet: String(expected) === String(found),
});

export const atMost = (what: string, limit: number, found: number): Check => ({
  what,
  expected: `at most ${limit}`,
  found: String(found),
  isMet: found <= limit,
});

export const isBreach = ({ isMet }: Check): boolean => !isMet;

/** Two lists of the same things, in any order, each as often; else what is missing and what is too much. */
export function sameThings(what: string, expected: readonly string[], found: readonly string[]): Check {
  const missing = without(expected, found);
  const extra = without(found, expected);
  const isMet = missing.length === 0 && extra.length === 0;
  const shown = isMet ? `${found.length}` : `${found.length}: not ${some(missing)}; but ${some(extra)}`;
  return { what, expected: String(expected.length), found: shown, isMet };
}

const MAX_SHOWN = 3;
const some = (things: readonly string[]): string =>
  things.length === 0
    ? 'nothing'
    : `${things.slice(0, MAX_SHOWN).join(', ')}${things.length > MAX_SHOWN ? `, … (${things.length})` : ''}`;

/** The first list less the second, counting. */
function without(list: readonly string[], other: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const each of other) left.set(each, (left.get(each) ?? 0) + 1);
  return list.filter((each) => {
    const count = left.get(each) ?? 0;
    left.set(each, count - 1);
    return count <= 0;
  });
}
