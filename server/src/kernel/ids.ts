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
  bankPayout: 'bpo',
  bankCredit: 'bcr',
  cashPickup: 'cpk',
  ignoredTransfer: 'igt',
  cashAuthorization: 'cauth',
  reconciliationRun: 'rcn',
  reconciliationBreak: 'brk',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

/** Makes ids; an argument like the clock, so that a run can be repeated. */
export interface Ids {
  next(kind: IdKind): string;
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
    const bytes = new Uint8Array(16);
    this.#fillRandom(bytes);
    const nowMs = this.#clock.now().getTime();
    if (nowMs > this.#lastMs) {
      this.#lastMs = nowMs;
      this.#counter = ((bytes[6] ?? 0) << 3) | ((bytes[7] ?? 0) >> 5);
    } else if (++this.#counter > 0xfff) {
      this.#lastMs += 1;
      this.#counter = 0;
    }
    const view = new DataView(bytes.buffer);
    view.setUint16(0, Math.floor(this.#lastMs / 2 ** 32));
    view.setUint32(2, this.#lastMs % 2 ** 32);
    view.setUint16(6, 0x7000 | this.#counter);
    view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
    return `${ID_PREFIXES[kind]}_${encodeBase32(bytes)}`;
  }
}
