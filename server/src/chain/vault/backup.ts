import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import { seal, secretKey, unseal } from '../../kernel/crypto.ts';
import { createPrivateFile, type KeyEncryption, readPrivateFile } from '../../kernel/key-encryption.ts';
import { Keys } from './keys.ts';
import { MAX_KEY_SETS } from './protocol.ts';
import { seedFileOf, signingLogOf, unsealSeed } from './seed-file.ts';

/** What stands at the start of every backup. */
const MAGIC = Buffer.from('openoms/vault/backup/v1\n');
const CONTEXT = 'openoms/vault/backup/v1';
const DATA_KEY_BYTES = 32;
/** AES-GCM takes the log in one piece: six million authorizations. */
const MAX_LOG_BYTES = 1024 ** 3;
const NEWLINE = 0x0a;

/** There is no such backup, or it is damaged, of another format, or sealed under another key. */
export class BackupUnreadable extends Error {
  override readonly name = 'BackupUnreadable';
}

/** Something stands where a file of the vault is to be written. */
class VaultExists extends Error {
  override readonly name = 'VaultExists';
}

/** What the signer keeps on disk. */
export interface VaultContents {
  /** As they lie in their files, by key set; each opens with the key-encryption key alone. */
  readonly sealedSeeds: readonly Buffer[];
  /** Whole lines. */
  readonly signingLog: Buffer;
}

export interface VaultBackup extends VaultContents {
  readonly createdAt: string;
  /** The check value: each key set's first wallet address, in lower case. */
  readonly firstAddresses: readonly string[];
}

interface Header {
  readonly createdAt: string;
  readonly firstAddresses: readonly string[];
  readonly seeds: readonly string[];
}

/** The files of a vault; safe while the signer runs. Throws when there is no seed. */
export async function readVault(seedFile: string): Promise<VaultContents> {
  const sealedSeeds: Buffer[] = [];
  for (let keySet = 0; keySet < MAX_KEY_SETS; keySet++) {
    const sealed = await readPrivateFile(seedFileOf(seedFile, keySet));
    if (!sealed) break;
    sealedSeeds.push(sealed);
  }
  assert(sealedSeeds.length > 0, `there is no seed at ${seedFile}`);
  const log = (await readPrivateFile(signingLogOf(seedFile))) ?? Buffer.alloc(0);
  assert(log.byteLength <= MAX_LOG_BYTES, `the signing log is larger than ${MAX_LOG_BYTES} bytes`);
  // The signature of a line that is still being written has not been given out.
  return { sealedSeeds, signingLog: log.subarray(0, log.lastIndexOf(NEWLINE) + 1) };
}

/**
 * One file with everything, sealed under a key of its own that opens with the key-encryption key. The seeds in it stay
 * sealed for themselves. Throws when a seed does not open.
 */
export async function sealBackup(
  vault: VaultContents,
  keyEncryption: KeyEncryption,
  clock: Clock,
): Promise<Buffer> {
  const header: Header = {
    createdAt: clock.now().toISOString(),
    firstAddresses: (await openKeys(vault, keyEncryption)).map((keys) => keys.address('wallet', 0)),
    seeds: vault.sealedSeeds.map((sealed) => sealed.toString('base64')),
  };
  const dataKey = randomBytes(DATA_KEY_BYTES);
  const sealedKey = await keyEncryption.seal(dataKey, CONTEXT);
  const payload = Buffer.concat([withLength(Buffer.from(JSON.stringify(header))), vault.signingLog]);
  const sealed = seal(secretKey(dataKey), payload, CONTEXT);
  dataKey.fill(0);
  return Buffer.concat([MAGIC, withLength(sealedKey), sealed]);
}

/**
 * Opens a backup and derives its check values anew: what comes back is complete and its seeds open. Throws
 * BackupUnreadable.
 */
export async function openBackup(path: string, keyEncryption: KeyEncryption): Promise<VaultBackup> {
  try {
    const backup = await readBackup(await readFile(path), keyEncryption);
    const derived = (await openKeys(backup, keyEncryption)).map((keys) => keys.address('wallet', 0));
    assert(String(derived) === String(backup.firstAddresses), 'its seeds do not give its addresses');
    return backup;
  } catch (cause) {
    throw new BackupUnreadable(
      `${path} cannot be opened: it is no backup, is damaged, or was made under another key-encryption key.`,
      { cause },
    );
  }
}

async function readBackup(file: Buffer, keyEncryption: KeyEncryption): Promise<VaultBackup> {
  assert(file.subarray(0, MAGIC.byteLength).equals(MAGIC), 'not a backup');
  const [sealedKey, sealed] = splitLength(file.subarray(MAGIC.byteLength));
  const dataKey = await keyEncryption.unseal(sealedKey, CONTEXT);
  const [headerBytes, signingLog] = splitLength(unseal(secretKey(dataKey), sealed, CONTEXT));
  dataKey.fill(0);
  // Authenticated, so it is as sealBackup wrote it.
  const { createdAt, firstAddresses, seeds } = JSON.parse(headerBytes.toString('utf8')) as Header;
  const sealedSeeds = seeds.map((seed) => Buffer.from(seed, 'base64'));
  return { createdAt, firstAddresses, sealedSeeds, signingLog };
}

/** The keys of every key set. Throws when a seed does not open. */
export async function openKeys(vault: VaultContents, keyEncryption: KeyEncryption): Promise<Keys[]> {
  const keys: Keys[] = [];
  for (const [keySet, sealed] of vault.sealedSeeds.entries()) {
    keys.push(new Keys(await unsealSeed(sealed, keyEncryption, keySet)));
  }
  return keys;
}

/**
 * Puts a vault's files in their places, for a signer that is not running. Nothing is overwritten: throws VaultExists
 * when a file is there with other content. A restore that was cut short is finished by another.
 */
export async function writeVault(seedFile: string, vault: VaultContents): Promise<void> {
  const seeds = vault.sealedSeeds.map((sealed, keySet) => [seedFileOf(seedFile, keySet), sealed] as const);
  // The first seed comes last: without it a signer that finds the log does not start.
  const files = [[signingLogOf(seedFile), vault.signingLog] as const, ...seeds.toReversed()];
  for (const [path, content] of files) requireAbsentOrEqual(path, await readPrivateFile(path), content);
  for (const [path, content] of files) {
    requireAbsentOrEqual(path, await createPrivateFile(path, content), content);
  }
}

function requireAbsentOrEqual(path: string, found: Buffer | undefined, content: Buffer): void {
  if (found && !found.equals(content)) {
    throw new VaultExists(`${path} is there already. Move it away if it is not the one you need.`);
  }
}

function withLength(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.byteLength);
  return Buffer.concat([length, bytes]);
}

function splitLength(bytes: Buffer): [Buffer, Buffer] {
  const end = 4 + bytes.readUInt32BE(0);
  assert(end <= bytes.byteLength, 'cut short');
  return [bytes.subarray(4, end), bytes.subarray(end)];
}
