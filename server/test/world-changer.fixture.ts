import { LocalBalances } from '../src/chain/local/token-balances.ts';
import { JsonRpc } from '../src/chain/rpc.ts';
import { USDC_POLYGON } from '../src/chain/token/contracts.ts';
import { createContext } from '../src/context.ts';
import { Database } from '../src/db/database.ts';
import { must } from '../src/kernel/assert.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { TypeIds } from '../src/kernel/ids.ts';
import { keyEncryptionFromHex } from '../src/kernel/key-encryption.ts';
import { silentLogger } from '../src/kernel/log.ts';
import { sandboxProviders } from '../src/providers/registry.ts';
import { WorldChanger } from '../src/sandbox-world/changer.ts';

/** Changes worlds in a process that can be killed. Arguments: the URLs of the database and of the chain, and the key. */
const [databaseUrl, chainUrl, keyHex] = process.argv.slice(2);

const context = createContext({
  db: new Database(must(databaseUrl, 'a URL'), { maxConnections: 8, clock: systemClock, log: silentLogger }),
  clock: systemClock,
  wallClock: systemClock,
  ids: new TypeIds(systemClock),
  log: silentLogger,
  keyEncryption: keyEncryptionFromHex(must(keyHex, 'a key')),
  providers: sandboxProviders(),
  egress: { trustedHosts: [] },
  chainFacts: { name: 'polygon', chainId: 137, tokenAddress: USDC_POLYGON, isLocal: true },
});
new WorldChanger({
  ...context,
  worlds: context.sandboxWorlds,
  waker: context.worldsWaker,
  chain: new LocalBalances(new JsonRpc({ url: must(chainUrl, 'a URL'), timeoutMs: 10_000 })),
  onUnread: () => undefined,
}).start();
