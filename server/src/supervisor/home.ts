import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Config, ConfigError } from '../config.ts';
import { isProcess, readPidFile, writePidFile } from '../kernel/process.ts';

export interface Home {
  readonly postgres: string;
  readonly chain: string;
  readonly logs: string;
  /** Pid files of the server's parts. */
  readonly run: string;
  readonly pidFile: string;
}

/** Makes the folders of an instance. Only its owner gets into the ones with keys and logs. */
export async function prepareHome(config: Config): Promise<Home> {
  const home = {
    postgres: join(config.home, 'postgres'),
    chain: join(config.home, 'chain'),
    logs: join(config.home, 'logs'),
    run: join(config.home, 'run'),
    pidFile: join(config.home, 'openoms.pid'),
  };
  await mkdir(config.home, { recursive: true });
  await mkdir(home.logs, { recursive: true, mode: 0o700 });
  await mkdir(home.run, { recursive: true, mode: 0o700 });
  await mkdir(dirname(config.seedFile), { recursive: true, mode: 0o700 });
  await mkdir(dirname(config.signerSocket), { recursive: true, mode: 0o700 });
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
