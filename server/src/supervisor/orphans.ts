import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openClusterDirectory } from '../db/embedded/cluster.ts';
import { EmbeddedPostgresError } from '../db/embedded/errors.ts';
import { clearLeftovers } from '../db/embedded/leftovers.ts';
import type { Logger } from '../kernel/log.ts';
import { endOrphan, endProcess, findProcess, readPidFile } from '../kernel/process.ts';
import type { Home } from './home.ts';

const PART_TIMEOUT_MS = 5_000;
const ANVIL_TIMEOUT_MS = 2_000;

/** The modes of the server that the supervisor runs in processes of their own. */
export const PARTS = ['api', 'worker', 'signer'] as const;
export type Part = (typeof PARTS)[number];

export const pidFileOf = (home: Home, part: Part): string => join(home.run, `${part}.pid`);

/** Ends the parts that a killed supervisor has left, should they not have noticed yet: they hold ports and sockets. */
export async function endLeftParts(home: Home, log: Logger): Promise<void> {
  const ended = await Promise.all(
    PARTS.map((part) => endOrphan(pidFileOf(home, part), { timeoutMs: PART_TIMEOUT_MS })),
  );
  if (ended.includes(true)) log.warn({}, 'ended the parts that an earlier run had left');
}

/**
 * For a part whose supervisor was killed: ends the database and the chain, which cannot notice that themselves.
 * Leaves those alone that belong to another supervisor, started meanwhile.
 */
export async function endParentless(home: Home, log: Logger): Promise<void> {
  const anvil = await readPidFile(join(home.chain, 'anvil.pid'));
  // Whoever lost the same parent was given to the same one.
  if (anvil && (await findProcess(anvil.pid))?.parentPid === process.ppid) {
    await endProcess(anvil, { signal: 'SIGKILL', timeoutMs: ANVIL_TIMEOUT_MS });
  }
  if (!existsSync(join(home.postgres, 'data'))) return;
  try {
    await clearLeftovers(await openClusterDirectory(home.postgres), log);
  } catch (error) {
    if (!(error instanceof EmbeddedPostgresError)) throw error;
  }
}
