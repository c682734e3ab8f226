import { randomFillSync } from 'node:crypto';
import { assert } from './assert.ts';
import type { Clock } from './clock.ts';
import { seededBytes } from './random.ts';

/**
 * Every id prefix of the product. Where the contract names one it is taken from there
 * (ids are TypeIDs: prefix, underscore, UUIDv7 in lower-case Crockford base32); the rest are our own.
 */
export const ID_PREFIXES = {
  organization: 'org',
  user: 'usr',
  session: 'ses',
  invitation: 'inv',
  project: 'prj',
  customer: 'cst',
  wallet: 'wlt',
  quote: 'qt',
  transaction: 'txn',
  cashIn: 'ci',
  usBankAccount: 'cpUsBank',
  internationalBankAccount: 'cpIntlBank',
  savedAddress: 'cpBcAddr',
  debitCard: 'pmCard',
  virtualAccount: 'va',
  depositAddress: 'da',
  webhook: 'whk',
  webhookDelivery: 'whd',
  event: 'evt',
  request: 'req',
  transfer: 'tr',
  send: 'snd',
  relayBatch: 'rlb',
  deposit: 'dep',
  simulatedDeposit: 'sdep',
  bankPayout: 'bpo',
  bankCredit: 'bcr',
  statementLine: 'stl',
  cashPickup: 'cpk',
  ignoredTransfer: 'igt',
  cashAuthorization: 'cauth',
  ledgerVerification: 'lvf',
  reconciliationRun: 'rcn',
  reconciliationBreak: 'brk',
  review: 'rvw',
  auditEntry: 'aud',
  clockMove: 'clm',
  trouble: 'tbl',
  worldChange: 'wch',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

/** Of what the chain is asked under: a repetition would meet what the chain knows by that name already. */
const NEVER_DRAWN: ReadonlySet<IdKind> = new Set<IdKind>([
  'send',
  'relayBatch',
  'ignoredTransfer',
  'simulatedDeposit',
  'clockMove',
]);

/** Of what is still there when the project begins anew and draws the same again. */
const OUTLIVE_WORLDS: ReadonlySet<IdKind> = new Set<IdKind>(['auditEntry']);

/** The clock that an id is dated by. */
export interface Timeline extends Clock {
  /** Set for a project that has a time of its own. */
  readonly ownTime?: OwnTime | undefined;
  /** Set for a project that has a seed, whose ids follow from it. */
  readonly draws?: { draw(bytes: number): Draw } | undefined;
}

/** A value that follows from a seed, and how many were drawn before it. */
export interface Draw {
  readonly place: bigint;
  readonly bytes: Buffer;
}

export interface OwnTime {
  readonly projectId: string;
  /** Raised when the project's time goes back. */
  readonly epoch: bigint;
  /** How long, by the clock of the server, the project's clock has stood where it stands; undefined while it runs. */
  readonly stoodMs: number | undefined;
}

/** Makes ids; an argument like the clock, so that a run can be repeated. */
export interface Ids {
  /** Dated by the clock of the server, or by the project's if it is given. */
  next(kind: IdKind, line?: Timeline): string;
}

export const ID_BYTES = 16;
const TIME_BYTES = 6;
const MAX_TIME_MS = 2 ** (8 * TIME_BYTES) - 1;

/** No id of the kind that was made at that time or later sorts before it. */
export const lowestIdAt = (kind: IdKind, at: Date): string => boundAt(kind, at, 0);

/** No id of the kind that was made at that time or earlier sorts after it. */
export const highestIdAt = (kind: IdKind, at: Date): string => boundAt(kind, at, 0xff);

function boundAt(kind: IdKind, at: Date, rest: number): string {
  const bytes = new Uint8Array(ID_BYTES).fill(rest);
  writeTime(bytes, Math.min(Math.max(at.getTime(), 0), MAX_TIME_MS));
  return `${ID_PREFIXES[kind]}_${encodeBase32(bytes)}`;
}

function writeTime(bytes: Uint8Array, timeMs: number): void {
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(timeMs / 2 ** 32));
  view.setUint32(2, timeMs % 2 ** 32);
}

const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';

/** 128 bits as 26 characters of Crockford base32, most significant first (2 bits of padding lead). */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let waiting = 0;
  let bits = 2;
  for (const byte of bytes) {
    waiting = (waiting << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(waiting >> bits) & 31];
    }
    waiting &= 31;
  }
  return text;
}

const decodeBase32 = (text: string): bigint =>
  [...text].reduce((value, digit) => value * 32n + BigInt(BASE32.indexOf(digit)), 0n);

/** Bits of the time that a clock has stood, and of the count within a millisecond of it, in an id. */
const STOOD_BITS = 36;
const COUNT_BITS = 10;
const COUNTS_PER_MS = 2 ** COUNT_BITS;
const MAX_PLACE = 2 ** (STOOD_BITS + COUNT_BITS) - 1;
const LOW_PLACE = 2 ** 34;
const MAX_COUNTER = 0xfff;

/** Of the place of a drawn id, behind the millisecond, and of chance behind that. */
const DRAWN_PLACES = 2n ** 32n;
const DRAWN_CHANCE_BITS = 42n;
const RAND_B_BITS = 62n;

/** Where the last id of a clock is. */
interface Last {
  ms: number;
  /** Within the millisecond. */
  place: number;
}

interface OwnLast extends Last {
  readonly epoch: bigint;
}

/** UUIDv7 (RFC 9562) in TypeID form; ids of one process sort by creation even within a millisecond. */
export class TypeIds implements Ids {
  readonly #clock: Clock;
  readonly #fillRandom: (bytes: Uint8Array) => void;
  readonly #last: Last = { ms: 0, place: 0 };
  /** Of the few projects that have a time of their own. */
  readonly #lastOf = new Map<string, OwnLast>();

  constructor(clock: Clock, fillRandom: (bytes: Uint8Array) => void = (bytes) => void randomFillSync(bytes)) {
    this.#clock = clock;
    this.#fillRandom = fillRandom;
  }

  next(kind: IdKind, line?: Timeline): string {
    if (line?.draws && !NEVER_DRAWN.has(kind)) {
      const drawn = line.draws.draw(ID_BYTES);
      return drawnId(kind, line.now(), OUTLIVE_WORLDS.has(kind) ? inEpoch(drawn, line.ownTime) : drawn);
    }
    const bytes = new Uint8Array(ID_BYTES);
    this.#fillRandom(bytes);
    const own = line?.ownTime;
    const nowMs = (own ? line : this.#clock).now().getTime();
    const last = own ? this.#lastOwn(own) : this.#last;
    if (own?.stoodMs === undefined) writeCounted(bytes, nowMs, last);
    else writeStood(bytes, nowMs, own.stoodMs, last);
    const view = new DataView(bytes.buffer);
    view.setUint8(6, 0x70 | (view.getUint8(6) & 0xf));
    view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
    return `${ID_PREFIXES[kind]}_${encodeBase32(bytes)}`;
  }

  #lastOwn({ projectId, epoch }: OwnTime): Last {
    const known = this.#lastOf.get(projectId);
    if (known?.epoch === epoch) return known;
    const anew = { ms: 0, place: 0, epoch };
    this.#lastOf.set(projectId, anew);
    return anew;
  }
}

/** The time, the place among all draws of the project, and what was drawn: sorts by creation, and repeats. */
export function drawnId(kind: IdKind, at: Date, { place, bytes }: Draw): string {
  assert(place < DRAWN_PLACES, 'the project has drawn all there is');
  const rest =
    (place << DRAWN_CHANCE_BITS) | BigInt.asUintN(Number(DRAWN_CHANCE_BITS), bytes.readBigUInt64BE());
  const id = new Uint8Array(ID_BYTES);
  writeTime(id, at.getTime());
  const view = new DataView(id.buffer);
  view.setUint16(6, 0x7000 | Number(rest >> RAND_B_BITS));
  view.setBigUint64(8, (0b10n << RAND_B_BITS) | BigInt.asUintN(Number(RAND_B_BITS), rest));
  return `${ID_PREFIXES[kind]}_${encodeBase32(id)}`;
}

/** The time and the place of a drawn id, and other chance behind it. */
export function besideId(kind: IdKind, id: string, bytes: Buffer): string {
  const all = BigInt.asUintN(8 * ID_BYTES, decodeBase32(id.slice(id.indexOf('_') + 1)));
  const chance = BigInt.asUintN(Number(DRAWN_CHANCE_BITS), bytes.readBigUInt64BE());
  const beside = ((all >> DRAWN_CHANCE_BITS) << DRAWN_CHANCE_BITS) | chance;
  const made = Buffer.alloc(ID_BYTES);
  made.writeBigUInt64BE(beside >> 64n);
  made.writeBigUInt64BE(BigInt.asUintN(64, beside), 8);
  return `${ID_PREFIXES[kind]}_${encodeBase32(made)}`;
}

/** The same in the first epoch, and another in each that follows. */
function inEpoch({ place, bytes }: Draw, ownTime: OwnTime | undefined): Draw {
  const epoch = ownTime?.epoch ?? 0n;
  return epoch === 0n
    ? { place, bytes }
    : { place, bytes: seededBytes(bytes.toString('hex'), epoch, ID_BYTES) };
}

/** The time, and a counter that begins anywhere. */
function writeCounted(bytes: Uint8Array, nowMs: number, last: Last): void {
  if (nowMs > last.ms) {
    last.ms = nowMs;
    last.place = ((bytes[6] ?? 0) << 3) | ((bytes[7] ?? 0) >> 5);
  } else if (++last.place > MAX_COUNTER) {
    last.ms += 1;
    last.place = 0;
  }
  writeTime(bytes, last.ms);
  new DataView(bytes.buffer).setUint16(6, last.place);
}

/**
 * The time of a clock that stands still, and how long it has: ids of several processes sort by creation, however long
 * all of them are of one millisecond.
 */
function writeStood(bytes: Uint8Array, nowMs: number, stoodMs: number, last: Last): void {
  const first = Math.max(stoodMs, 0) * COUNTS_PER_MS;
  const isLater = nowMs > last.ms;
  last.place = isLater ? first : Math.max(last.place + 1, first);
  if (isLater) last.ms = nowMs;
  if (last.place > MAX_PLACE) {
    last.ms += 1;
    last.place = 0;
  }
  writeTime(bytes, last.ms);
  const view = new DataView(bytes.buffer);
  const low = last.place % LOW_PLACE;
  view.setUint16(6, Math.floor(last.place / LOW_PLACE));
  view.setUint32(8, Math.floor(low / 2 ** 4));
  view.setUint8(12, ((low % 2 ** 4) << 4) | (view.getUint8(12) & 0xf));
}
