import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('half-hour.ts', import.meta.url));
const TIMEOUT_MS = 300_000;

test(
  'a new user’s half hour goes as the documentation says',
  async () => {
    const { PATH, HOME } = process.env;
    const run = promisify(execFile)(process.execPath, [SCRIPT], { env: { PATH, HOME }, timeout: TIMEOUT_MS });
    const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
    expect(stdout + stderr).toMatch(/^all \d+ steps done$/m);
  },
  TIMEOUT_MS,
);
