import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SUMMARY = fileURLToPath(new URL('test-summary.ts', import.meta.url));

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'openoms-summary-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What the summary says of a real Vitest run over one file with the given tests. */
function summaryOf(tests: string): string {
  const report = join(dir, 'report.json');
  writeFileSync(
    join(dir, 'planted.test.ts'),
    `import { beforeAll, expect, test } from ${JSON.stringify(import.meta.resolve('vitest'))};\n${tests}`,
  );
  const config = join(dir, 'vitest.config.mjs');
  writeFileSync(config, 'export default {};');
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const options = [
    'run',
    '--root',
    dir,
    '--config',
    config,
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  spawnSync(process.execPath, [vitest, ...options], { cwd: dir });
  return spawnSync(process.execPath, [SUMMARY, report], { encoding: 'utf8' }).stdout;
}

test.each([
  ['passed and failed', `test('a', () => {}); test('b', () => expect(1).toBe(2));`, '1 passed, 1 failed\n'],
  [
    'skipped',
    `test('a', () => {}); test.skip('b', () => {}); test.todo('c');`,
    '1 passed, 0 failed, 2 skipped\n',
  ],
  ['a file that cannot be loaded', `throw new Error('broken');`, '0 passed, 1 failed\n'],
])('counts: %s', (_what, tests, summary) => {
  expect(summaryOf(tests)).toBe(summary);
});
