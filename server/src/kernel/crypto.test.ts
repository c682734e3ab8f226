import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveKey, equalBytes, hmacSha256, randomHex, seal, secretKey, unseal } from './crypto.ts';

const key = secretKey(new Uint8Array(32).fill(7));
const otherKey = secretKey(new Uint8Array(32).fill(8));

describe('a sealed value', () => {
  it('opens to what was sealed, under its key and context', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (plaintext, context) => {
        expect(equalBytes(unseal(key, seal(key, plaintext, context), context), plaintext)).toBe(true);
      }),
    );
  });

  it('does not open under another key', () => {
    const sealed = seal(key, Buffer.from('secret'), 'customers.tax_id');
    expect(() => unseal(otherKey, sealed, 'customers.tax_id')).toThrow();
  });

  it('does not open in another place than the one it was sealed for', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (context, other) => {
        fc.pre(context !== other);
        const sealed = seal(key, Buffer.from('secret'), context);
        expect(() => unseal(key, sealed, other)).toThrow();
      }),
    );
  });

  it('does not open when any bit of it was changed', () => {
    const sealed = seal(key, Buffer.from('secret'), 'a');
    for (let bit = 0; bit < sealed.byteLength * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => unseal(key, changed, 'a')).toThrow();
    }
  });

  it('does not open when it was cut or lengthened', () => {
    const sealed = seal(key, Buffer.from('secret'), 'a');
    for (let length = 0; length < sealed.byteLength; length++) {
      expect(() => unseal(key, sealed.subarray(0, length), 'a')).toThrow();
    }
    expect(() => unseal(key, Buffer.concat([sealed, Buffer.alloc(1)]), 'a')).toThrow();
  });

  it('shows neither its content nor whether two are equal', () => {
    const one = seal(key, Buffer.from('secret'), 'a');
    expect(one.includes('secret')).toBe(false);
    expect(one.equals(seal(key, Buffer.from('secret'), 'a'))).toBe(false);
  });
});

describe('keys and codes', () => {
  it('derives another key for each purpose, always the same one', () => {
    expect(deriveKey(key, 'tokens').byteLength).toBe(32);
    expect(deriveKey(key, 'tokens').equals(deriveKey(key, 'tokens'))).toBe(true);
    expect(deriveKey(key, 'tokens').equals(deriveKey(key, 'cursors'))).toBe(false);
    expect(deriveKey(key, 'tokens').equals(deriveKey(otherKey, 'tokens'))).toBe(false);
  });

  it('computes HMAC-SHA-256 as RFC 4231 has it (test case 2)', () => {
    const mac = hmacSha256(secretKey(Buffer.from('Jefe')), 'what do ya want for nothing?');
    expect(mac.toString('hex')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });

  it('compares bytes of any length', () => {
    expect(equalBytes(Buffer.from('ab'), Buffer.from('ab'))).toBe(true);
    expect(equalBytes(Buffer.from('ab'), Buffer.from('ac'))).toBe(false);
    expect(equalBytes(Buffer.from('ab'), Buffer.from('abc'))).toBe(false);
  });

  it('draws as many random bytes as asked', () => {
    expect(randomHex(32)).toMatch(/^[0-9a-f]{64}$/);
    expect(randomHex(32)).not.toBe(randomHex(32));
  });
});
