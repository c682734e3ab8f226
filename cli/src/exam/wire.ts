import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';

export interface Outgoing {
  readonly method: 'POST' | 'GET';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** How many writes the body goes out in, each a moment after the one before; one when absent. */
  readonly pieces?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The first of it, for the report. */
  readonly text: string;
  /** Of the body; what is above `MAX_READ_BYTES` was not waited for. */
  readonly bodyBytes: number;
}

/** One request and what came of it: an answer, or why there was none. */
export interface Exchange {
  readonly sent: Outgoing;
  readonly durationMs: number;
  readonly answer?: Answer;
  readonly problem?: { readonly kind: 'unreachable' | 'broken' | 'timeout'; readonly message: string };
}

export const isAccepted = ({ answer }: Exchange): boolean =>
  answer !== undefined && answer.status >= 200 && answer.status < 300;

/** Never throws but for the signal. */
export type Wire = (outgoing: Outgoing, maxReadBytes?: number) => Promise<Exchange>;

const MAX_READ_BYTES = 65_536;
const PIECE_PAUSE_MS = 30;

/**
 * Sends as OpenOMS does: a connection for each request, no redirect followed, nothing of the environment. The whole
 * answer must be there within the time.
 */
export const openWire =
  (timeoutMs: number, signal: AbortSignal): Wire =>
  async (outgoing, maxReadBytes = MAX_READ_BYTES) => {
    const startedAt = performance.now();
    const limit = AbortSignal.timeout(timeoutMs);
    const state = { connected: false };
    const outcome = await exchange(outgoing, maxReadBytes, AbortSignal.any([limit, signal]), state).then(
      (answer) => ({ answer }),
      (error: NodeJS.ErrnoException) => ({ problem: problemOf(error, limit.aborted, state.connected) }),
    );
    signal.throwIfAborted();
    return { sent: outgoing, durationMs: Math.round(performance.now() - startedAt), ...outcome };
  };

function problemOf(
  error: NodeJS.ErrnoException,
  isTimeout: boolean,
  connected: boolean,
): NonNullable<Exchange['problem']> {
  const message =
    error.code && !error.message.includes(error.code) ? `${error.code} ${error.message}` : error.message;
  if (!connected) return { kind: 'unreachable', message: isTimeout ? 'no connection in time' : message };
  return isTimeout ? { kind: 'timeout', message: 'no answer in time' } : { kind: 'broken', message };
}

function exchange(
  { method, url, headers, body, pieces = 1 }: Outgoing,
  maxReadBytes: number,
  signal: AbortSignal,
  state: { connected: boolean },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const isTls = url.protocol === 'https:';
    const call = (isTls ? httpsRequest : httpRequest)(url, {
      method,
      agent: false,
      signal,
      headers: { ...headers, ...(body && { 'content-length': String(body.byteLength) }) },
    });
    call.once('socket', (socket) => {
      socket.once(isTls ? 'secureConnect' : 'connect', () => {
        state.connected = true;
        socket.setNoDelay(true);
      });
    });
    // A receiver may answer before it has read everything, and close: what it answered counts.
    call.on('error', reject);
    call.once('response', (response) => readAnswer(response, maxReadBytes).then(resolve, reject));
    void writeBody(call, body, pieces).catch(reject);
  });
}

async function writeBody(
  call: ReturnType<typeof httpRequest>,
  body: Buffer | undefined,
  pieces: number,
): Promise<void> {
  const size = Math.ceil((body?.byteLength ?? 0) / pieces);
  for (let piece = 0; body && piece < pieces - 1; piece += 1) {
    call.write(body.subarray(piece * size, (piece + 1) * size));
    await delay(PIECE_PAUSE_MS);
  }
  call.end(body?.subarray((pieces - 1) * size));
}

function readAnswer(response: IncomingMessage, maxReadBytes: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bodyBytes = 0;
    const finish = (): void => {
      const text = Buffer.concat(chunks).subarray(0, maxReadBytes).toString();
      const headers = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
      );
      resolve({ status: response.statusCode ?? 0, headers, text, bodyBytes });
      response.destroy();
    };
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bodyBytes += chunk.byteLength;
      if (bodyBytes > maxReadBytes) finish();
    });
    response.once('end', finish);
    response.once('error', reject);
  });
}
