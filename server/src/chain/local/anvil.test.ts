import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findAnvilBinary, startAnvil } from './anvil.ts';
import { LocalChainError } from './errors.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oms-anvil-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function messageOf(binary: string): Promise<string> {
  const options = { binary, dir, chainId: 137, genesisTimestamp: 1, blockGasLimit: 30_000_000 };
  const error = await startAnvil(options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LocalChainError);
  const { message } = error as LocalChainError;
  expect(message).toContain('set CHAIN_RPC_URL');
  expect(message).not.toContain('\n');
  return message;
}

async function program(name: string, text: string, mode = 0o755): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, text, { mode });
  return path;
}

test('a platform without a package is named, with the way out', () => {
  expect(() => findAnvilBinary('sunos', 'sparc')).toThrow(
    /^The local EVM chain needs the npm package @foundry-rs\/anvil-sunos-sparc .*; set CHAIN_RPC_URL to .*\.$/,
  );
});

test('a missing program, and one for a C library that is not there, are told in one sentence', async () => {
  expect(await messageOf(join(dir, 'absent'))).toContain('there is no program');
  expect(await messageOf(await program('musl', '#!/lib/absent-loader\n'))).toContain('C library');
});

test('a C library that is too old is told in one sentence', async () => {
  const complaint =
    "anvil: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by anvil)";
  const path = await program('old', `#!/bin/sh\necho "${complaint.replaceAll('`', '\\`')}" >&2\nexit 1\n`);
  expect(await messageOf(path)).toContain('needs a newer C library');
});

test('a file that is no program of this machine, and one that ends with a complaint, are told', async () => {
  expect(await messageOf(await program('text', 'text', 0o644))).toContain('cannot execute');
  expect(await messageOf(await program('broken', '#!/bin/sh\necho "out of luck"\nexit 3\n'))).toContain(
    'out of luck',
  );
  expect(await messageOf(await program('silent', '#!/bin/sh\nexit 3\n'))).toContain('exit code 3');
});
