import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPrivateFile, keyEncryptionFromFile, keyEncryptionFromHex } from './key-encryption.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oms-kek-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('key encryption', () => {
  const hex = '0f'.repeat(32);

  it('unseals what it sealed, under the same key and context only', async () => {
    const sealed = await keyEncryptionFromHex(hex).seal(Buffer.from('seed'), 'a');
    expect((await keyEncryptionFromHex(hex).unseal(sealed, 'a')).toString()).toBe('seed');
    await expect(keyEncryptionFromHex(hex).unseal(sealed, 'b')).rejects.toThrow();
    await expect(keyEncryptionFromHex('1f'.repeat(32)).unseal(sealed, 'a')).rejects.toThrow();
  });

  it('derives one key per purpose, the same in every process', () => {
    const a = keyEncryptionFromHex(hex).derive('tokens');
    expect(a.equals(keyEncryptionFromHex(hex).derive('tokens'))).toBe(true);
    expect(a.equals(keyEncryptionFromHex(hex).derive('cursors'))).toBe(false);
  });

  it('refuses a key that is not 64 hexadecimal characters, without showing it', () => {
    const wrong = 'zz'.repeat(32);
    expect(() => keyEncryptionFromHex(wrong)).toThrow(/64 hexadecimal/);
    expect(() => keyEncryptionFromHex(wrong)).not.toThrow(wrong);
  });
});

describe('the key file', () => {
  it('is made once, for its owner only, and kept', async () => {
    const path = join(dir, 'kek');
    const sealed = await (await keyEncryptionFromFile(path)).seal(Buffer.from('seed'), 'a');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(path)).size).toBe(32);
    expect((await (await keyEncryptionFromFile(path)).unseal(sealed, 'a')).toString()).toBe('seed');
    expect(await readdir(dir)).toEqual(['kek']);
  });

  it('is one key when several processes start at once', async () => {
    const path = join(dir, 'kek');
    const ports = await Promise.all(Array.from({ length: 8 }, () => keyEncryptionFromFile(path)));
    const sealed = await ports[0]?.seal(Buffer.from('x'), 'a');
    for (const port of ports)
      expect((await port.unseal(sealed ?? Buffer.alloc(0), 'a')).toString()).toBe('x');
  });

  it('is refused when others may read it, or when it has another length', async () => {
    const path = join(dir, 'kek');
    await keyEncryptionFromFile(path);
    await chmod(path, 0o640);
    await expect(keyEncryptionFromFile(path)).rejects.toThrow(/owner only/);
    await writeFile(join(dir, 'short'), 'abc', { mode: 0o600 });
    await expect(keyEncryptionFromFile(join(dir, 'short'))).rejects.toThrow(/32 bytes/);
  });

  it('is never overwritten', async () => {
    const path = join(dir, 'kek');
    await createPrivateFile(path, Buffer.from('first'));
    expect((await createPrivateFile(path, Buffer.from('second'))).toString()).toBe('first');
  });
});
