const MAX_SUGGESTIONS = 3;
/** Of a name's length: what differs more is something else. */
const MAX_SHARE = 0.4;

/** The names that somebody may have meant, the likeliest first. */
export function similarNames(given: string, names: readonly string[]): string[] {
  const wanted = given.toLowerCase();
  return names
    .map((name) => ({ name, distance: distanceOf(wanted, name.toLowerCase()) }))
    .filter(({ distance, name }) => distance <= name.length * MAX_SHARE)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
}

/** Letters to change, add or drop (Levenshtein). A part of a name is as near as what it leaves out is short. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
