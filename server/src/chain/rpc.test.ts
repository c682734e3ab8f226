import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { JsonRpc, RpcError, RpcTransportError } from './rpc.ts';

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: unknown[];
}
type Answer = (body: Call | Call[], response: http.ServerResponse, socket: Socket) => void;

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function nodeThat(answer: Answer, options: { timeoutMs?: number; maxBatch?: number } = {}) {
  const seen: (Call | Call[])[] = [];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Call | Call[];
    seen.push(body);
    answer(body, response, request.socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rpc = new JsonRpc({ url, timeoutMs: 5_000, ...options });
  cleanups.push(() => {
    rpc.close();
    server.closeAllConnections();
    server.close();
  });
  return { rpc, seen, server };
}

const reply = (call: Call, result: unknown) => ({ jsonrpc: '2.0', id: call.id, result });

test('a call returns the result, null included', async () => {
  const { rpc } = await nodeThat((body, response) => {
    const call = body as Call;
    response.end(JSON.stringify(reply(call, call.method === 'eth_chainId' ? '0x89' : null)));
  });
  expect(await rpc.call<string>('eth_chainId')).toBe('0x89');
  expect(await rpc.call('eth_getTransactionReceipt', ['0x1'])).toBeNull();
});

test("the node's refusal is an RpcError with code and data, whatever the HTTP status", async () => {
  const { rpc } = await nodeThat((body, response) => {
    response.statusCode = 400;
    const error = { code: 3, message: 'execution reverted', data: '0x08c379a0' };
    response.end(JSON.stringify({ jsonrpc: '2.0', id: (body as Call).id, error }));
  });
  const error = await rpc.call('eth_call').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RpcError);
  expect(error).toMatchObject({ code: 3, message: 'execution reverted', data: '0x08c379a0' });
});

test('a batch keeps the order asked, is split at its limit, and holds each error in its place', async () => {
  const { rpc, seen } = await nodeThat(
    (body, response) => {
      const replies = (body as Call[]).map((call) =>
        call.method === 'bad'
          ? { jsonrpc: '2.0', id: call.id, error: { code: -32601, message: 'Method not found' } }
          : reply(call, call.params[0]),
      );
      response.end(JSON.stringify(replies.reverse()));
    },
    { maxBatch: 2 },
  );
  const outcomes = await rpc.batch([
    { method: 'eth_a', params: ['a'] },
    { method: 'bad' },
    { method: 'eth_c', params: ['c'] },
  ]);
  expect(outcomes[0]).toBe('a');
  expect(outcomes[1]).toBeInstanceOf(RpcError);
  expect(outcomes[2]).toBe('c');
  expect(seen.map((body) => (body as Call[]).length)).toEqual([2, 1]);
});

test('a batch the node refuses as a whole fails each of its calls', async () => {
  const { rpc } = await nodeThat((_body, response) => {
    response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32005, message: 'too large' } }));
  });
  const outcomes = await rpc.batch([{ method: 'eth_a' }, { method: 'eth_b' }]);
  expect(outcomes.map((outcome) => (outcome as RpcError).code)).toEqual([-32005, -32005]);
});

test('no answer in time, a refused connection and a non-JSON answer are transport errors', async () => {
  const silent = await nodeThat(() => {}, { timeoutMs: 50 });
  await expect(silent.rpc.call('eth_chainId')).rejects.toMatchObject({
    name: 'RpcTransportError',
    timedOut: true,
  });
  const html = await nodeThat((_body, response) => response.writeHead(502).end('<html>Bad gateway</html>'));
  await expect(html.rpc.call('eth_chainId')).rejects.toThrow('HTTP status 502');
  const refused = new JsonRpc({ url: 'http://127.0.0.1:1', timeoutMs: 1_000 });
  await expect(refused.call('eth_chainId')).rejects.toBeInstanceOf(RpcTransportError);
});

test('a read survives a kept-alive socket that died; a submission goes out once and fails', async () => {
  let dropNext = false;
  const { rpc, seen } = await nodeThat((body, response, socket) => {
    if (dropNext) {
      dropNext = false;
      socket.destroy();
      return;
    }
    response.end(JSON.stringify(reply(body as Call, '0x1')));
  });
  await rpc.call('eth_blockNumber');
  dropNext = true;
  expect(await rpc.call('eth_blockNumber')).toBe('0x1');
  expect(seen).toHaveLength(3);
  dropNext = true;
  await expect(rpc.call('eth_sendRawTransaction', ['0x02'])).rejects.toBeInstanceOf(RpcTransportError);
  expect(seen).toHaveLength(4);
});
