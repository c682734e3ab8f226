import { randomBytes, randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { createApi } from '../server/src/api.ts';
import { USDC_POLYGON } from '../server/src/chain/token/contracts.ts';
import { type Context, createContext } from '../server/src/context.ts';
import { PLATFORM } from '../server/src/db/database.ts';
import { assert } from '../server/src/kernel/assert.ts';
import { systemClock } from '../server/src/kernel/clock.ts';
import { TypeIds } from '../server/src/kernel/ids.ts';
import { keyEncryptionFromHex } from '../server/src/kernel/key-encryption.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import { sandboxProviders } from '../server/src/providers/registry.ts';
import type { LoadRequest } from './load.ts';
import { RecordingDatabase } from './recording.ts';
import { type SendAll, tokenRequest } from './requests.ts';

const MAX_CONNECTIONS = 8;
const KEY_HEX = '5a'.repeat(32);
const MAX_STATUS_OF_SUCCESS = 299;

export interface Api {
  readonly context: Context;
  readonly db: RecordingDatabase;
  /** Opens a socket as well; its port. */
  readonly listen: () => Promise<number>;
  /** So many at once; as many as there are connections to the database, if nothing is said. */
  readonly sendAll: (credentials: { apiKey: string; apiSecret: string }, atOnce?: number) => Promise<SendAll>;
}

/** The product's request handling on that database, in this process and, at first, without a socket. */
export async function withApi<T>(url: string, work: (api: Api) => Promise<T>): Promise<T> {
  const db = new RecordingDatabase(url, {
    maxConnections: MAX_CONNECTIONS,
    clock: systemClock,
    log: silentLogger,
  });
  const context = createContext({
    db,
    clock: systemClock,
    wallClock: systemClock,
    ids: new TypeIds(systemClock),
    log: silentLogger,
    keyEncryption: keyEncryptionFromHex(KEY_HEX),
    providers: sandboxProviders(),
    egress: { trustedHosts: [] },
    chainFacts: { name: 'polygon', chainId: 137, tokenAddress: USDC_POLYGON, isLocal: true },
  });
  const app = await createApi(context);
  try {
    const listen = async (): Promise<number> => {
      await app.listen({ host: '127.0.0.1', port: 0 });
      const address = app.server.address();
      assert(typeof address === 'object' && address !== null, 'a TCP server has an address');
      return address.port;
    };
    return await work({
      context,
      db,
      listen,
      sendAll: (credentials, atOnce) => sendAllThrough(app, credentials, atOnce),
    });
  } finally {
    await app.close();
    context.jobWaker.close();
    context.chainWaker.close();
    await db.close();
  }
}

async function sendAllThrough(
  app: FastifyInstance,
  { apiKey, apiSecret }: { apiKey: string; apiSecret: string },
  atOnce = MAX_CONNECTIONS,
): Promise<SendAll> {
  const inject = async (request: LoadRequest, headers: Record<string, string>): Promise<string> => {
    const reply = await app.inject({
      method: 'POST',
      url: request.path,
      headers: { 'content-type': 'application/json', ...headers },
      payload: request.body ?? '',
    });
    assert(reply.statusCode <= MAX_STATUS_OF_SUCCESS, `${request.path}: ${reply.body}`);
    return reply.body;
  };
  const { accessToken } = JSON.parse(await inject(tokenRequest(apiKey, apiSecret), {})) as {
    accessToken: string;
  };
  return async (requests) => {
    const bodies: string[] = [];
    let next = 0;
    const loop = async (): Promise<void> => {
      while (next < requests.length) {
        const number = next++;
        const request = requests[number];
        assert(request, 'within the list');
        bodies[number] = await inject(request, {
          authorization: `Bearer ${accessToken}`,
          'idempotency-key': randomUUID(),
        });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, loop));
    return bodies;
  };
}

/** Addresses that nobody has the keys of: nothing is signed on these databases. */
export async function fillPool(context: Context, count: number): Promise<void> {
  const addresses = Array.from({ length: count }, () => `0x${randomBytes(20).toString('hex')}`);
  await context.db.tx(PLATFORM, (tx) =>
    tx.query(
      `insert into address_pool (key_index, address)
       select position - 1, address from unnest($1::text[]) with ordinality as made (address, position)`,
      [addresses],
    ),
  );
}
