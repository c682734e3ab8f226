import { randomBytes } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { argon2id, argon2Verify } from 'hash-wasm';

/** OWASP's parameters for Argon2id: 19 MiB, two passes, one lane. */
const MEMORY_KIB = 19 * 1_024;
const PASSES = 2;
const LANES = 1;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** `hash` undefined: to be made. */
export interface PasswordTask {
  readonly password: string;
  readonly hash: string | undefined;
}

/** The hash that was made, or whether the password is the one of the hash. */
export type PasswordAnswer = string | boolean;

const answer = ({ password, hash }: PasswordTask): Promise<PasswordAnswer> =>
  hash === undefined
    ? argon2id({
        password,
        salt: randomBytes(SALT_BYTES),
        memorySize: MEMORY_KIB,
        iterations: PASSES,
        parallelism: LANES,
        hashLength: HASH_BYTES,
        outputType: 'encoded',
      })
    : argon2Verify({ password, hash });

parentPort?.on('message', async (task: PasswordTask) => parentPort?.postMessage(await answer(task)));
