import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { PLANTED_BUGS } from './planted-bugs/bugs.ts';
import type { PlantedBug } from './planted-bugs/planted-bug.ts';

/**
 * `npm run planted-bugs [-- --only "part of a name"]`: makes each known mistake in a copy of the tree, one at a time,
 * and has the tests that it concerns look for it. Exit code 1 when one of them is not noticed.
 */
const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = promisify(execFile);
const { workspaces: WORKSPACES } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
  workspaces: readonly string[];
};

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** The tracked files as they are now, and what is installed. */
async function copyTree(to: string): Promise<void> {
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  });
  for (const path of stdout.split('\0').filter((each) => each !== '')) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await copyFile(join(root, path), join(to, path));
  }
  // A workspace has versions of its own of what it shares with others.
  for (const folder of ['.', ...WORKSPACES]) {
    const installed = join(folder, 'node_modules');
    if (existsSync(join(root, installed))) await symlink(join(root, installed), join(to, installed));
  }
}

/** The first test that fails; undefined when all pass. */
async function firstFailure(tree: string, tests: readonly string[]): Promise<string | undefined> {
  const report = join(tree, 'report.json');
  const child = spawn(
    'vitest',
    ['run', ...tests, '--bail=1', '--reporter=json', `--outputFile.json=${report}`],
    {
      cwd: tree,
      stdio: 'ignore',
    },
  );
  const [code] = await once(child, 'exit');
  if (code === 0) return undefined;
  const { testResults } = JSON.parse(await readFile(report, 'utf8')) as Report;
  await rm(report);
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ status }) => status === 'failed');
  return (
    failed?.fullName ?? testResults.find(({ message }) => message !== '')?.message.split('\n')[0] ?? 'the run'
  );
}

async function plant(tree: string, { file, find, replace, tests }: PlantedBug): Promise<string | undefined> {
  const path = join(tree, file);
  const text = await readFile(path, 'utf8');
  await writeFile(
    path,
    text.replace(find, () => replace),
  );
  try {
    return await firstFailure(tree, tests);
  } finally {
    await writeFile(path, text);
  }
}

const tree = await mkdtemp(join(tmpdir(), 'oms-planted-'));
try {
  await copyTree(tree);
  const chosen = PLANTED_BUGS.filter(({ name }) => name.includes(values.only));
  const rows: { bug: string; verdict: string; 'noticed by': string; seconds: number }[] = [];
  for (const bug of chosen) {
    const startedMs = performance.now();
    const failure = await plant(tree, bug);
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    rows.push({
      bug: bug.name,
      verdict: failure ? 'noticed' : 'MISSED',
      'noticed by': failure ?? '',
      seconds,
    });
    console.log(`${failure ? 'noticed' : 'MISSED '}  ${bug.name}${failure ? `: ${failure}` : ''}`);
  }
  console.table(rows);
  const noticed = rows.filter(({ verdict }) => verdict === 'noticed').length;
  console.log(`${noticed} of ${rows.length} planted bugs were noticed`);
  if (noticed < rows.length || rows.length === 0) process.exitCode = 1;
} finally {
  await rm(tree, { recursive: true, force: true });
}
