import { type Connection, connectionOfHome } from '@openoms/cli/src/connection.ts';
import type { Seed, World } from '@openoms/cli/src/seed/seed.ts';
import { OpenOMS } from '@openoms/sdk';
import type { EventMatcher } from './expected-events.ts';
import { Instance, type InstanceOptions } from './instance.ts';
import { type Duration, type Expectation, Sandbox } from './sandbox.ts';

export type { Duration, EventMatcher, Expectation, Sandbox, Seed, World };

/** Where the home of an instance stands that several test processes share; `global-setup.ts` sets it. */
export const SHARED_HOME = 'OPENOMS_TESTING_HOME';
const DEFAULT_NAME = 'Tests';

export interface SandboxOptions extends InstanceOptions {
  /** Of the project: ids, codes and addresses follow from it and from the calls in their order. Random without. */
  readonly seed?: string;
  /** Where its clock stands at first; without it, and without a seed, its time is the real one. */
  readonly startsAt?: Date | string;
  /** Of the project, for people. */
  readonly name?: string;
}

/**
 * A sandbox for tests: a whole OpenOMS with a database, a chain and simulated banks, and a project of its own in it. Uses
 * the instance that the test run shares, if there is one (`openoms/testing/global-setup`), else starts one in a temporary
 * directory; `port` and `env` are for that.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const shared = process.env[SHARED_HOME];
  if (shared !== undefined) return new Sandbox(await newProject(await connectionOf(shared), options));
  const instance = await Instance.start(options);
  try {
    return new Sandbox(await newProject(instance.connection, options), instance);
  } catch (error) {
    await instance.close();
    throw error;
  }
}

async function connectionOf(home: string): Promise<Connection> {
  const connection = await connectionOfHome(home);
  if (connection) return connection;
  throw new Error(`${SHARED_HOME} is ${home}, and no instance was started there.`);
}

async function newProject(instance: Connection, options: SandboxOptions): Promise<Connection> {
  const { name = DEFAULT_NAME, seed, startsAt } = options;
  const { data } = await new OpenOMS(instance).sandbox.projects.create({
    projects: [
      {
        name,
        ...(seed !== undefined && { seed }),
        ...(startsAt !== undefined && { startsAt: new Date(startsAt).toISOString() }),
      },
    ],
  });
  const [project] = data;
  if (!project) throw new TypeError('The instance made no project.');
  return { ...instance, apiKey: project.apiKey, apiSecret: project.apiSecret };
}
