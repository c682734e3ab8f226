import { createHash } from 'node:crypto';
import { must } from '../../src/kernel/assert.ts';

const WORDS = 4;

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A share in [0, 1) that follows from the text alone, whatever was asked before. */
export const shareOf = (text: string): number => digestOf(text).readUInt32BE(0) / 2 ** 32;

/** A stream of chance that follows from its name (xoshiro128**). */
export class Chance {
  readonly #state: Uint32Array;

  constructor(name: string) {
    const digest = digestOf(name);
    this.#state = Uint32Array.from({ length: WORDS }, (_, i) => digest.readUInt32BE(4 * i));
  }

  /** Uniform in 0 … limit - 1. */
  below(limit: number): number {
    return Math.floor((this.#next() / 2 ** 32) * limit);
  }

  /** Uniform in low … high. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  happens(share: number): boolean {
    return this.#next() / 2 ** 32 < share;
  }

  pick<T>(items: readonly T[]): T {
    return must(items[this.below(items.length)], 'something to pick from');
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.#next() >>> 24;
  }

  hex(bytes: number): string {
    const values = new Uint8Array(bytes);
    this.fill(values);
    return Buffer.from(values).toString('hex');
  }

  #next(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#state;
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const moved = c ^ a;
    const last = d ^ b;
    this.#state[1] = b ^ moved;
    this.#state[0] = a ^ last;
    this.#state[2] = moved ^ (b << 9);
    this.#state[3] = rotate(last, 11);
    return result;
  }
}

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));
