import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { answering } from './orders.ts';

/**
 * Webhook endpoints that cost as little as can be: a process that knows just what the sender sends. The path says what
 * becomes of a request: `/ok` 204, `/failing` 500, `/hanging` no answer.
 */

const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: (\d+)/i;
const MARK = '"mark":"';
const MARK_DIGITS = 9;
const OK = 'HTTP/1.1 204 No Content\r\n\r\n';
const FAILING = 'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5\r\n\r\nsorry';

export interface SinkReport {
  /** Requests to `/ok` since the last report. */
  readonly count: number;
  /** When each came, as [mark, milliseconds since 1970], in their order. */
  readonly arrivals: readonly (readonly [mark: number, atMs: number])[];
  readonly failed: number;
  readonly hanging: number;
}

/** `let go` ends the requests that hang. */
export type SinkOrder = 'port' | 'count' | 'report' | 'let go';

let arrivals: [number, number][] = [];
let failed = 0;
let hanging = 0;
const held = new Set<Socket>();

function take(socket: Socket, path: string, mark: number): void {
  if (path === '/failing') {
    failed += 1;
    socket.write(FAILING);
  } else if (path === '/hanging') {
    hanging += 1;
    held.add(socket);
  } else {
    arrivals.push([mark, performance.timeOrigin + performance.now()]);
    socket.write(OK);
  }
}

const server = createServer((socket) => {
  let received: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const headEnd = received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = received.toString('latin1', 0, headEnd);
    const end = headEnd + HEAD_END.length + Number(CONTENT_LENGTH.exec(head)?.[1] ?? 0);
    if (received.length < end) return;
    const at = received.lastIndexOf(MARK) + MARK.length;
    take(socket, head.split(' ', 2)[1] ?? '', Number(received.toString('latin1', at, at + MARK_DIGITS)));
    received = received.subarray(end);
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

answering<SinkOrder>(async (order) => {
  const address = server.address();
  if (order === 'port') return typeof address === 'object' ? address?.port : undefined;
  if (order === 'count') return arrivals.length;
  if (order === 'let go') {
    for (const socket of held) socket.destroy();
    held.clear();
    return undefined;
  }
  const report: SinkReport = { count: arrivals.length, arrivals, failed, hanging };
  arrivals = [];
  failed = 0;
  hanging = 0;
  return report;
});
