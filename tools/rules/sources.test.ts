import { expect, test } from 'vitest';
import type { SourceFile } from './source-files.ts';
import { sourceFindings } from './sources.ts';

const SERVICE = 'server/src/wallets/service.ts';
const file = (path: string, text: string): SourceFile => ({ path, text });
/** Written in two pieces, so that this file does not break the rule it tests. */
const machinePath = (directory: string) => `/${directory}/someone/openoms`;

test.each([
  ['the environment', SERVICE, 'const url = process.env.DATABASE_URL;'],
  ['the wall clock', SERVICE, 'const now = new Date();'],
  ['the wall clock in milliseconds', SERVICE, 'const now = Date.now();'],
  ['the wall clock as a value', SERVICE, 'const clock = { now: Date.now };'],
  ['chance', 'contract/fields.ts', 'const n = Math.random();'],
  ['the network', SERVICE, 'const reply = await fetch(url);'],
  ['the console', SERVICE, 'console.log(customer);'],
  ['a violation behind an address', SERVICE, `const a = 'http://a'; const now = new Date();`],
  ['a path of a machine', 'docs/running.md', `Run it in ${machinePath('home')}.`],
  ['a path of a machine in a test', 'server/src/wallets/service.test.ts', `cd('${machinePath('work')}');`],
  [
    'a download address',
    'package-lock.json',
    '{ "packages": { "a": { "resolved": "https://example.org/a.tgz" } } }',
  ],
  [
    'a platform package left out',
    'package-lock.json',
    '{ "packages": { "a": { "optionalDependencies": { "b": "1.0.0" } } } }',
  ],
  ['a registry', '.npmrc', 'save-exact=true\nregistry=https://example.org/'],
])('refuses: %s', (_what, path, text) => {
  expect(sourceFindings([file(path, text)])).toHaveLength(1);
});

test.each([
  ['a date of a given time', SERVICE, 'const at = new Date(0);'],
  ['words in comments', SERVICE, '/** Never `new Date()` or console.log. */ // Date.now()'],
  ['a method named fetch', SERVICE, 'await this.#http.fetch(url);'],
  ['the environment in main', 'server/src/main.ts', 'start(process.env);'],
  ['the environment in a process of its own', 'server/src/chain/vault/main.ts', 'start(process.env);'],
  ['the clock in the kernel', 'server/src/kernel/clock.ts', 'const now = () => new Date();'],
  ['the console in the command line', 'server/src/cli/main.ts', 'console.log(text);'],
  ['the clock in a test', 'server/src/wallets/service.test.ts', 'const now = new Date();'],
  ['a linked workspace', 'package-lock.json', '{ "packages": { "a": { "resolved": "server" } } }'],
  ['npm settings', '.npmrc', 'omit-lockfile-registry-resolved=true'],
  ['an address with such a path', 'docs/a.md', `See https://example.org${machinePath('home')}.`],
])('allows: %s', (_what, path, text) => {
  expect(sourceFindings([file(path, text)])).toEqual([]);
});

test('names the line', () => {
  expect(sourceFindings([file(SERVICE, '/* two\n lines */\nconst now = new Date();')])).toMatchObject([
    { path: SERVICE, line: 3 },
  ]);
});
