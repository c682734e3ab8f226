import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findCurrentKeySet, type KnownAddress, startKeySet } from '../chain/addresses.ts';
import {
  openBackup,
  openKeys,
  readVault,
  sealBackup,
  type VaultContents,
  writeVault,
} from '../chain/vault/backup.ts';
import { VaultUnavailable } from '../chain/vault/client.ts';
import { createSeed } from '../chain/vault/seed-file.ts';
import { type Config, ConfigError } from '../config.ts';
import type { Context } from '../context.ts';
import { systemClock } from '../kernel/clock.ts';
import { createPrivateFile, type KeyEncryption, readPrivateFile } from '../kernel/key-encryption.ts';
import { openKeyEncryption, openVault } from '../runtime.ts';

/**
 * The key-encryption key, which must be there: a start makes one where none is, and a vault sealed under another key
 * would then look damaged.
 */
export async function existingKeyEncryption(config: Config): Promise<KeyEncryption> {
  const file = config.pkcs11?.file ?? config.keyEncryptionKeyFile;
  if (config.keyEncryptionKey === undefined && !(await readPrivateFile(file))) {
    throw new ConfigError(
      `There is no key-encryption key: set OMS_KEY_ENCRYPTION_KEY, or put it back at ${file}.`,
    );
  }
  return openKeyEncryption(config);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Writes the vault's seeds and signing log to one sealed file. Throws when the file is there already. */
export async function backupVault(
  config: Config,
  keyEncryption: KeyEncryption,
  file: string,
): Promise<number> {
  if (await readPrivateFile(file))
    throw new ConfigError(`${file} is there already; a backup overwrites nothing.`);
  const sealed = await sealBackup(await readVault(config.seedFile), keyEncryption, systemClock);
  const written = await createPrivateFile(file, sealed);
  if (!written.equals(sealed)) throw new ConfigError(`${file} was made by another process meanwhile.`);
  const backup = await openBackup(file, keyEncryption);
  say(`Backed up ${describe(backup)} to ${file}.`);
  say(`SHA-256 ${createHash('sha256').update(written).digest('hex')}`);
  say('It opens with the key-encryption key alone: keep that one elsewhere.');
  return 0;
}

/**
 * Puts a backup's files in place for a signer that is not running. The pool, if given, tells whether the seeds are
 * those of the database; nothing is written when they are not.
 */
export async function restoreVault(
  config: Config,
  keyEncryption: KeyEncryption,
  file: string,
  pool: readonly KnownAddress[] | undefined,
): Promise<number> {
  await requireSignerStopped(config);
  const backup = await openBackup(file, keyEncryption);
  if (pool) await requireSamePool(backup, keyEncryption, pool);
  await mkdir(dirname(config.seedFile), { recursive: true, mode: 0o700 });
  await writeVault(config.seedFile, backup);
  // From the disk, not from memory: what was written is what opens.
  const restored = await readVault(config.seedFile);
  if (pool) await requireSamePool(restored, keyEncryption, pool);
  say(`Restored ${describe(restored)}, as of ${backup.createdAt}.`);
  say(
    pool
      ? 'Its addresses are those of the database.'
      : 'Not compared with a database; the worker does that when it starts.',
  );
  return 0;
}

/**
 * Makes a new seed, which new addresses come from; the older ones go on signing for theirs. Needs the running signer,
 * and its host: the seed is sealed beside the others.
 */
export async function rotateKeySet(
  config: Config,
  keyEncryption: KeyEncryption,
  { db }: Context,
): Promise<number> {
  const current = await findCurrentKeySet(db);
  if (current === undefined) throw new ConfigError('The address pool is empty: start the worker first.');
  const keySet = current + 1;
  const vault = openVault(config);
  try {
    const seed = await createSeed(config.seedFile, keyEncryption, keySet);
    seed.fill(0);
    const first = await startKeySet({ vault, db, keySet });
    say(`New addresses now come from key set ${keySet}, from index ${first} on.`);
    say('Back up the vault now: no earlier backup has this seed.');
    return 0;
  } finally {
    vault.close();
  }
}

const describe = ({ sealedSeeds, signingLog }: VaultContents): string =>
  `${sealedSeeds.length} key set${sealedSeeds.length === 1 ? '' : 's'} and ${signingLog.byteLength} bytes of signing log`;

async function requireSignerStopped(config: Config): Promise<void> {
  const vault = openVault(config);
  const answers = await vault.relayerAddress(0).then(
    () => true,
    (error: Error) => {
      if (error instanceof VaultUnavailable) return false;
      throw error;
    },
  );
  vault.close();
  if (answers) throw new ConfigError('The signer is running: stop it before you restore its vault.');
}

async function requireSamePool(
  vault: VaultContents,
  keyEncryption: KeyEncryption,
  known: readonly KnownAddress[],
): Promise<void> {
  const keys = await openKeys(vault, keyEncryption);
  for (const { keySet, keyIndex, address } of known) {
    const of = `address ${keyIndex} of key set ${keySet}`;
    if (!keys[keySet]) throw new ConfigError(`The database has ${of}, whose seed the vault lacks.`);
    if (keys[keySet].address('wallet', keyIndex) !== address) {
      throw new ConfigError(`The database has another ${of}: this is not its vault.`);
    }
  }
}
