import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keyEncryptionFromPkcs11, type Pkcs11Key } from './pkcs11.ts';

/** Where Debian, Fedora and Homebrew put SoftHSM. */
const MODULE = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/softhsm/libsofthsm.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
].find((path) => existsSync(path));
const SOFTHSM = 'softhsm2-util';
const OPENSC = 'pkcs11-tool';
const isInstalled = (program: string): boolean =>
  (process.env.PATH ?? '').split(':').some((dir) => existsSync(join(dir, program)));
const missing = [
  ...(MODULE ? [] : ['libsofthsm2']),
  ...[SOFTHSM, OPENSC].filter((program) => !isInstalled(program)),
];

describe('a key-encryption key behind PKCS#11', () => {
  let dir: string;
  let file: string;
  let env: NodeJS.ProcessEnv;
  let key: Pkcs11Key;

  beforeAll(async () => {
    if (missing.length > 0) return;
    dir = await mkdtemp(join(tmpdir(), 'oms-hsm-'));
    file = join(dir, 'key.wrapped');
    await mkdir(join(dir, 'tokens'));
    env = { PATH: process.env.PATH, SOFTHSM2_CONF: join(dir, 'softhsm2.conf') };
    await writeFile(join(dir, 'softhsm2.conf'), `directories.tokendir = ${join(dir, 'tokens')}\n`);
    key = { module: MODULE ?? '', tokenLabel: 'openoms', keyId: '01', pin: '5678', file, env };
    const quiet = { env, stdio: 'ignore' } as const;
    const token = ['--label', 'openoms', '--so-pin', '1234', '--pin', '5678'];
    execFileSync(SOFTHSM, ['--init-token', '--free', ...token], quiet);
    const login = ['--module', key.module, '--token-label', 'openoms', '--login', '--pin', '5678'];
    for (const id of ['01', '02']) {
      const made = ['--keygen', '--key-type', 'AES:32', '--id', id, '--label', id, '--sensitive'];
      execFileSync(OPENSC, [...login, ...made], quiet);
    }
  });
  afterAll(() => (dir ? rm(dir, { recursive: true, force: true }) : undefined));
  beforeEach((context) => {
    if (missing.length > 0)
      context.skip(`no ${missing.join(', ')} (apt-get install softhsm2 opensc): PKCS#11 is not tested`);
  });

  it('is the same at each start, and its file is written once, for its owner', async () => {
    const first = await keyEncryptionFromPkcs11(key);
    const sealed = await first.seal(Buffer.from('the seed'), 'test');
    const wrapped = await readFile(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const second = await keyEncryptionFromPkcs11(key);
    expect((await second.unseal(sealed, 'test')).toString()).toBe('the seed');
    expect(second.derive('x').export()).toEqual(first.derive('x').export());
    expect(await readFile(file)).toEqual(wrapped);
  });

  it('does not open with another key, another file or a damaged one', async () => {
    await expect(keyEncryptionFromPkcs11({ ...key, keyId: '02' })).rejects.toThrow(/Pkcs11|HSM/);
    const wrapped = await readFile(file);
    for (const at of [0, 20, wrapped.byteLength - 1]) {
      const damaged = Buffer.from(wrapped);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      await writeFile(join(dir, 'damaged'), damaged, { mode: 0o600 });
      await expect(keyEncryptionFromPkcs11({ ...key, file: join(dir, 'damaged') })).rejects.toThrow(/HSM/);
    }
  });

  it('says what is wrong in one sentence, without the PIN', async () => {
    const refused = await keyEncryptionFromPkcs11({ ...key, pin: '99990000' }).catch(String);
    expect(refused).toMatch(/CKR_PIN_INCORRECT/);
    expect(refused).not.toContain('99990000');
    await expect(keyEncryptionFromPkcs11({ ...key, tokenLabel: 'none' })).rejects.toThrow(/none/);
    await expect(keyEncryptionFromPkcs11({ ...key, env: { ...env, PATH: dir } })).rejects.toThrow(
      /cannot be run/,
    );
  });
});
