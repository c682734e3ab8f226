import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a user of the sandbox needs to know, as `NAME=value` lines that shells and dotenv readers take. */
export type SandboxEnv = Readonly<Record<string, string>>;

const OWNER_ONLY = 0o600;

export const sandboxEnvFile = (home: string): string => join(home, 'sandbox.env');

/** The file's pairs; none when there is no file yet. */
export async function readSandboxEnv(home: string): Promise<SandboxEnv> {
  const text = await readFile(sandboxEnvFile(home), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const pairs = text.split('\n').flatMap((line) => {
    const at = line.indexOf('=');
    return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
  });
  return Object.fromEntries(pairs);
}

/** Replaces the file in one step: a reader sees the old one or the new one. */
export async function writeSandboxEnv(home: string, env: SandboxEnv): Promise<void> {
  const file = sandboxEnvFile(home);
  const text = Object.entries(env)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
  await writeFile(`${file}.new`, text, { mode: OWNER_ONLY });
  await rename(`${file}.new`, file);
}
