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

const style = 'narrow';
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style });
/** Months and years in figures: “last mo.” says less than “1mo ago”. */
const counted = new Intl.RelativeTimeFormat('en', { style });

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
  return (size > DAY_S ? counted : relative).format(Math.trunc(seconds / size), unit);
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
  /** Noted by the clock on the wall, not by that of the project, which may be days ahead: keys, requests, the chain. */
  readonly isReal?: boolean;
}

export function Time({ at, show = 'relative', isReal = false }: TimeProps) {
  const now = useNow() - (isReal ? aheadMs : 0);
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
