import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must } from '../../kernel/assert.ts';
import { systemClock } from '../../kernel/clock.ts';
import { silentLogger } from '../../kernel/log.ts';
import { findProcess } from '../../kernel/process.ts';
import { JsonRpc } from '../rpc.ts';
import { decodeUint, encodeBalanceOf } from '../token/calls.ts';
import { addressOf } from '../token/secp256k1.ts';
import { findAnvilBinary, startAnvil } from './anvil.ts';
import { type LocalChain, startLocalChain } from './start.ts';
import { startTestStores, type TestStores } from './stores.fixture.ts';

const PROGRAM = fileURLToPath(new URL('send-until-killed.fixture.ts', import.meta.url));
const HOLDER = addressOf(Buffer.alloc(32, 5));

interface SeenBlock {
  readonly number: number;
  readonly hash: string;
  readonly transactions: readonly string[];
}

let stores: TestStores;
const children: ChildProcess[] = [];
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await stores.stop();
});

/** Runs the program until it has shown so many more blocks, then kills it (and anvil, if told) in mid-flight. */
async function runAndKill(options: {
  readonly url: string;
  readonly dir: string;
  readonly blocks: number;
  readonly killAnvil: boolean;
}): Promise<{ seen: SeenBlock[]; anvilPid: number }> {
  const child = spawn(process.execPath, [PROGRAM, options.url, options.dir, HOLDER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const exited = once(child, 'exit');
  const seen: SeenBlock[] = [];
  let anvilPid = 0;
  for await (const line of createInterface({ input: must(child.stdout, 'a piped output') })) {
    const parsed = parseLine(line);
    if (parsed === undefined) break;
    if ('anvilPid' in parsed) anvilPid = parsed.anvilPid;
    else seen.push(parsed);
    if (seen.length === options.blocks) {
      child.kill('SIGKILL');
      if (options.killAnvil) process.kill(anvilPid, 'SIGKILL');
    }
  }
  await exited;
  return { seen, anvilPid };
}

/** The last line of a killed program may be torn. */
function parseLine(line: string): SeenBlock | { anvilPid: number } | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function usdcOf(rpc: JsonRpc, chain: LocalChain): Promise<bigint> {
  const call = { to: chain.usdc, data: encodeBalanceOf(HOLDER) };
  return decodeUint(await rpc.call<string>('eth_call', [call, 'latest']));
}

test('killed at any moment, with or without its anvil, the chain comes back with every block it showed', async () => {
  const { url, store } = await stores.newDatabase();
  const dir = join(stores.dir, 'crash');
  let blocks = 0;
  for (const [round, killAnvil] of [false, true, false].entries()) {
    // Each round goes further than the last; the kill comes at whatever the sequencer is doing then.
    blocks += 15 + 7 * round;
    const { seen, anvilPid } = await runAndKill({ url, dir, blocks, killAnvil });
    expect(seen.length).toBeGreaterThanOrEqual(blocks);

    const chain = await startLocalChain({
      store,
      dir,
      clock: systemClock,
      log: silentLogger,
      mining: 'manual',
    });
    expect(await findProcess(anvilPid)).toBeUndefined();
    const rpc = new JsonRpc({ url: chain.url, timeoutMs: 10_000 });
    const now = await rpc.batch<SeenBlock>(
      seen.map(({ number }) => ({
        method: 'eth_getBlockByNumber',
        params: [`0x${number.toString(16)}`, false],
      })),
    );
    expect(now.map((block) => (block as SeenBlock).hash)).toEqual(seen.map(({ hash }) => hash));
    // The genesis has 7 transactions; each other mints one unit.
    const height = Number(await rpc.call<string>('eth_blockNumber'));
    const all = await rpc.batch<string>(
      Array.from({ length: height + 1 }, (_, number) => ({
        method: 'eth_getBlockTransactionCountByNumber',
        params: [`0x${number.toString(16)}`],
      })),
    );
    const minted = all.reduce((sum, count) => sum + Number(count), 0) - 7;
    expect(minted).toBeGreaterThan(0);
    expect(await usdcOf(rpc, chain)).toBe(BigInt(minted));
    rpc.close();
    await chain.stop();
  }
});

test('an anvil whose parent was killed before it had recorded it is ended by the next start', async () => {
  const { store } = await stores.newDatabase();
  const dir = join(stores.dir, 'unrecorded');
  await mkdir(dir);
  const binary = findAnvilBinary(process.platform, process.arch);
  const left = await startAnvil({
    binary,
    dir,
    chainId: 137,
    genesisTimestamp: 1,
    blockGasLimit: 30_000_000,
  });
  await rm(join(dir, 'anvil.pid'));
  const chain = await startLocalChain({ store, dir, clock: systemClock, log: silentLogger });
  expect(await findProcess(left.pid)).toBeUndefined();
  await chain.stop();
});
