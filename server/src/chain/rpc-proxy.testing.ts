import { once } from 'node:events';
import http from 'node:http';
import { assert } from '../kernel/assert.ts';

/** A JSON-RPC proxy that fails on demand. Counters are used up by submissions of transactions. */
export interface FaultyProxy {
  readonly url: string;
  readonly faults: {
    /** Every connection is cut. */
    down: boolean;
    /** The node never sees so many submissions. */
    dropRequests: number;
    /** The node takes so many submissions, the client sees its connection cut. */
    dropResponses: number;
  };
  stop(): Promise<void>;
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const faults = { down: false, dropRequests: 0, dropResponses: 0 };
  const takeOne = (fault: 'dropRequests' | 'dropResponses'): boolean => {
    if (faults[fault] === 0) return false;
    faults[fault] -= 1;
    return true;
  };
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const isSubmission = body.includes('eth_sendRawTransaction');
    if (faults.down || (isSubmission && takeOne('dropRequests'))) return request.socket.destroy();
    const answer = await fetch(target, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
      .then((reply) => reply.text())
      .catch(() => undefined);
    if (answer === undefined || (isSubmission && takeOne('dropResponses'))) return request.socket.destroy();
    response.end(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'a TCP server has an address');
  return {
    url: `http://127.0.0.1:${address.port}`,
    faults,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
