import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { WireReply } from './contract-check.ts';

export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as it is, by any method: `fetch` would refuse it on GET. */
  readonly body?: string | undefined;
}

/** Sends one request and reads its whole answer. Throws when there is none within the time. */
export type Wire = (request: WireRequest) => Promise<WireReply>;

export interface WireOptions {
  readonly timeoutMs: number;
  readonly maxSockets: number;
}

/** Over HTTP or HTTPS, on connections that are kept; `close` ends them. */
export function openWire({ timeoutMs, maxSockets }: WireOptions): { send: Wire; close: () => void } {
  const agents = {
    http: new HttpAgent({ keepAlive: true, maxSockets }),
    https: new HttpsAgent({ keepAlive: true, maxSockets }),
  };
  const send: Wire = ({ method, url, headers, body }) =>
    new Promise((resolve, reject) => {
      const isTls = url.protocol === 'https:';
      const call = (isTls ? httpsRequest : httpRequest)(url, {
        method,
        agent: isTls ? agents.https : agents.http,
        headers: {
          ...headers,
          ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
        },
        signal: AbortSignal.timeout(timeoutMs),
      });
      call.once('error', reject);
      call.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => void chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: toHeaders(response.rawHeaders),
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      call.end(body);
    });
  return {
    send,
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function toHeaders(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    headers.append(raw[index] ?? '', raw[index + 1] ?? '');
  }
  return headers;
}
