import { randomFillSync } from 'node:crypto';
import type { Clock } from './clock.ts';

/**
 * Every id prefix of the product. Where the contract names one it is taken from there
 * (ids are TypeIDs: prefix, underscore, UUIDv7 in lower-case Crockford base32); the rest are our own.
 */
export const ID_PREFIXES = {
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
  cashPickup: 'cpk',
  ignoredTransfer: 'igt',
  cashAuthorization: 'cauth',
  reconciliationRun: 'rcn',
  reconciliationBreak: 'brk',
  review: 'rvw',
  auditEntry: 'aud',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

/** Makes ids; an argument like the clock, so that a run can be repeated. */
export interface Ids {
  next(kind: IdKind): string;
}

const ID_BYTES = 16;
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

/** UUIDv7 (RFC 9562) in TypeID form; ids of one process sort by creation even within a millisecond. */
export class TypeIds implements Ids {
  readonly #clock: Clock;
  readonly #fillRandom: (bytes: Uint8Array) => void;
  #lastMs = 0;
  #counter = 0;

  constructor(clock: Clock, fillRandom: (bytes: Uint8Array) => void = (bytes) => void randomFillSync(bytes)) {
    this.#clock = clock;
    this.#fillRandom = fillRandom;
  }

  next(kind: IdKind): string {
    const bytes = new Uint8Array(ID_BYTES);
    this.#fillRandom(bytes);
    const nowMs = this.#clock.now().getTime();
    if (nowMs > this.#lastMs) {
      this.#lastMs = nowMs;
      this.#counter = ((bytes[6] ?? 0) << 3) | ((bytes[7] ?? 0) >> 5);
    } else if (++this.#counter > 0xfff) {
      this.#lastMs += 1;
      this.#counter = 0;
    }
    writeTime(bytes, this.#lastMs);
    const view = new DataView(bytes.buffer);
    view.setUint16(6, 0x7000 | this.#counter);
    view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
    return `${ID_PREFIXES[kind]}_${encodeBase32(bytes)}`;
  }
}
