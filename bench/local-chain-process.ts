import pg from 'pg';
import { startLocalChain } from '../server/src/chain/local/start.ts';
import { systemClock } from '../server/src/kernel/clock.ts';
import { silentLogger } from '../server/src/kernel/log.ts';

/** The local chain in a process of its own, as the product has it: `<database URL> <directory> <block interval in ms>`. */
const [databaseUrl = '', dir = '', blockIntervalMs = ''] = process.argv.slice(2);
const store = new pg.Pool({ connectionString: databaseUrl });
const chain = await startLocalChain({
  store,
  dir,
  clock: systemClock,
  log: silentLogger,
  blockIntervalMs: Number(blockIntervalMs),
});

type Order =
  | { readonly fund: readonly string[]; readonly wei: string }
  | { readonly mint: readonly string[]; readonly minor: string };

process.on('message', async (order: Order) => {
  if ('fund' in order) for (const address of order.fund) await chain.fundGas(address, BigInt(order.wei));
  else for (const address of order.mint) await chain.mintUsdc(address, BigInt(order.minor));
  process.send?.({ done: true });
});
// The parent's signal comes with the disconnect, which ends the chain in order; by itself it would leave anvil behind.
process.on('SIGTERM', () => undefined);
process.once('disconnect', async () => {
  await chain.stop();
  await store.end();
});
process.send?.({ url: chain.url });
