import { type Connection, connectionOfHome } from '@openoms/cli/src/connection.ts';
import type { EventMatcher } from './expected-events.ts';
import { Instance, type InstanceOptions } from './instance.ts';
import { type Duration, type Expectation, Sandbox } from './sandbox.ts';

export type { Duration, EventMatcher, Expectation, Sandbox };

/** Where the home of an instance stands that several test processes share; `global-setup.ts` sets it. */
export const SHARED_HOME = 'OPENOMS_TESTING_HOME';

export interface SandboxOptions extends InstanceOptions {}

/**
 * A sandbox for tests: a whole OpenOMS with a database, a chain and simulated banks. Uses the instance that the test run
 * shares, if it has one (`openoms/testing/global-setup`), else starts one in a temporary directory.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const shared = process.env[SHARED_HOME];
  if (shared !== undefined) return new Sandbox(await connectionOf(shared));
  const instance = await Instance.start(options);
  return new Sandbox(instance.connection, instance);
}

async function connectionOf(home: string): Promise<Connection> {
  const connection = await connectionOfHome(home);
  if (connection) return connection;
  throw new Error(`${SHARED_HOME} is ${home}, and no instance was started there.`);
}
