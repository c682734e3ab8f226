import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OPERATIONS } from './operations.ts';

test('docs/sandbox.md tells of every operation that only a sandbox has', () => {
  const page = readFileSync(new URL('../docs/sandbox.md', import.meta.url), 'utf8');
  const missing = Object.values(OPERATIONS)
    .filter((operation) => 'sandboxOnly' in operation && operation.sandboxOnly)
    .map(({ method, path }) => `${method} ${path}`)
    .filter((call) => !page.includes(`\`${call}\``));
  expect(missing).toEqual([]);
});
