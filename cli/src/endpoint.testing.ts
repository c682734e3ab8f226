import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  /** Path and query, as they came. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Raw, as signed. */
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it expects.
  readonly json: any;
}

export interface TestEndpoint {
  readonly port: number;
  /** In the order of arrival. */
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** An endpoint on the loopback that answers what the function says; 204 by default. */
export async function startEndpoint(
  statusFor: (received: Received) => number = () => 204,
): Promise<TestEndpoint> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const each = { path: request.url ?? '', headers: request.headers, body, json: JSON.parse(body) };
      received.push(each);
      response.writeHead(statusFor(each)).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    received,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
