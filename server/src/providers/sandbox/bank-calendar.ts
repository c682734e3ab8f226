import type { CreditRailName } from '@openoms/contract/bank-reasons.ts';
import { assert } from '../../kernel/assert.ts';
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from '../../kernel/clock.ts';

/**
 * When a bank of the United States moves money. Days are dates of New York, as `YYYY-MM-DD`; so are the hours, in
 * minutes since midnight.
 */
type Day = string;

const ZONE = 'America/New_York';
/** What New York is behind UTC, in summer and in winter. */
const OFFSETS_MS = [4 * HOUR_MS, 5 * HOUR_MS];
const FORMAT = new Intl.DateTimeFormat('en-CA', {
  timeZone: ZONE,
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
});

const atHour = (hour: number, minute: number): number => hour * 60 + minute;

/** The last time of a day at which ACH payments go into the operator's batch of that day (FedACH's last window). */
const ACH_CUT_OFF = atHour(16, 45);
/** FedACH settles what is not same-day at 8:30 of the next banking day. */
const ACH_SETTLES = atHour(8, 30);
/** Our hours for wires: from the desk's opening to Fedwire's cut-off for payments of third parties. */
const WIRE_OPENS = atHour(9, 0);
const WIRE_CUT_OFF = atHour(18, 45);
const WIRE_TAKES_MS = 10 * MINUTE_MS;
/** A correspondent has credited a SWIFT payment by noon of the next banking day, if it got it in the afternoon at latest. */
const SWIFT_CUT_OFF = atHour(15, 0);
const SWIFT_SETTLES = atHour(12, 0);

const RETURN_BANKING_DAYS = 2;
const LATE_RETURN_DAYS = 60;

const SATURDAY = 6;
const SUNDAY = 0;
const MONDAY = 1;
const THURSDAY = 4;

export function newYorkTime(at: Date): { readonly day: Day; readonly minute: number } {
  const { year, month, day, hour, minute } = Object.fromEntries(
    FORMAT.formatToParts(at).map(({ type, value }) => [type, value]),
  );
  return { day: `${year}-${month}-${day}`, minute: atHour(Number(hour), Number(minute)) };
}

function atNewYork(day: Day, minute: number): Date {
  const asUtc = addMs(midnightUtc(day), minute * MINUTE_MS);
  const at = OFFSETS_MS.map((offsetMs) => addMs(asUtc, offsetMs)).find((candidate) => {
    const local = newYorkTime(candidate);
    return local.day === day && local.minute === minute;
  });
  assert(at, `there is no minute ${minute} of ${day} in New York`);
  return at;
}

const midnightUtc = (day: Day): Date => new Date(`${day}T00:00:00Z`);
const toDay = (utc: Date): Day => utc.toISOString().slice(0, 10);
const addDays = (day: Day, count: number): Day => toDay(addMs(midnightUtc(day), count * DAY_MS));
const weekdayOf = (day: Day): number => midnightUtc(day).getUTCDay();

const dayOf = (year: number, month: number, day: number): Day =>
  toDay(new Date(Date.UTC(year, month - 1, day)));

/** The nth (from 1) such weekday of a month. */
function nthWeekday(year: number, month: number, weekday: number, n: number): Day {
  const first = dayOf(year, month, 1);
  return addDays(first, ((weekday - weekdayOf(first) + 7) % 7) + 7 * (n - 1));
}

function lastWeekday(year: number, month: number, weekday: number): Day {
  const last = dayOf(year, month + 1, 0);
  return addDays(last, -((weekdayOf(last) - weekday + 7) % 7));
}

/**
 * The days on which the Federal Reserve Banks are closed. A holiday on a Sunday is kept on the Monday after; one on a
 * Saturday is not made up for: the Banks are open on the Friday before.
 */
export function bankHolidays(year: number): readonly Day[] {
  return [
    dayOf(year, 1, 1),
    nthWeekday(year, 1, MONDAY, 3),
    nthWeekday(year, 2, MONDAY, 3),
    lastWeekday(year, 5, MONDAY),
    dayOf(year, 6, 19),
    dayOf(year, 7, 4),
    nthWeekday(year, 9, MONDAY, 1),
    nthWeekday(year, 10, MONDAY, 2),
    dayOf(year, 11, 11),
    nthWeekday(year, 11, THURSDAY, 4),
    dayOf(year, 12, 25),
  ].flatMap((day) => {
    const weekday = weekdayOf(day);
    if (weekday === SATURDAY) return [];
    return [weekday === SUNDAY ? addDays(day, 1) : day];
  });
}

export function isBankingDay(day: Day): boolean {
  const weekday = weekdayOf(day);
  if (weekday === SATURDAY || weekday === SUNDAY) return false;
  return !bankHolidays(Number(day.slice(0, 4))).includes(day);
}

function nextBankingDay(day: Day): Day {
  const next = addDays(day, 1);
  return isBankingDay(next) ? next : nextBankingDay(next);
}

/** The banking day to which what is submitted now counts. */
function processingDay(at: Date, cutOff: number): Day {
  const { day, minute } = newYorkTime(at);
  return isBankingDay(day) && minute < cutOff ? day : nextBankingDay(day);
}

/**
 * When a payment submitted now settles. ACH: at 8:30 of the banking day after that of its batch. Wire: within minutes
 * during its hours. SWIFT: at noon of the banking day after it left. RTP: at once, at any hour of any day.
 */
export function settlesAt(rail: CreditRailName, now: Date): Date {
  if (rail === 'rtp') return now;
  if (rail === 'wire') {
    const day = processingDay(now, WIRE_CUT_OFF);
    const opens = atNewYork(day, WIRE_OPENS);
    return addMs(now > opens ? now : opens, WIRE_TAKES_MS);
  }
  const [cutOff, settles] = rail === 'ach' ? [ACH_CUT_OFF, ACH_SETTLES] : [SWIFT_CUT_OFF, SWIFT_SETTLES];
  return atNewYork(nextBankingDay(processingDay(now, cutOff)), settles);
}

/** Whether a return is in time for its reason; reasons without a window are. */
export function isReturnInTime(
  window: 'two_banking_days' | 'sixty_days' | undefined,
  settledAt: Date,
  now: Date,
): boolean {
  if (!window) return true;
  let last = newYorkTime(settledAt).day;
  if (window === 'sixty_days') last = addDays(last, LATE_RETURN_DAYS);
  else for (let count = 0; count < RETURN_BANKING_DAYS; count++) last = nextBankingDay(last);
  return newYorkTime(now).day <= last;
}
