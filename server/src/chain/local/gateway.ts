import http from 'node:http';
import { assert } from '../../kernel/assert.ts';
import { type JsonRpc, RpcError } from '../rpc.ts';
import type { Hex } from '../token/hex.ts';
import { kindOf, parseMine } from './methods.ts';
import type { Sequencer } from './sequencer.ts';
import { parseTokenBalances } from './token-balances.ts';
import { type ChainTrouble, NodeDown } from './trouble.ts';

const MAX_BODY_BYTES = 32 * 1024 * 1024;
const MAX_BATCH_CALLS = 1_000;
const MAX_SOCKETS_TO_ANVIL = 64;
/** Longer than callers pause: a submission that meets a socket just closed must be settled by asking. */
const IDLE_SOCKET_TIMEOUT_MS = 65_000;
/** JSON-RPC 2.0, section 5.1. */
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const METHOD_NOT_FOUND = -32_601;
const INVALID_PARAMS = -32_602;
const INTERNAL_ERROR = -32_603;

interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

const isRead = (call: Call | RpcError): call is Call =>
  !(call instanceof RpcError) && kindOf(call.method) === 'read';

function toWire(calls: readonly Call[], isBatch: boolean): Buffer {
  const wire = calls.map((call) => ({ jsonrpc: '2.0', ...call }));
  return Buffer.from(JSON.stringify(isBatch ? wire : wire[0]));
}

/** A request the HTTP layer turns away. */
class HttpRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** JSON-RPC over HTTP on 127.0.0.1, in front of anvil: reads pass through, what changes the chain goes by the log. */
export class Gateway {
  readonly #rpc: JsonRpc;
  readonly #sequencer: Sequencer;
  readonly #trouble: ChainTrouble | undefined;
  readonly #server: http.Server;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS_TO_ANVIL });

  constructor(deps: {
    readonly rpc: JsonRpc;
    readonly sequencer: Sequencer;
    readonly trouble: ChainTrouble | undefined;
  }) {
    this.#rpc = deps.rpc;
    this.#sequencer = deps.sequencer;
    this.#trouble = deps.trouble;
    const settings = { keepAliveTimeout: IDLE_SOCKET_TIMEOUT_MS };
    this.#server = http.createServer(settings, (request, response) => void this.#serve(request, response));
  }

  /** Binds the port, or any free one for 0; the URL. */
  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    assert(typeof address === 'object' && address !== null, 'a TCP server has an address');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Cuts off requests under way. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await closed;
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    try {
      checkCaller(request);
      const body = await readBody(request);
      const calls = parseCalls(body);
      const isBatch = Array.isArray(calls);
      const list = isBatch ? calls : [calls];
      const asked = (await this.#trouble?.meet(list)) ?? list;
      if (asked.length > 0 && asked.every(isRead)) {
        return await this.#forward(asked === list ? body : toWire(asked, isBatch), response);
      }
      const replies = await Promise.all(asked.map((call) => this.#reply(call)));
      sendJson(response, 200, isBatch ? replies : replies[0]);
    } catch (error) {
      if (error instanceof HttpRefusal) sendJson(response, error.status, { error: error.message });
      else if (error instanceof NodeDown) sendJson(response, 503, { error: error.message });
      else if (response.headersSent) response.destroy();
      else
        sendJson(
          response,
          502,
          replyOf(null, new RpcError(INTERNAL_ERROR, 'the local chain does not answer')),
        );
    }
  }

  async #reply(call: Call | RpcError): Promise<unknown> {
    if (call instanceof RpcError) return replyOf(null, call);
    try {
      return replyOf(call.id, await this.#do(call));
    } catch (error) {
      const known =
        error instanceof RpcError ? error : new RpcError(INTERNAL_ERROR, (error as Error).message);
      return replyOf(call.id, known);
    }
  }

  async #do({ method, params }: Call): Promise<unknown> {
    switch (kindOf(method)) {
      case 'read':
        return this.#rpc.call(method, params);
      case 'submit': {
        const [raw] = params;
        if (typeof raw !== 'string') throw new RpcError(INVALID_PARAMS, 'a raw transaction is a hex string');
        return (await this.#trouble?.lose(raw as Hex)) ?? this.#sequencer.submit(raw);
      }
      case 'mine': {
        const request = parseMine(method, params);
        if (!request) throw new RpcError(INVALID_PARAMS, `malformed parameters of ${method}`);
        await this.#sequencer.mine(request);
        return method === 'evm_mine' ? '0x0' : null;
      }
      case 'cheat':
        return this.#sequencer.cheat(method, params);
      case 'setTokenBalances': {
        const balances = parseTokenBalances(params);
        if (!balances) throw new RpcError(INVALID_PARAMS, `malformed parameters of ${method}`);
        return `0x${(await this.#sequencer.setTokenBalances(balances)).toString(16)}`;
      }
      case 'refused':
        throw new RpcError(
          METHOD_NOT_FOUND,
          `${method} is not available on the local chain: it decides itself when blocks are mined, and takes signed transactions by eth_sendRawTransaction`,
        );
    }
  }

  /** The bytes to anvil and its answer back, unread: replies to eth_getLogs can be large. */
  #forward(body: Buffer, response: http.ServerResponse): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = http.request(this.#rpc.url, {
        method: 'POST',
        agent: this.#agent,
        headers: { 'content-type': 'application/json', 'content-length': body.byteLength },
      });
      request.on('error', reject);
      request.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, { 'content-type': 'application/json' });
        answer.on('error', reject);
        answer.pipe(response).on('close', resolve);
      });
      request.end(body);
    });
  }
}

/**
 * Only programs of this machine: a web page open in a browser here can send requests to loopback too, but not with
 * this content type unless we agree (CORS), nor, by a name of its own for 127.0.0.1, with our host.
 */
function checkCaller(request: http.IncomingMessage): void {
  if (request.method !== 'POST') throw new HttpRefusal(405, 'JSON-RPC is spoken by POST');
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) {
    throw new HttpRefusal(403, 'the local chain answers to 127.0.0.1 and localhost');
  }
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new HttpRefusal(415, 'the content type is application/json');
  }
}

async function readBody(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new HttpRefusal(413, `at most ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseCalls(body: Buffer): Call | RpcError | (Call | RpcError)[] {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return new RpcError(PARSE_ERROR, 'not JSON');
  }
  if (!Array.isArray(value)) return parseCall(value);
  if (value.length === 0 || value.length > MAX_BATCH_CALLS) {
    return new RpcError(INVALID_REQUEST, `a batch has 1 to ${MAX_BATCH_CALLS} calls`);
  }
  return value.map(parseCall);
}

function parseCall(value: unknown): Call | RpcError {
  const { id = null, method, params = [] } = (value ?? {}) as Record<string, unknown>;
  if (typeof method !== 'string' || !Array.isArray(params)) {
    return new RpcError(INVALID_REQUEST, 'a call has a method and a list of params');
  }
  return { id, method, params };
}

function replyOf(id: unknown, outcome: unknown): unknown {
  if (!(outcome instanceof RpcError)) return { jsonrpc: '2.0', id, result: outcome };
  const { code, message, data } = outcome;
  return { jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } };
}

function sendJson(response: http.ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
