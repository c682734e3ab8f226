import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PLANTED_BUGS } from './planted-bugs/bugs.ts';

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);

test.each(PLANTED_BUGS)('can be planted: $name', ({ file, find, replace, tests }) => {
  expect(readFileSync(at(file), 'utf8').split(find)).toHaveLength(2);
  expect(replace).not.toBe(find);
  for (const path of tests) expect(existsSync(at(path)), path).toBe(true);
});
