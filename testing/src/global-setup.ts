import { Instance } from './instance.ts';
import { SHARED_HOME } from './testing.ts';

/**
 * For the `globalSetup` of a test runner: one instance for all its test processes, which find it by the environment that
 * they inherit. Answers what ends it.
 */
export async function setup(): Promise<() => Promise<void>> {
  const instance = await Instance.start();
  process.env[SHARED_HOME] = instance.home;
  return async () => {
    delete process.env[SHARED_HOME];
    await instance.close();
  };
}
