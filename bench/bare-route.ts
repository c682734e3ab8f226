import fastify from 'fastify';
import { assert } from '../server/src/kernel/assert.ts';

const app = fastify({ logger: false });
let answer = { status: 200, body: Buffer.alloc(0) };
app.route({
  method: ['GET', 'POST'],
  url: '/*',
  handler: async (_request, reply) =>
    reply.code(answer.status).type('application/json; charset=utf-8').send(answer.body),
});

const listening = app.listen({ host: '127.0.0.1', port: 0 });
process.on('message', async ({ status, body }: { status: number; body: string }) => {
  await listening;
  answer = { status, body: Buffer.from(body) };
  const address = app.server.address();
  assert(typeof address === 'object' && address !== null, 'a TCP server has an address');
  process.send?.({ result: address.port });
});
process.on('disconnect', () => process.exit(0));
