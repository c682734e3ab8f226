import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The name says whose it is: `openoms-sandbox-<pid>-<random>`. */
const PREFIX = 'openoms-sandbox-';
const NAME = /^openoms-sandbox-([0-9]+)-/;

/** A new directory for an instance. Clears away those whose test run was killed. */
export async function makeHome(): Promise<string> {
  await removeAbandonedHomes();
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** With what may still be written to it: the last processes of an instance end a moment after it. */
export const removeHome = (home: string): Promise<void> =>
  rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });

async function removeAbandonedHomes(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, owner] = NAME.exec(name) ?? [];
    if (owner === undefined || isRunning(Number(owner))) continue;
    const home = join(tmpdir(), name);
    // Another user's, or one that another run removes at this moment.
    if (!(await isInUse(home))) await removeHome(home).catch(() => undefined);
  }
}

/** Whether the instance has not ended yet, which notices that its test run is gone. */
async function isInUse(home: string): Promise<boolean> {
  const text = await readFile(join(home, 'openoms.pid'), 'utf8').catch(() => '');
  const [, pid] = /"pid":([0-9]+)/.exec(text) ?? [];
  return pid !== undefined && isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
