import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { type Config, ConfigError } from '../config.ts';
import { freePort, isProcess, readPidFile, writePidFile } from '../kernel/process.ts';

export interface Home {
  readonly postgres: string;
  readonly chain: string;
  readonly logs: string;
  /** Pid files of the server's parts. */
  readonly run: string;
  readonly pidFile: string;
}

export const homeOf = (config: Config): Home => ({
  postgres: join(config.home, 'postgres'),
  chain: join(config.home, 'chain'),
  logs: join(config.home, 'logs'),
  run: join(config.home, 'run'),
  pidFile: join(config.home, 'openoms.pid'),
});

/** Makes the folders of an instance. Only its owner gets into the ones with keys and logs. */
export async function prepareHome(config: Config): Promise<Home> {
  const home = homeOf(config);
  try {
    await mkdir(config.home, { recursive: true });
    for (const dir of [home.logs, home.run, dirname(config.seedFile), dirname(config.signerSocket)]) {
      await mkdir(dir, { recursive: true, mode: 0o700 });
    }
  } catch (cause) {
    throw new ConfigError(`OMS_HOME ${config.home} cannot be used: ${(cause as Error).message}.`, { cause });
  }
  return home;
}

/** A running supervisor's command line contains this. */
const SUPERVISOR = 'main.ts all';

/** One instance per home. Throws a sentence for the operator when another one is running. */
export async function claimHome(home: Home): Promise<void> {
  const record = await readPidFile(home.pidFile);
  if (record && record.pid !== process.pid && (await isProcess(record))) {
    throw new ConfigError(
      `Another instance (process ${record.pid}) runs on this OMS_HOME; stop it, or choose another OMS_HOME and PORT.`,
    );
  }
  await writePidFile(home.pidFile, { pid: process.pid, command: SUPERVISOR });
}

/**
 * The API's port: the configured one, or any free one for 0. Throws a sentence for the operator when it cannot be
 * bound, before anything is started that would have to be stopped again.
 */
export async function claimPort({ host, port }: Config): Promise<number> {
  if (port === 0) return freePort();
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  }).catch((error: NodeJS.ErrnoException) => {
    throw cannotListen(host, port, error);
  });
  return port;
}

/** What to tell the operator of a failed listen(2). */
export function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): ConfigError {
  const reason =
    cause.code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be bound (${cause.code})`;
  return new ConfigError(`PORT ${port} on ${host} ${reason}; choose another PORT.`, { cause });
}
