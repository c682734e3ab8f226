import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * `npm run drill [-- --rounds 10 --only name --seed 1]`: every failure drill, so many rounds each, and a table. Exit
 * code 1 unless all pass. The drills are the tests of server/test/drills; a failed round says its seed.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});

interface DrillResult {
  readonly title: string;
  readonly status: 'passed' | 'failed' | string;
  readonly duration?: number;
  readonly failureMessages: readonly string[];
  readonly meta: { drill?: { cause: string; expect: string; rounds: number; passed: number } };
}

interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    /** Why the file as a whole failed; empty when it did not. */
    readonly message: string;
    readonly assertionResults: readonly DrillResult[];
  }[];
}

const NOT_RUN = new Set(['skipped', 'pending', 'todo']);

async function runDrills(reportFile: string): Promise<Report> {
  const filter = values.only === undefined ? [] : ['--testNamePattern', values.only];
  const child = spawn(
    'vitest',
    [
      'run',
      'server/test/drills',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
      ...filter,
    ],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DRILL_ROUNDS: values.rounds, DRILL_SEED: values.seed },
    },
  );
  await once(child, 'exit');
  return JSON.parse(await readFile(reportFile, 'utf8')) as Report;
}

const dir = await mkdtemp(join(tmpdir(), 'oms-drills-'));
try {
  const report = await runDrills(join(dir, 'report.json'));
  const drills = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => !NOT_RUN.has(status));
  console.table(
    drills.map(({ title, status, duration = 0, meta }) => ({
      drill: title,
      expected: meta.drill?.expect ?? '',
      rounds: `${meta.drill?.passed ?? 0}/${meta.drill?.rounds ?? 0}`,
      'ms a round': Math.round(duration / Math.max(meta.drill?.passed ?? 0, 1)),
      verdict: status === 'passed' ? 'ok' : 'FAILED',
    })),
  );
  const passed = drills.reduce((sum, { meta }) => sum + (meta.drill?.passed ?? 0), 0);
  console.log(`${drills.length} drills, ${passed} rounds passed`);
  // A family whose bed does not open has no drill in the table.
  for (const { name, message } of report.testResults)
    if (message) console.log(`NOT RUN: ${name}: ${message}`);
  if (!report.success || drills.length === 0) process.exitCode = 1;
} finally {
  await rm(dir, { recursive: true, force: true });
}
