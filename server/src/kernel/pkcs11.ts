import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { assert } from './assert.ts';
import {
  createPrivateFile,
  type KeyEncryption,
  keyEncryptionFromBytes,
  readPrivateFile,
} from './key-encryption.ts';

/** A 256-bit AES key inside an HSM, reached through its vendor's PKCS#11 library. */
export interface Pkcs11Key {
  /** Path of the library. */
  readonly module: string;
  readonly tokenLabel: string;
  /** CKA_ID, hexadecimal. */
  readonly keyId: string;
  readonly pin: string;
  /** Where the key-encryption key lies, wrapped. */
  readonly file: string;
  /** What the library needs to find its configuration. */
  readonly env: NodeJS.ProcessEnv;
}

/** The HSM, or the tool that speaks to it, said no. */
class Pkcs11Error extends Error {
  override readonly name = 'Pkcs11Error';
}

/** Of OpenSC. A native addon would need an install script. */
const TOOL = 'pkcs11-tool';
const TIMEOUT_MS = 30_000;
const KEY_BYTES = 32;
/** CBC, because every HSM has it and OpenSC 0.23 does no GCM; what is wrapped is authenticated by what it seals. */
const MECHANISM = 'AES-CBC-PAD';
const IV_BYTES = 16;
const WRAPPED_BYTES = 48;
const PIN_VARIABLE = 'OPENOMS_PIN';
const CHECK = 'openoms/key-encryption-key/wrapped/v1';

/**
 * Key encryption under 32 random bytes that lie on disk only as the HSM wrapped them; made at the first call, never
 * overwritten. The HSM is asked once: it opens the file, and its key never leaves it. Throws Pkcs11Error.
 */
export async function keyEncryptionFromPkcs11(key: Pkcs11Key): Promise<KeyEncryption> {
  const { file } = key;
  const content = (await readPrivateFile(file)) ?? (await createPrivateFile(file, await wrapNew(key)));
  const iv = content.subarray(0, IV_BYTES);
  const wrapped = content.subarray(IV_BYTES, IV_BYTES + WRAPPED_BYTES);
  const root = await ask(key, 'decrypt', iv, wrapped);
  try {
    assert(root.byteLength === KEY_BYTES, 'another length');
    const keyEncryption = keyEncryptionFromBytes(root);
    await keyEncryption.unseal(content.subarray(IV_BYTES + WRAPPED_BYTES), CHECK);
    return keyEncryption;
  } catch (cause) {
    throw new Pkcs11Error(`${file} is damaged, or was wrapped by another key of the HSM.`, { cause });
  } finally {
    root.fill(0);
  }
}

async function wrapNew(key: Pkcs11Key): Promise<Buffer> {
  const root = randomBytes(KEY_BYTES);
  const iv = randomBytes(IV_BYTES);
  try {
    const wrapped = await ask(key, 'encrypt', iv, root);
    assert(wrapped.byteLength === WRAPPED_BYTES, 'the wrapped key has another length');
    const check = await keyEncryptionFromBytes(root).seal(Buffer.from(CHECK), CHECK);
    return Buffer.concat([iv, wrapped, check]);
  } finally {
    root.fill(0);
  }
}

/** The bytes go through pipes and the PIN through the tool's environment: no file and no command line shows them. */
async function ask(
  { module, tokenLabel, keyId, pin, env }: Pkcs11Key,
  operation: 'encrypt' | 'decrypt',
  iv: Buffer,
  input: Buffer,
): Promise<Buffer> {
  const token = ['--module', module, '--token-label', tokenLabel, '--login', '--pin', `env:${PIN_VARIABLE}`];
  const args = [
    ...token,
    `--${operation}`,
    '--id',
    keyId,
    '--mechanism',
    MECHANISM,
    '--iv',
    iv.toString('hex'),
  ];
  const child = spawn(TOOL, args, { env: { ...env, [PIN_VARIABLE]: pin }, timeout: TIMEOUT_MS });
  const ended = once(child, 'close').catch((cause: Error) => {
    throw new Pkcs11Error(`${TOOL} of OpenSC cannot be run: ${cause.message}.`, { cause });
  });
  // A tool that refuses does not read what it is given.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [[code], output, said] = await Promise.all([ended, buffer(child.stdout), buffer(child.stderr)]);
  if (code === 0 && output.byteLength > 0) return output;
  const reason = /error: (.*)/.exec(said.toString('utf8'))?.[1] ?? `it ended with ${code}`;
  throw new Pkcs11Error(`The HSM did not ${operation} with key ${keyId} of token ${tokenLabel}: ${reason}.`);
}
