import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as the server received it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Handler = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

export interface ScriptedServer extends AsyncDisposable {
  readonly baseUrl: string;
  /** Every request but token exchanges, oldest first. */
  readonly requests: ReceivedRequest[];
  /** Number of token exchanges. */
  exchanges: number;
}

export interface Script {
  readonly onRequest: Handler;
  /** Answers `token-<n>` for an hour when absent. */
  readonly onExchange?: Handler;
}

export function answer(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** A real HTTP server on a free loopback port that answers as told; dispose of it to close it. */
export async function startScriptedServer(script: Script): Promise<ScriptedServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer(async (message, response) => {
    const { method = '', url = '', headers } = message;
    const request = { method, url, headers, body: await bodyOf(message) };
    if (url === '/v0.9/auth/token') {
      scripted.exchanges += 1;
      const accessToken = `token-${scripted.exchanges}`;
      if (script.onExchange) return await script.onExchange(request, response);
      return answer(response, 200, { accessToken, tokenType: 'bearer', expiresIn: 3600, expiresAt: '' });
    }
    requests.push(request);
    await script.onRequest(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const scripted: ScriptedServer = {
    baseUrl: `http://127.0.0.1:${port}`,
    requests,
    exchanges: 0,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return scripted;
}
