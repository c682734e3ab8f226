import { useSyncExternalStore } from 'react';
import { Tooltip } from './tooltip.tsx';

const TICK_MS = 15_000;
const DAY_S = 86_400;
const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', DAY_S],
  ['hour', 3_600],
  ['minute', 60],
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' });

/** Where the clock of the project is ahead of the browser's, in milliseconds; what is relative is relative to it. */
let aheadMs = 0;
let nowMs = Date.now();
const listeners = new Set<() => void>();
setInterval(() => tell(), TICK_MS);
function tell(): void {
  nowMs = Date.now() + aheadMs;
  for (const listener of listeners) listener();
}

export function setProjectClockAhead(ms: number): void {
  if (ms === aheadMs) return;
  aheadMs = ms;
  tell();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** The time of the project, to a quarter of a minute. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => nowMs);

export function formatRelative(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1_000);
  const found = UNITS.find(([, size]) => Math.abs(seconds) >= size);
  if (!found) return seconds > 5 ? 'in a moment' : 'just now';
  const [unit, size] = found;
  return relative.format(Math.trunc(seconds / size), unit);
}

/** `2026-03-08 14:05:09 UTC`. */
export const formatAbsolute = (iso: string, withMs = false): string =>
  `${new Date(iso)
    .toISOString()
    .replace('T', ' ')
    .slice(0, withMs ? 23 : 19)} UTC`;

interface TimeProps {
  readonly at: string;
  /** `relative` with the rest in a tooltip; `absolute` to the second; `exact` to the millisecond. */
  readonly show?: 'relative' | 'absolute' | 'exact';
}

export function Time({ at, show = 'relative' }: TimeProps) {
  const now = useNow();
  const absolute = formatAbsolute(at, show === 'exact');
  if (show !== 'relative')
    return (
      <time dateTime={at} className="figures whitespace-nowrap">
        {absolute}
      </time>
    );
  return (
    <Tooltip text={<span className="figures">{formatAbsolute(at)}</span>}>
      <time dateTime={at} className="whitespace-nowrap">
        {formatRelative(Date.parse(at), now)}
      </time>
    </Tooltip>
  );
}
