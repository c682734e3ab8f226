import { systemClock } from '../../kernel/clock.ts';
import { silentLogger } from '../../kernel/log.ts';
import { JsonRpc } from '../rpc.ts';
import { startLocalChain } from './start.ts';
import { storeOf } from './stores.fixture.ts';

/*
 * A program for the crash test: runs the chain on the given database and directory, mints one unit after another to
 * the holder, and prints a line for anvil's pid and for each block once its contents are known.
 */
const [url = '', dir = '', holder = ''] = process.argv.slice(2);
const print = (line: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(line)}\n`);
const chain = await startLocalChain({
  store: storeOf(url),
  dir,
  clock: systemClock,
  log: { ...silentLogger, info: ({ anvilPid }) => print({ anvilPid }) },
  blockIntervalMs: 5,
});
const rpc = new JsonRpc({ url: chain.url, timeoutMs: 10_000 });

async function printBlocks(): Promise<never> {
  for (let number = 0; ; ) {
    const block = await rpc.call<{ hash: string; transactions: string[] } | null>('eth_getBlockByNumber', [
      `0x${number.toString(16)}`,
      false,
    ]);
    if (block === null) continue;
    print({ number, hash: block.hash, transactions: block.transactions });
    number += 1;
  }
}

async function mintForEver(): Promise<never> {
  for (;;) await chain.mintUsdc(holder, 1n);
}

await Promise.all([printBlocks(), mintForEver()]);
