import { createApi } from '../server/src/api.ts';
import { USDC_POLYGON } from '../server/src/chain/token/contracts.ts';
import { createContext } from '../server/src/context.ts';
import { Database } from '../server/src/db/database.ts';
import { assert } from '../server/src/kernel/assert.ts';
import { systemClock } from '../server/src/kernel/clock.ts';
import { TypeIds } from '../server/src/kernel/ids.ts';
import { keyEncryptionFromHex } from '../server/src/kernel/key-encryption.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import { sandboxProviders } from '../server/src/providers/registry.ts';
import { fillPool } from './api.ts';

/** The product's api in a process of its own, with a socket: `<database URL>`. */
const [databaseUrl = ''] = process.argv.slice(2);
const MAX_CONNECTIONS = 10;

export interface ConsoleSeed {
  readonly projectId: string;
  readonly email: string;
  readonly password: string;
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
const app = await createApi(context);
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
assert(typeof address === 'object' && address !== null, 'a TCP server has an address');

/** A project, and somebody who may see it. */
async function seed(): Promise<ConsoleSeed> {
  await fillPool(context, 1);
  const { projectId } = await context.projects.create({
    name: 'A million',
    mode: 'sandbox',
    fromFaucet: false,
  });
  const user = { email: 'owner@openoms.test', password: 'correct horse battery' };
  await context.people.createUser({ ...user, name: 'Owner', role: 'owner' });
  return { projectId, ...user };
}

process.on('message', async () => process.send?.(await seed()));
process.once('disconnect', async () => {
  await app.close();
  context.jobWaker.close();
  context.chainWaker.close();
  await context.db.close();
});
process.send?.(address.port);
