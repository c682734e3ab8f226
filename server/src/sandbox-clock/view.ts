import type { SandboxClock, SandboxClockChange, SandboxTimer } from '@openoms/contract/sandbox-clock.ts';
import { SECOND_MS, toIsoSeconds } from '../kernel/clock.ts';
import { validationError } from '../kernel/errors.ts';
import type { CausedEvents, ClockState } from './service.ts';
import type { TimerPlace, TimerRow } from './store.ts';

/** What a task means to a client, and the member of its payload that names the resource. */
const NAMES: Readonly<Record<string, readonly [name: string, resource?: string]>> = {
  'bank.return-credit': ['bank.returnsCredit'],
  'bank.submit': ['bank.takesPayout'],
  'cash-ins.expire': ['cashIn.codeExpires', 'cashInId'],
  'cash-pickups.expire': ['cashPickup.codeExpires'],
  'cash-pickups.reserve': ['cashPickup.isReserved'],
  'customers.review': ['customer.isReviewed', 'customerId'],
  'deposit-addresses.release': ['depositAddress.releasesDeposits', 'depositAddressId'],
  'deposit-addresses.simulate': ['depositAddress.isPaid'],
  'ledger.expire-holds': ['ledger.holdsExpire'],
  'sandbox-bank.afterwards': ['bank.returnsOrCorrects'],
  'sandbox-bank.settle': ['bank.settles'],
  'sandbox-chain.transfer': ['wallet.isPaid'],
  'sandbox-rails.tell': ['provider.tells'],
  'treasury.fund': ['treasury.isFunded'],
  'virtual-accounts.retry-deposit': ['virtualAccountDeposit.isRetried'],
};

export function toTimer({ due_at, task, payload, webhook_id }: TimerRow): SandboxTimer {
  const dueAt = toIsoSeconds(due_at);
  if (task === null)
    return { object: 'sandboxTimer', name: 'webhook.isDelivered', resourceId: webhook_id, dueAt };
  const [name, member] = NAMES[task] ?? [task];
  const resource = member === undefined ? undefined : payload?.[member];
  return { object: 'sandboxTimer', name, resourceId: typeof resource === 'string' ? resource : null, dueAt };
}

export function toClock({ now, serverNow, clock, move, waitsFor, timers }: ClockState): SandboxClock {
  return {
    object: 'sandboxClock',
    now: toIsoSeconds(now),
    mode: clock?.stands_at ? 'frozen' : 'running',
    offsetSeconds: Math.round((now.getTime() - serverNow.getTime()) / SECOND_MS),
    move: move
      ? {
          status: move.ended_at ? 'done' : 'advancing',
          from: toIsoSeconds(move.from_at),
          to: toIsoSeconds(move.target_at),
          reachedAt: move.reached_at && toIsoSeconds(move.reached_at),
          timers: Number(move.timers ?? 0n),
          waitsFor: move.ended_at ? null : waitsFor,
        }
      : null,
    timers: timers.map(toTimer),
  };
}

export const toChange = (state: ClockState, { rows, hasMore }: CausedEvents): SandboxClockChange => ({
  ...toClock(state),
  events: rows.map((row) => ({
    id: row.event_id,
    event: row.type,
    resourceId: row.resource_id,
    sequence: Number(row.sequence),
    createdAt: toIsoSeconds(row.created_at),
  })),
  hasMoreEvents: hasMore,
});

/** Opaque: the time of the last timer of a page and what tells it from others of that time. */
export const toTimerCursor = ({ due_at, position }: TimerRow): string =>
  Buffer.from(`v1:${due_at.getTime()}:${position}`).toString('base64url');

export function fromTimerCursor(cursor: string | undefined): TimerPlace | undefined {
  if (cursor === undefined) return undefined;
  const [, time, position] =
    /^v1:(\d{1,15}):([a-zA-Z0-9_]{1,200})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (time === undefined || position === undefined) {
    throw validationError([{ field: 'startingAfter', issue: 'is not a cursor of this list' }]);
  }
  return { dueAt: new Date(Number(time)), position };
}
