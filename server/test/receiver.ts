import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { must } from '../src/kernel/assert.ts';

export interface ReceivedRequest {
  readonly headers: IncomingHttpHeaders;
  /** Raw, as signed. */
  readonly body: string;
  readonly json: {
    readonly id: string;
    readonly event: string;
    readonly eventId: string;
    readonly sequence: number;
    readonly createdAt: string;
    readonly data: { readonly id: string; readonly [name: string]: unknown };
  };
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Done before it answers, with the request already noted. */
  readonly before?: () => Promise<void>;
}

export interface Receiver {
  readonly url: string;
  /** In the order of arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** The names of the events received. */
  events(): string[];
  /** What it answers from now on; 204 at first. */
  answerWith(answer: Answer): void;
  forget(): void;
  close(): Promise<void>;
}

/** A webhook endpoint on the loopback that records what it is sent. */
export async function startReceiver(): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  let answer: Answer = { status: 204 };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push({ headers: request.headers, body, json: JSON.parse(body) });
      const { status, headers, body: text, before } = answer;
      void (before?.() ?? Promise.resolve()).then(() => response.writeHead(status, headers).end(text));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = must(server.address(), 'a listening server has an address') as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    requests,
    events: () => requests.map(({ json }) => json.event),
    answerWith: (next) => {
      answer = next;
    },
    forget: () => void requests.splice(0),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
