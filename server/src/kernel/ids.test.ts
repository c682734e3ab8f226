import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock, systemClock } from './clock.ts';
import { encodeBase32, ID_PREFIXES, type IdKind, TypeIds } from './ids.ts';

/** https://github.com/jetify-com/typeid/blob/main/spec/README.md */
const TYPE_ID = /^[a-zA-Z]{2,10}_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const COUNT = 100_000;

const at = (iso: string): ManualClock => new ManualClock(new Date(iso));

function decode(id: string): bigint {
  let value = 0n;
  for (const char of id.slice(id.indexOf('_') + 1)) value = value * 32n + BigInt(ALPHABET.indexOf(char));
  return value;
}

function expectRisingAndUnique(ids: readonly string[]): void {
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
}

describe('ids', () => {
  it('are TypeIDs: a prefix of the table and a UUIDv7', () => {
    const clock = at('2026-01-15T10:30:00.123Z');
    const ids = new TypeIds(clock);
    for (const [kind, prefix] of Object.entries(ID_PREFIXES)) {
      const id = ids.next(kind as IdKind);
      expect(id).toMatch(TYPE_ID);
      expect(id.startsWith(`${prefix}_`)).toBe(true);
      const uuid = decode(id);
      expect((uuid >> 76n) & 0xfn).toBe(7n);
      expect((uuid >> 62n) & 0b11n).toBe(0b10n);
    }
    expect(Number(decode(new TypeIds(clock).next('event')) >> 80n)).toBe(clock.now().getTime());
  });

  it('have prefixes of their own', () => {
    const prefixes = Object.values(ID_PREFIXES);
    expect(new Set(prefixes).size).toBe(prefixes.length);
  });

  it('rise and never repeat while the clock runs', () => {
    const ids = new TypeIds(systemClock);
    expectRisingAndUnique(Array.from({ length: COUNT }, () => ids.next('transfer')));
  });

  it('rise and never repeat while the clock stands still', () => {
    const ids = new TypeIds(at('2026-01-15T10:30:00Z'));
    expectRisingAndUnique(Array.from({ length: COUNT }, () => ids.next('transfer')));
  });

  it('rise even when the clock is set back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -10_000, max: 10_000 }), { maxLength: 200 }), (steps) => {
        const clock = at('2026-01-15T10:30:00Z');
        const ids = new TypeIds(clock);
        expectRisingAndUnique(
          steps.map((durationMs) => {
            clock.advance(durationMs);
            return ids.next('event');
          }),
        );
      }),
    );
  });

  it('differ between processes that share the millisecond', () => {
    const clock = at('2026-01-15T10:30:00Z');
    const made = Array.from({ length: 1_000 }, () => new TypeIds(clock).next('customer'));
    expect(new Set(made).size).toBe(made.length);
  });

  it('are dated by the clock of a project that has one, and rise by creation while it stands, in all processes', () => {
    const base = at('2026-01-15T10:30:00Z');
    const processes = [new TypeIds(base), new TypeIds(base)];
    let stoodMs = 0;
    const now = () => new Date('2027-05-01T00:00:00Z');
    const line = () => ({ now, ownTime: { projectId: 'prj_1', epoch: 0n, stoodMs } });
    const made: string[] = [];
    for (const step of [1, 1, 2, 60_000, 365 * 24 * 3_600_000]) {
      stoodMs += step;
      for (const ids of processes) {
        made.push(ids.next('event', line()));
        stoodMs += 1;
      }
    }
    expectRisingAndUnique(made);
    expectRisingAndUnique(
      Array.from({ length: COUNT }, () => (processes[0] as TypeIds).next('event', line())),
    );
    for (const id of made) {
      const uuid = decode(id);
      expect(Number(uuid >> 80n)).toBe(new Date('2027-05-01T00:00:00Z').getTime());
      expect((uuid >> 76n) & 0xfn).toBe(7n);
      expect((uuid >> 62n) & 0b11n).toBe(0b10n);
    }
    // What the project does says nothing of the others' time.
    expect(Number(decode((processes[0] as TypeIds).next('event')) >> 80n)).toBe(base.now().getTime());
  });

  it('go back with the time of their project', () => {
    const ids = new TypeIds(at('2026-01-15T10:30:00Z'));
    const made = [
      { year: 2027, epoch: 0n },
      { year: 2026, epoch: 1n },
    ].map(({ year, epoch }) => {
      const now = () => new Date(`${year}-05-01T00:00:00Z`);
      return decode(ids.next('event', { now, ownTime: { projectId: 'prj_1', epoch, stoodMs: undefined } }));
    });
    expect(made.map((uuid) => new Date(Number(uuid >> 80n)).getFullYear())).toEqual([2027, 2026]);
  });

  it('follow from what was drawn, and rise by its place', () => {
    const now = () => new Date('2026-05-01T00:00:00Z');
    const make = () => {
      let place = 2n ** 20n;
      const draws = {
        draw: (count: number) => ({
          place: place++,
          bytes: Buffer.alloc(count, 0xff - Number(place % 256n)),
        }),
      };
      const ids = new TypeIds(at('2026-01-15T10:30:00Z'));
      return Array.from({ length: 5_000 }, () => ids.next('event', { now, draws }));
    };
    const made = make();
    expectRisingAndUnique(made);
    expect(make()).toEqual(made);
    for (const id of made) {
      const uuid = decode(id);
      expect(Number(uuid >> 80n)).toBe(now().getTime());
      expect((uuid >> 76n) & 0xfn).toBe(7n);
      expect((uuid >> 62n) & 0b11n).toBe(0b10n);
    }
  });

  it('of what the chain keeps by its name are never drawn', () => {
    const draws = {
      draw: (): never => {
        throw new Error('drawn');
      },
    };
    const ids = new TypeIds(systemClock);
    for (const kind of ['send', 'relayBatch', 'ignoredTransfer', 'simulatedDeposit'] as const) {
      expect(ids.next(kind, { ...systemClock, now: () => systemClock.now(), draws })).toMatch(TYPE_ID);
    }
  });
});

describe('base32', () => {
  it('writes the 128 bits of the TypeID specification', () => {
    const bytes = Buffer.from('0110c8531d0952d8d73e1194e95b5f19', 'hex');
    expect(encodeBase32(bytes)).toBe('0123456789abcdefghjkmnpqrs');
    expect(encodeBase32(new Uint8Array(16))).toBe('0'.repeat(26));
    expect(encodeBase32(new Uint8Array(16).fill(0xff))).toBe(`7${'z'.repeat(25)}`);
  });

  it('keeps the order of the bytes', () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const order = Math.sign(Buffer.compare(a, b));
        const [x, y] = [encodeBase32(a), encodeBase32(b)];
        expect(x < y ? -1 : x > y ? 1 : 0).toBe(order);
      }),
    );
  });
});
