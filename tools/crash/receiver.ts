import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { webhooks } from '@openoms/sdk';
import { assert } from '../../server/src/kernel/assert.ts';

/** One delivery as it came in. */
export interface Delivery {
  readonly id: string;
  readonly eventId: string;
  readonly resourceId: string;
  readonly sequence: number;
}

export interface Receiver {
  readonly url: string;
  readonly deliveries: readonly Delivery[];
  /** Requests whose signature did not verify. */
  readonly refused: readonly string[];
  /** The secret of the endpoint, once it is known. */
  trust(secret: string): void;
  close(): Promise<void>;
}

/** A webhook endpoint in this process, which answers 200 to everything that verifies. */
export async function startReceiver(): Promise<Receiver> {
  const deliveries: Delivery[] = [];
  const refused: string[] = [];
  const secret = Promise.withResolvers<string>();
  const server = createServer(async (request, response) => {
    try {
      const payload = await buffer(request);
      const header = String(request.headers['webhook-signature']);
      const event = await webhooks.verify({ payload, header, secret: await secret.promise });
      const { id, eventId, sequence } = event;
      deliveries.push({ id, eventId, sequence, resourceId: event.data.id });
      response.writeHead(200).end();
    } catch (error) {
      refused.push(String(error));
      response.writeHead(400).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'a TCP server has an address');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    deliveries,
    refused,
    trust: secret.resolve,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
