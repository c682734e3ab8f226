import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { assert } from '../../kernel/assert.ts';
import { createPrivateFile, type KeyEncryption, readPrivateFile } from '../../kernel/key-encryption.ts';

const SEED_BYTES = 64;
/** Authenticated with the sealed bytes: another sealed value cannot be passed off as the seed. */
const CONTEXT = 'openoms/vault/seed/v1';

const contextOf = (keySet: number): string => (keySet === 0 ? CONTEXT : `${CONTEXT}/${keySet}`);

/** Where a key set's sealed seed lies; `seedFile` is that of set 0. */
export const seedFileOf = (seedFile: string, keySet: number): string =>
  keySet === 0 ? seedFile : `${seedFile}.${keySet}`;

/** Beside the seed: one log for all key sets. */
export const signingLogOf = (seedFile: string): string => `${seedFile}.signed`;

/**
 * The seed of key set 0: 64 random bytes, sealed in a 0600 file made at the first start and never overwritten.
 * The caller overwrites the returned bytes once the keys are derived. Throws when the file cannot be unsealed, or is
 * gone while the log of what it signed is not: that is a loss to mend, no first start.
 */
export async function openFirstSeed(seedFile: string, keyEncryption: KeyEncryption): Promise<Buffer> {
  const found = await findSeed(seedFile, keyEncryption, 0);
  if (found) return found;
  assert(
    !(await exists(signingLogOf(seedFile))),
    `${seedFile} is gone, but its signing log is there: restore it`,
  );
  return createSeed(seedFile, keyEncryption, 0);
}

/** The seed of a key set; undefined when it has none. The caller overwrites the bytes. */
export async function findSeed(
  seedFile: string,
  keyEncryption: KeyEncryption,
  keySet: number,
): Promise<Buffer | undefined> {
  const sealed = await readPrivateFile(seedFileOf(seedFile, keySet));
  return sealed && unsealSeed(sealed, keyEncryption, keySet);
}

/** Throws when the bytes are not the sealed seed of this key set under this key. */
export const unsealSeed = (
  sealed: Uint8Array,
  keyEncryption: KeyEncryption,
  keySet: number,
): Promise<Buffer> => keyEncryption.unseal(sealed, contextOf(keySet));

/** Makes and seals a random seed; the one that is there stays. The caller overwrites the returned bytes. */
export async function createSeed(
  seedFile: string,
  keyEncryption: KeyEncryption,
  keySet: number,
): Promise<Buffer> {
  const seed = randomBytes(SEED_BYTES);
  try {
    const sealed = await keyEncryption.seal(seed, contextOf(keySet));
    const written = await createPrivateFile(seedFileOf(seedFile, keySet), sealed);
    return await unsealSeed(written, keyEncryption, keySet);
  } finally {
    seed.fill(0);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
