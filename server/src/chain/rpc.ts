import http from 'node:http';
import https from 'node:https';
import { assertOutsideTransaction } from '../kernel/outside.ts';

/** The node answered, and its answer is an error (JSON-RPC 2.0, section 5.1). */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/**
 * No usable answer: refused, reset, timed out, not HTTP 200, or not JSON-RPC. Whether the node acted on the
 * call is unknown; a submission must be settled by asking, never by repeating.
 */
export class RpcTransportError extends Error {
  override readonly name = 'RpcTransportError';
  readonly timedOut: boolean;

  constructor(message: string, options: { cause?: unknown; timedOut?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.timedOut = options.timedOut ?? false;
  }
}

export interface RpcCall {
  readonly method: string;
  readonly params?: readonly unknown[];
}

export interface JsonRpcOptions {
  readonly url: string;
  /** For one HTTP exchange, connection included. */
  readonly timeoutMs: number;
  /** Calls per HTTP request; longer batches are split. */
  readonly maxBatch?: number;
}

const MAX_SOCKETS = 64;
const DEFAULT_MAX_BATCH = 100;
const MAX_REPLY_BYTES = 128 * 1024 * 1024;
/** Reads may be asked again when a kept-alive socket proves dead; anything else goes out at most once. */
const REPEATABLE = /^(eth_(?!send|sign|submit)|net_|web3_|txpool_)/;

interface WireReply {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown };
}

/** JSON-RPC 2.0 over HTTP with kept-alive connections. Numbers in results stay as the node wrote them (hex). */
export class JsonRpc {
  readonly url: string;
  readonly #target: URL;
  readonly #timeoutMs: number;
  readonly #maxBatch: number;
  readonly #agent: http.Agent;
  #nextId = 1;

  constructor(options: JsonRpcOptions) {
    this.url = options.url;
    this.#target = new URL(options.url);
    this.#timeoutMs = options.timeoutMs;
    this.#maxBatch = options.maxBatch ?? DEFAULT_MAX_BATCH;
    const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS };
    this.#agent =
      this.#target.protocol === 'https:' ? new https.Agent(agentOptions) : new http.Agent(agentOptions);
  }

  /** The result. Throws RpcError when the node refuses, RpcTransportError when no answer is to be had. */
  async call<T>(method: string, params: readonly unknown[] = [], timeoutMs = this.#timeoutMs): Promise<T> {
    const id = this.#nextId++;
    const body = JSON.stringify({ jsonrpc: '2.0', id, method, params });
    const reply = await this.#exchange(body, timeoutMs, REPEATABLE.test(method));
    const outcome = outcomeOf(reply, method);
    if (outcome instanceof RpcError) throw outcome;
    return outcome as T;
  }

  /** One outcome per call, in the order asked: the result, or the node's RpcError. Throws only RpcTransportError. */
  async batch<T>(calls: readonly RpcCall[], timeoutMs = this.#timeoutMs): Promise<(T | RpcError)[]> {
    const outcomes: (T | RpcError)[] = [];
    for (let start = 0; start < calls.length; start += this.#maxBatch) {
      outcomes.push(...(await this.#batch<T>(calls.slice(start, start + this.#maxBatch), timeoutMs)));
    }
    return outcomes;
  }

  /** Closes the kept connections; calls under way fail. */
  close(): void {
    this.#agent.destroy();
  }

  async #batch<T>(calls: readonly RpcCall[], timeoutMs: number): Promise<(T | RpcError)[]> {
    const firstId = this.#nextId;
    this.#nextId += calls.length;
    const body = JSON.stringify(
      calls.map(({ method, params = [] }, i) => ({ jsonrpc: '2.0', id: firstId + i, method, params })),
    );
    const repeatable = calls.every((call) => REPEATABLE.test(call.method));
    const replies = await this.#exchange(body, timeoutMs, repeatable);
    if (!Array.isArray(replies)) {
      // A node that refuses the batch as a whole answers with one error object.
      const outcome = outcomeOf(replies, 'batch');
      if (outcome instanceof RpcError) return calls.map(() => outcome);
      throw new RpcTransportError('the node answered a batch with a single result');
    }
    const byId = new Map(replies.map((reply: WireReply) => [reply.id, reply]));
    return calls.map(({ method }, i) => outcomeOf(byId.get(firstId + i), method) as T | RpcError);
  }

  async #exchange(body: string, timeoutMs: number, repeatable: boolean): Promise<unknown> {
    assertOutsideTransaction('a chain node');
    try {
      return parse(await this.#post(body, timeoutMs));
    } catch (error) {
      if (!(repeatable && error instanceof StaleSocket)) throw error;
      return parse(await this.#post(body, timeoutMs));
    }
  }

  #post(body: string, timeoutMs: number): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const send = this.#target.protocol === 'https:' ? https.request : http.request;
    const request = send(this.#target, {
      method: 'POST',
      agent: this.#agent,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    const fail = (error: Error & { code?: string }): void => {
      clearTimeout(timer);
      if (error instanceof RpcTransportError) reject(error);
      else if (request.reusedSocket && error.code === 'ECONNRESET') reject(new StaleSocket(error));
      else reject(new RpcTransportError(`no answer from the node: ${error.message}`, { cause: error }));
    };
    const timer = setTimeout(() => {
      request.destroy(new RpcTransportError(`no answer within ${timeoutMs} ms`, { timedOut: true }));
    }, timeoutMs);
    request.on('error', fail);
    request.on('response', (response) => {
      readReply(response).then((text) => {
        clearTimeout(timer);
        resolve(text);
      }, fail);
    });
    request.end(body);
    return promise;
  }
}

class StaleSocket extends RpcTransportError {
  constructor(cause: Error) {
    super('the node closed a kept-alive connection', { cause });
  }
}

async function readReply(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_REPLY_BYTES) throw new RpcTransportError(`reply exceeds ${MAX_REPLY_BYTES} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  // Some nodes send JSON-RPC errors with a 4xx or 5xx status; only a body that is not JSON is a transport matter.
  if (response.statusCode !== 200 && !/^\s*[[{].*"jsonrpc"/s.test(text)) {
    throw new RpcTransportError(`the node answered with HTTP status ${response.statusCode}`);
  }
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RpcTransportError('the node answered with something that is not JSON', { cause: error });
  }
}

function outcomeOf(reply: unknown, method: string): unknown {
  if (typeof reply !== 'object' || reply === null) throw new RpcTransportError(`no reply to ${method}`);
  const { error, result } = reply as WireReply;
  if (error) {
    return new RpcError(Number(error.code ?? 0), String(error.message ?? 'unknown error'), error.data);
  }
  if (result === undefined) throw new RpcTransportError(`reply to ${method} has neither result nor error`);
  return result;
}
