import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Runs every script of package.json named `check:…`, in its order; shows the output of those that fail. */
const CHECK_TIMEOUT_MS = 120_000;
const MAX_OUTPUT_BYTES = 10_000_000;

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  scripts: Record<string, string>;
};
const checks = Object.keys(manifest.scripts).filter((name) => name.startsWith('check:'));

const failed: string[] = [];
for (const check of checks) {
  const startedMs = performance.now();
  const { status, error, stdout, stderr } = spawnSync('npm', ['run', '--silent', check], {
    encoding: 'utf8',
    timeout: CHECK_TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${check.padEnd(16)} ${seconds.padStart(5)} s`);
  if (status === 0) continue;
  failed.push(check);
  console.log(`${[stdout, stderr, error?.message].filter(Boolean).join('\n').trimEnd()}\n`);
}

if (failed.length > 0) {
  console.log(`${failed.length} of ${checks.length} checks failed: ${failed.join(', ')}`);
  process.exitCode = 1;
} else {
  console.log(`all ${checks.length} checks passed`);
}
