import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const EXAMPLE = fileURLToPath(new URL('../../examples/vitest', import.meta.url));
const TIMEOUT_MS = 240_000;

/** Without what this test run has set for itself. */
const { PATH, HOME } = process.env;

test(
  'the example project passes as its readers run it, and leaves nothing behind',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'oms-example-'));
    try {
      const env = { PATH, HOME, TMPDIR: dir, NO_COLOR: '1' };
      const run = promisify(execFile)('npm', ['test', '--silent'], {
        cwd: EXAMPLE,
        env,
        timeout: TIMEOUT_MS,
      });
      const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
      expect(stdout + stderr).toMatch(/Test Files {2}2 passed \(2\)\n\s+Tests {2}3 passed \(3\)/);
      expect((await readdir(dir)).filter((name) => name.startsWith('openoms-'))).toEqual([]);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
  TIMEOUT_MS,
);
