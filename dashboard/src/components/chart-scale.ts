/** Geometry only: what a chart says in figures is the caller's exact text. */

const STEPS = [1, 2, 2.5, 5, 10];

/** From zero, or below it, to a round number that holds all values, in a few even steps. */
export function ticksOf(values: readonly number[], wanted = 4): number[] {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  if (low === high) return [0, 1];
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const even = (STEPS.find((factor) => factor * power >= rough) ?? 10) * power;
  // Of what is counted there are no halves.
  const step = values.every(Number.isInteger) ? Math.ceil(even) : even;
  const from = Math.floor(low / step);
  const to = Math.ceil(high / step);
  return Array.from({ length: to - from + 1 }, (_, index) => (from + index) * step);
}

const shortDate = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });
const DAY = /^(\d{4}-\d{2}-\d{2})( \d{2}:\d{2})?/;
/** `Oct 24` of a day and `Oct 24 14:05` of a time, as an axis has room for it; other labels as they are. */
export function axisLabel(label: string): string {
  const [, day, time = ''] = DAY.exec(label) ?? [];
  return day === undefined ? label : `${shortDate.format(new Date(day))}${time}`;
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
export const shortNumber = (value: number): string => compact.format(value);
