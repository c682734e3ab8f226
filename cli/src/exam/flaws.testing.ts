import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Envelope } from '../../../docs/webhook-receivers/inbox.ts';
import { isGenuine } from '../../../docs/webhook-receivers/verify.ts';
import { type Flaw, type Place, type Received, SECRET } from './receiver.testing.ts';

export const TOLERANCE_SECONDS = 300;
/** What is larger comes in several pieces however it was sent. */
export const SOCKET_CHUNK_BYTES = 16_384;

/** A verifier in its parts, each of which can be got wrong. */
interface Verifier {
  readonly parts: (header: string) => string[];
  readonly time: (parts: readonly string[], received: Received) => string;
  readonly isFresh: (awaySeconds: number) => boolean;
  readonly candidates: (values: readonly string[]) => readonly string[];
  readonly version: RegExp;
  readonly matches: (given: string, expected: string) => boolean;
}

const GOOD_VERIFIER: Verifier = {
  parts: (header) => header.split(',').map((part) => part.trim()),
  time: (parts) => parts.find((part) => part.startsWith('t='))?.slice(2) ?? '',
  isFresh: (awaySeconds) => Math.abs(awaySeconds) <= TOLERANCE_SECONDS,
  candidates: (values) => values,
  version: /^v1=/,
  matches: (given, expected) =>
    given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected)),
};

export const verifier =
  (change: Partial<Verifier>): Flaw =>
  () => {
    const { parts, time, isFresh, candidates, version, matches } = { ...GOOD_VERIFIER, ...change };
    return {
      verify: (received) => {
        const all = parts(received.headers['webhook-signature']?.toString() ?? '');
        const signedTime = GOOD_VERIFIER.time(all, received);
        if (!isFresh(Date.now() / 1_000 - Number(time(all, received)))) return false;
        const mac = createHmac('sha256', SECRET).update(`${signedTime}.`).update(received.body);
        const expected = mac.digest('hex');
        const given = all.filter((part) => version.test(part)).map((part) => part.replace(version, ''));
        return candidates(given).some((value) => matches(value, expected));
      },
    };
  };

/** Answers the status to genuine events of which the test holds. */
export const answering =
  (status: number, test: (event: Envelope, received: Received, place: Place) => boolean): Flaw =>
  (good, place) => ({
    accept: (event, received) => (test(event, received, place) ? status : good.accept(event, received)),
  });

/** The sequence that is kept of the event's resource. */
export const keptSequence = ({ data }: Envelope, { inbox }: Place): number | undefined =>
  inbox.effects().resources[data.id ?? ''];

export const verifying =
  (body: (received: Received) => Buffer): Flaw =>
  () => ({
    verify: (received) =>
      isGenuine(received.headers['webhook-signature']?.toString(), body(received), SECRET),
  });

/** Counts effects itself; `keyOf` tells which deliveries it takes for the same. */
export const countingBy =
  (keyOf: (event: Envelope, received: Received) => string): Flaw =>
  (good, { inbox }) => {
    const seen = new Set<string>();
    const deliveries: Record<string, number> = {};
    return {
      accept: (event, received) => {
        const key = keyOf(event, received);
        if (!seen.has(key)) deliveries[event.id] = (deliveries[event.id] ?? 0) + 1;
        seen.add(key);
        return good.accept(event, received);
      },
      effects: () => ({ ...inbox.effects(), deliveries }),
    };
  };

export const dataOf = (event: Envelope): Readonly<Record<string, unknown>> => ({ ...event.data });
