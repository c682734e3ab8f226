import { createChain } from '../server/src/chain/chain.ts';
import { findCursor } from '../server/src/chain/indexer/store.ts';
import { USDC_POLYGON } from '../server/src/chain/token/contracts.ts';
import { VaultClient } from '../server/src/chain/vault/client.ts';
import { createContext } from '../server/src/context.ts';
import { Database } from '../server/src/db/database.ts';
import { systemClock } from '../server/src/kernel/clock.ts';
import { TypeIds } from '../server/src/kernel/ids.ts';
import { keyEncryptionFromHex } from '../server/src/kernel/key-encryption.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import { sandboxProviders } from '../server/src/providers/registry.ts';
import { networkAt } from './indexing-fixture.ts';

/** A worker's indexer in a process of its own, with the product's handlers: `<database URL> <node URL>`. */
const [databaseUrl = '', rpcUrl = ''] = process.argv.slice(2);
const MAX_CONNECTIONS = 10;

export interface IndexOrder {
  /** Goes on until this block is settled, and everything up to it listed. */
  readonly until: number;
}

export interface IndexResult {
  readonly settleMs: number;
  readonly listMs: number;
  readonly maxRssMb: number;
}

const context = createContext({
  db: new Database(databaseUrl, { maxConnections: MAX_CONNECTIONS, clock: systemClock, log: silentLogger }),
  clock: systemClock,
  wallClock: systemClock,
  ids: new TypeIds(systemClock),
  log: silentLogger,
  keyEncryption: keyEncryptionFromHex('5a'.repeat(32)),
  providers: sandboxProviders(),
  egress: { trustedHosts: [] },
  chainFacts: { name: 'polygon', chainId: 137, tokenAddress: USDC_POLYGON, isLocal: true },
});
const vault = new VaultClient({ socketPath: '/nonexistent/signer.sock', timeoutMs: 1_000 });
const network = networkAt(rpcUrl);
const chain = createChain({ ...context, network, vault, handlers: context.settlement });

async function index({ until }: IndexOrder): Promise<IndexResult> {
  const startedMs = performance.now();
  do await chain.indexer.tick();
  while (((await findCursor(context.db, 'polygon'))?.number ?? -1) < until);
  const settledMs = performance.now();
  while ((await chain.ignoredTransfers.tick()).progress);
  return {
    settleMs: settledMs - startedMs,
    listMs: performance.now() - settledMs,
    maxRssMb: process.resourceUsage().maxRSS / 1_024,
  };
}

process.on('message', async (order: IndexOrder) => process.send?.(await index(order)));
process.once('disconnect', async () => {
  await chain.stop();
  vault.close();
  await context.db.close();
});
process.send?.('ready');
