import type { Context } from '../context.ts';
import { PLATFORM } from '../db/database.ts';
import type { Credentials } from '../projects/service.ts';
import { readSandboxEnv } from './sandbox-env.ts';

/**
 * The key pair that is printed: the one written at an earlier start if it still works, a new key when its file is
 * lost, the first project's when there is none yet. Only the file knows the secret; the database has a keyed hash.
 */
export async function ensureCredentials(
  context: Context,
  home: string,
  fromFaucet: boolean,
): Promise<Credentials> {
  const { OMS_API_KEY: apiKey, OMS_API_SECRET: apiSecret } = await readSandboxEnv(home);
  if (apiKey && apiSecret) {
    const known = await context.db.tx(PLATFORM, (tx) => context.apiKeys.verify(tx, apiKey, apiSecret));
    if (known) return { projectId: known.projectId, apiKey, apiSecret };
  }
  const first = (await context.projects.list()).find(({ mode }) => mode === 'sandbox');
  if (first) return context.projects.addKey(first, 'key of a restart');
  return context.projects.create({ name: 'Sandbox', mode: 'sandbox', fromFaucet });
}
