export const UNITS = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 } as const;
export type Unit = keyof typeof UNITS;

const PARTS = [
  ['d', UNITS.days],
  ['h', UNITS.hours],
  ['min', UNITS.minutes],
  ['s', UNITS.seconds],
] as const;
const SHOWN_PARTS = 2;

/** `30 d`, `1 h 5 min`: the two largest parts. */
export function durationOf(seconds: number): string {
  let rest = Math.floor(seconds);
  const parts = PARTS.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? [`${count} ${unit}`] : [];
  });
  return parts.slice(0, SHOWN_PARTS).join(' ') || '0 s';
}
