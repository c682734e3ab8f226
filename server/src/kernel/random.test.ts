import { describe, expect, it } from 'vitest';
import { Random, seededBytes, systemRandom } from './random.ts';

const seeded = (seed: string): Random => {
  let place = 0n;
  return new Random((count) => seededBytes(seed, place++, count));
};

describe('chance', () => {
  it('repeats with a seed, and differs from seed to seed', () => {
    const draw = (random: Random) => [
      random.hex(32),
      random.uuid(),
      random.digits(16),
      random.integer(281_000_000_000_000),
    ];
    expect(draw(seeded('a'))).toEqual(draw(seeded('a')));
    expect(draw(seeded('a'))).not.toEqual(draw(seeded('b')));
    expect(draw(systemRandom)).not.toEqual(draw(systemRandom));
  });

  it('takes no number for another: of three, each comes a third of the time', () => {
    const random = seeded('three');
    const counts = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) {
      const drawn = random.integer(3);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('gives none of the numbers at the end that some would come once too often', () => {
    const tooHigh = Buffer.alloc(6, 0xff);
    const queue = [tooHigh, Buffer.from([0, 0, 0, 0, 0, 5])];
    expect(new Random(() => queue.shift() ?? tooHigh).integer(3 * 2 ** 40)).toBe(5);
  });

  it('makes UUIDs of version 4', () => {
    for (let i = 0; i < 100; i++) {
      expect(seeded(String(i)).uuid()).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }
  });
});
