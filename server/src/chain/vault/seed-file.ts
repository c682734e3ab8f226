import { randomBytes } from 'node:crypto';
import { createPrivateFile, type KeyEncryption, readPrivateFile } from '../../kernel/key-encryption.ts';

const SEED_BYTES = 64;
/** Authenticated with the sealed bytes: another sealed value cannot be passed off as the seed. */
const CONTEXT = 'openoms/vault/seed/v1';

/**
 * The deployment's seed: 64 random bytes, sealed in a 0600 file made at the first start and never overwritten.
 * The caller overwrites the returned bytes once the keys are derived. Throws when the file cannot be unsealed.
 */
export async function openSeed(path: string, keyEncryption: KeyEncryption): Promise<Buffer> {
  const sealed = (await readPrivateFile(path)) ?? (await createSeed(path, keyEncryption));
  return keyEncryption.unseal(sealed, CONTEXT);
}

async function createSeed(path: string, keyEncryption: KeyEncryption): Promise<Buffer> {
  const seed = randomBytes(SEED_BYTES);
  try {
    return await createPrivateFile(path, await keyEncryption.seal(seed, CONTEXT));
  } finally {
    seed.fill(0);
  }
}
