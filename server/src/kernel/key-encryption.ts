import { type KeyObject, randomBytes } from 'node:crypto';
import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { assert } from './assert.ts';
import { deriveKey, seal, secretKey, unseal } from './crypto.ts';

/**
 * The port to the deployment's key-encryption key. The root key stays behind it: callers get keys derived for one
 * named purpose, or have bytes sealed and unsealed (asynchronous, because a vault or an HSM answers over a network).
 */
export interface KeyEncryption {
  /** The same purpose gives the same key, different purposes unrelated ones. */
  derive(purpose: string): KeyObject;
  /** AES-256-GCM; `context` says what the bytes are and must be repeated to unseal them. */
  seal(plaintext: Uint8Array, context: string): Promise<Buffer>;
  /** Throws when the key, the context or a byte differs. */
  unseal(sealed: Uint8Array, context: string): Promise<Buffer>;
}

const KEY_BYTES = 32;
const OWNER_ONLY = 0o600;
const GROUP_AND_OTHERS = 0o077;

/** Key encryption under 32 bytes held in this process; the bytes given are not kept. */
export function keyEncryptionFromBytes(key: Uint8Array): KeyEncryption {
  assert(key.byteLength === KEY_BYTES, `a key-encryption key has ${KEY_BYTES} bytes`);
  const root = secretKey(key);
  const sealing = secretKey(deriveKey(root, 'seal'));
  return {
    derive: (purpose) => secretKey(deriveKey(root, `derive:${purpose}`)),
    seal: async (plaintext, context) => seal(sealing, plaintext, context),
    unseal: async (sealed, context) => unseal(sealing, sealed, context),
  };
}

/** From configuration: 64 hexadecimal characters. The text never appears in an error. */
export function keyEncryptionFromHex(hex: string): KeyEncryption {
  assert(/^[0-9a-fA-F]{64}$/.test(hex), 'a key-encryption key is written as 64 hexadecimal characters');
  return keyEncryptionFromBytes(Buffer.from(hex, 'hex'));
}

/**
 * From a file of 32 random bytes that only its owner may read; made at the first call, never overwritten.
 * Throws when the file is open to group or others, or has another length.
 */
export async function keyEncryptionFromFile(path: string): Promise<KeyEncryption> {
  return keyEncryptionFromBytes(
    (await readPrivateFile(path)) ?? (await createPrivateFile(path, randomBytes(KEY_BYTES))),
  );
}

/** The bytes of a file that only its owner may read; undefined when there is none. */
export async function readPrivateFile(path: string): Promise<Buffer | undefined> {
  try {
    const { mode } = await stat(path);
    assert((mode & GROUP_AND_OTHERS) === 0, `${path} must be readable by its owner only (chmod 600)`);
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Writes a new 0600 file durably and in one step: a reader sees all of it or nothing, also after a power cut.
 * When another process made it first, that one's content stays and is returned.
 */
export async function createPrivateFile(path: string, content: Uint8Array): Promise<Buffer> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(draft, 'wx', OWNER_ONLY);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    // link(2) fails when the name exists, where rename(2) would replace a key that something is sealed under.
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await syncDirectory(dirname(path));
  } finally {
    await rm(draft, { force: true });
  }
  const written = await readPrivateFile(path);
  assert(written, `${path} was just written`);
  return written;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
