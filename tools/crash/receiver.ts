import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { webhooks } from '@openoms/sdk';
import { assert } from '../../server/src/kernel/assert.ts';

/** One delivery as it came in. */
export interface Delivery {
  /** The path of the endpoint. */
  readonly endpoint: string;
  readonly id: string;
  readonly eventId: string;
  readonly resourceId: string;
  readonly sequence: number;
}

export interface Receiver {
  /** Deliveries whose signature verified, to whatever endpoint. */
  readonly deliveries: readonly Delivery[];
  /** Requests whose signature did not verify. */
  readonly refused: readonly string[];
  urlOf(endpoint: string): string;
  /** The secret of an endpoint, once it is known: it may be called before its maker knows that it is made. */
  trust(endpoint: string, secret: string): void;
  close(): Promise<void>;
}

/** Webhook endpoints in this process, any number under paths of their own, which answer 200 to everything. */
export async function startReceiver(): Promise<Receiver> {
  const deliveries: Delivery[] = [];
  const refused: string[] = [];
  const secrets = new Map<string, PromiseWithResolvers<string>>();
  const secretOf = (endpoint: string): PromiseWithResolvers<string> => {
    const known = secrets.get(endpoint) ?? Promise.withResolvers<string>();
    secrets.set(endpoint, known);
    return known;
  };
  const accept = async (endpoint: string, payload: Buffer, header: string): Promise<void> => {
    const now = new Date();
    const secret = await secretOf(endpoint).promise;
    try {
      const { id, eventId, sequence, data } = await webhooks.verify({ payload, header, secret, now });
      // A wallet's events tell of a deposit to it.
      const resourceId = data.object === 'walletDeposit' ? data.walletId : data.id;
      deliveries.push({ endpoint, id, eventId, sequence, resourceId });
    } catch (error) {
      refused.push(`${endpoint}: ${error}`);
    }
  };
  const server = createServer(async (request, response) => {
    try {
      const payload = await buffer(request);
      void accept(request.url ?? '', payload, String(request.headers['webhook-signature']));
      response.writeHead(200).end();
    } catch {
      // The sender was killed in the middle of its request.
      response.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'a TCP server has an address');
  return {
    deliveries,
    refused,
    urlOf: (endpoint) => `http://127.0.0.1:${address.port}${endpoint}`,
    trust: (endpoint, secret) => secretOf(endpoint).resolve(secret),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
