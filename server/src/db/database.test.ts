import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { assert } from '../kernel/assert.ts';
import { systemClock } from '../kernel/clock.ts';
import { silentLogger } from '../kernel/log.ts';
import { Database, PLATFORM } from './database.ts';

/** ReadyForQuery, the last message of a session's opening (PostgreSQL: message formats). */
const READY_FOR_QUERY = Buffer.from('5a0000000549', 'hex');
/** What a session says when its postmaster was killed. */
const FATAL = errorResponse('SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0');

let database: TestDatabase;
let proxy: Server;
let doomed: number;
const sockets: Socket[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const { hostname, port } = new URL(database.url);
  proxy = createServer((near) => {
    const far = connect(Number(port), hostname);
    const isDoomed = doomed-- > 0;
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far);
    far.on('data', (chunk: Buffer) => {
      const isOpen = chunk.includes(READY_FOR_QUERY);
      if (isDoomed && isOpen) near.end(Buffer.concat([chunk, FATAL]));
      else near.write(chunk);
    });
    far.on('close', () => near.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  proxy.close();
  await database.drop();
});

function errorResponse(fields: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(fields.length + length.length);
  return Buffer.concat([Buffer.from('E'), length, Buffer.from(fields)]);
}

it('a session that ends in the instant it is opened fails the call that wanted it, and nothing else', async () => {
  const address = proxy.address();
  assert(typeof address === 'object' && address !== null, 'a TCP server has an address');
  const url = new URL(database.url);
  url.port = String(address.port);
  const db = new Database(url.href, { maxConnections: 2, clock: systemClock, log: silentLogger });
  doomed = 1;
  // Unheard, the error would be an uncaught exception, which fails the run.
  await expect(db.tx(PLATFORM, (tx) => tx.query('select 1'))).rejects.toThrow();
  expect(await db.tx(PLATFORM, (tx) => tx.query<{ one: number }>('select 1 as one'))).toEqual([{ one: 1 }]);
  await db.close();
});
