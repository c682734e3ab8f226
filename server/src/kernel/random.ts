import { createHash, randomBytes } from 'node:crypto';

const INTEGER_BYTES = 6;
/** Whole numbers that many bytes hold. */
const INTEGERS = 2 ** (8 * INTEGER_BYTES);

/** Chance; an argument like the clock, so that a run can be repeated. */
export class Random {
  readonly bytes: (count: number) => Buffer;

  constructor(bytes: (count: number) => Buffer) {
    this.bytes = bytes;
  }

  /** From 0 to `end`, exclusive; each as likely as the others. */
  integer(end: number): number {
    const fair = INTEGERS - (INTEGERS % end);
    for (;;) {
      const drawn = this.bytes(INTEGER_BYTES).readUIntBE(0, INTEGER_BYTES);
      if (drawn < fair) return drawn % end;
    }
  }

  digits(count: number): string {
    return Array.from({ length: count }, () => this.integer(10)).join('');
  }

  hex(bytes: number): string {
    return this.bytes(bytes).toString('hex');
  }

  /** Version 4 (RFC 9562). */
  uuid(): string {
    const bytes = this.bytes(16);
    bytes.writeUInt8((bytes.readUInt8(6) & 0xf) | 0x40, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }
}

export const systemRandom = new Random(randomBytes);

/** The same bytes for the same seed and place, which without the seed look like any others. */
export const seededBytes = (seed: string, place: bigint | string, count: number): Buffer =>
  createHash('shake256', { outputLength: count })
    .update(JSON.stringify([seed, String(place)]))
    .digest();
