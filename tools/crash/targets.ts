import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from '../../server/src/kernel/assert.ts';
import { findProcess, isProcess, readPidFile } from '../../server/src/kernel/process.ts';
import { killQuietly, type Part, pidOf, processesOf } from './processes.ts';

/**
 * What one kill hits: one process, the supervisor's process group (with api, worker and signer), or everything
 * (with PostgreSQL and anvil, which have groups of their own).
 */
export const TARGETS = [
  'api',
  'worker',
  'signer',
  'postmaster',
  'backend',
  'anvil',
  'supervisor',
  'group',
  'everything',
] as const;
export type Target = (typeof TARGETS)[number];

/** After these there is no supervisor: somebody has to start the instance again. The others it heals itself. */
const WHOLE: readonly Target[] = ['supervisor', 'group', 'everything'];
export const needsNewStart = (target: Target): boolean => WHOLE.includes(target);

/** A pid that `kill` takes; a negative one is a process group. */
export interface Victim {
  readonly pid: number;
  readonly what: string;
}

/** The processes to kill, as they run now, each known by its recorded pid and its command line; none when it is down. */
export async function victimsOf(
  home: string,
  supervisorPid: number,
  target: Target,
  random: () => number,
): Promise<Victim[]> {
  switch (target) {
    case 'supervisor':
      return [{ pid: supervisorPid, what: 'supervisor' }];
    case 'group':
      return [{ pid: -supervisorPid, what: 'group' }];
    case 'everything': {
      const others = await Promise.all([partOf(home, 'postgres'), partOf(home, 'anvil')]);
      return [{ pid: -supervisorPid, what: 'group' }, ...others.flat()];
    }
    case 'postmaster':
      return partOf(home, 'postgres');
    case 'backend':
      return backendOf(home, random);
    default:
      return partOf(home, target);
  }
}

export function kill(victims: readonly Victim[]): void {
  for (const { pid } of victims) killQuietly(pid, 'SIGKILL');
}

/** The part, if the process that its pid file names is it. */
export async function partOf(home: string, part: Part): Promise<Victim[]> {
  if (part === 'postgres') {
    const pid = await pidOf(home, part).catch(() => 0);
    return (await isProcess({ pid, command: await dataOf(home) })) ? [{ pid, what: 'postmaster' }] : [];
  }
  const file = part === 'anvil' ? join(home, 'chain', 'anvil.pid') : join(home, 'run', `${part}.pid`);
  const record = await readPidFile(file);
  return record && (await isProcess(record)) ? [{ pid: record.pid, what: part }] : [];
}

/** One of the postmaster's children: a session of ours, the checkpointer, the WAL writer, and so on. */
async function backendOf(home: string, random: () => number): Promise<Victim[]> {
  const [postmaster] = await partOf(home, 'postgres');
  if (!postmaster) return [];
  const children = (
    await Promise.all(
      (
        await processesOf(home)
      ).map(async ({ pid, commandLine }) => {
        const isChild = (await findProcess(pid))?.parentPid === postmaster.pid;
        return isChild && commandLine.startsWith('postgres: ') ? [{ pid, what: commandLine }] : [];
      }),
    )
  ).flat();
  if (children.length === 0) return [];
  const { pid, what } = must(children[Math.floor(random() * children.length)], 'a backend');
  // `postgres: oms_login postgres 127.0.0.1(40000) idle`: whose it is, not what it does.
  return [
    {
      pid,
      what: what
        .replace(/^postgres: /, 'backend: ')
        .split(' ')
        .slice(0, 3)
        .join(' '),
    },
  ];
}

const dataOf = async (home: string): Promise<string> => join(await realpath(home), 'postgres', 'data');

/** How many processes of each part there are, as text; in an instance that is well, one of each. */
export async function countParts(home: string, supervisorPid: number): Promise<string> {
  const found = await processesOf(home);
  const countOf = (name: string, isIt: (commandLine: string, pid: number) => boolean): string =>
    `${name} ${found.filter(({ pid, commandLine }) => isIt(commandLine, pid)).length}`;
  const isMode = (mode: string) => (commandLine: string) => commandLine.includes(`main.ts ${mode}`);
  return [
    countOf('supervisor', (commandLine, pid) => isMode('all')(commandLine) && pid === supervisorPid),
    countOf('api', isMode('api')),
    countOf('worker', isMode('worker')),
    countOf('signer', isMode('signer')),
    countOf('anvil', (commandLine) => commandLine.includes('anvil-cache')),
    countOf('postmaster', (commandLine) => commandLine.includes(' -D ')),
  ].join(', ');
}

export const ONE_OF_EACH = 'supervisor 1, api 1, worker 1, signer 1, anvil 1, postmaster 1';

/** What an instance that does not come back says of it. */
export const lastLinesOf = async (home: string, name: string): Promise<string> =>
  (await readFile(join(home, 'logs', `${name}.log`), 'utf8').catch(() => ''))
    .split('\n')
    .slice(-8)
    .join('\n');
