import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { issuedFor, trustTestAuthority } from '../../test/egress/certificates.ts';
import { closeServer, listen } from '../../test/egress/listening.ts';
import { MISBEHAVING_ENDPOINTS } from '../../test/misbehaving-endpoints.ts';
import { Sender } from './sender.ts';

trustTestAuthority();

/** Long enough for an exchange on the loopback of a busy machine. */
const TIMEOUT_MS = 5_000;
const SHORT_TIMEOUT_MS = 300;
const LOOPBACK = { trustedHosts: ['127.0.0.1', 'localhost', '[::1]'] };

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function newSender(timeoutMs = TIMEOUT_MS): Sender {
  const sender = new Sender({ policy: LOOPBACK, timeoutMs });
  closers.push(() => sender.close());
  return sender;
}

async function serve(server: Server, host = '127.0.0.1'): Promise<number> {
  const port = await listen(server, host);
  closers.push(() => closeServer(server));
  return port;
}

/** The number of connections and what came in on them. */
async function receiver(
  answer: (response: ServerResponse, request: IncomingMessage) => void = (response) =>
    void response.writeHead(204).end(),
) {
  const seen = { connections: 0, requests: [] as { request: IncomingMessage; body: string }[] };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      seen.requests.push({ request, body });
      answer(response, request);
    });
  });
  server.on('connection', () => seen.connections++);
  const port = await serve(server);
  return { seen, server, port, url: `http://127.0.0.1:${port}/hooks?a=1` };
}

const BODY = '{"event":"cashIn.completed","name":"Zoë"}';
const delivery = (url: string) => ({ url, body: BODY, headers: { 'webhook-id': 'whd_1' } });

describe('an endpoint that', () => {
  it.each(MISBEHAVING_ENDPOINTS)('$name', async ({ start, expected, isSlow }) => {
    const endpoint = await start();
    closers.push(() => endpoint.close());
    const sender = newSender(isSlow ? SHORT_TIMEOUT_MS : TIMEOUT_MS);
    const result = await sender.send(delivery(endpoint.url));
    expect(result).toMatchObject(expected);
    expect(Object.keys(result)).toEqual(expect.arrayContaining(Object.keys(expected)));
    if (!expected.errorCode) expect(result).not.toHaveProperty('errorCode');
    if (!expected.statusCode) expect(result).not.toHaveProperty('statusCode');
    expect(endpoint.requests).toBeLessThanOrEqual(1);
    if (isSlow) expect(result.durationMs).toBeGreaterThanOrEqual(SHORT_TIMEOUT_MS - 1);
    expect(result.durationMs).toBeLessThan(TIMEOUT_MS);
    expect(Buffer.byteLength(result.responseBody ?? '')).toBeLessThanOrEqual(1_024);
  });
});

describe('a delivery', () => {
  it('arrives as it was given, with the headers it was given', async () => {
    const { seen, url, port } = await receiver((response) =>
      response
        .writeHead(200, { 'content-type': 'text/plain', 'set-cookie': 'a=b', server: 'x' })
        .end('ünïcode'),
    );
    const result = await newSender().send(delivery(url));
    expect(result).toEqual({
      statusCode: 200,
      responseHeaders: { 'content-type': 'text/plain', server: 'x', date: expect.any(String) },
      responseBody: 'ünïcode',
      durationMs: expect.any(Number),
    });
    const [{ request, body } = {}] = seen.requests;
    expect(body).toBe(BODY);
    expect(request).toMatchObject({ method: 'POST', url: '/hooks?a=1' });
    expect(request?.headers).toMatchObject({
      host: `127.0.0.1:${port}`,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(BODY)),
      'user-agent': 'OpenOMS-Webhooks/1',
      'webhook-id': 'whd_1',
    });
  });

  it('goes over TLS with a certificate that is trusted, for a name and for an address', async () => {
    const seen: (string | undefined)[] = [];
    const options = issuedFor({ dnsNames: ['localhost'], ipv4Addresses: ['127.0.0.1'] });
    const server = createHttpsServer(options, (request, response) => {
      seen.push(request.headers.host);
      response.writeHead(204).end();
    });
    const port = await serve(server);
    const sender = newSender();
    for (const host of ['localhost', '127.0.0.1', '127.0.0.1'])
      expect(await sender.send(delivery(`https://${host}:${port}/`))).toMatchObject({ statusCode: 204 });
    expect(seen).toEqual([`localhost:${port}`, `127.0.0.1:${port}`, `127.0.0.1:${port}`]);
  });

  it('goes to ::1 too, by its address and by localhost', async () => {
    let count = 0;
    const server = createServer((_, response) => {
      count++;
      response.writeHead(204).end();
    });
    const port = await serve(server, '::1');
    const sender = newSender();
    expect(await sender.send(delivery(`http://[::1]:${port}/`))).toMatchObject({ statusCode: 204 });
    expect(await sender.send(delivery(`http://localhost:${port}/`))).toMatchObject({ statusCode: 204 });
    expect(count).toBe(2);
  });

  it('cuts a text at 1 kB between two characters', async () => {
    const { url } = await receiver((response) => void response.end(`a${'é'.repeat(1_000)}`));
    const { responseBody } = await newSender().send(delivery(url));
    expect(responseBody).toBe(`a${'é'.repeat(511)}`);
  });
});

describe('connections', () => {
  it('are kept and used again, one request at a time', async () => {
    const { seen, url } = await receiver();
    const sender = newSender();
    for (let count = 0; count < 20; count++) await sender.send(delivery(url));
    expect(seen).toMatchObject({ connections: 1 });
    await Promise.all(Array.from({ length: 5 }, () => sender.send(delivery(url))));
    expect(seen.connections).toBe(5);
    expect(seen.requests).toHaveLength(25);
  });

  it('are not shared by two origins, nor used after an answer that was cut', async () => {
    const [one, two] = [await receiver((response) => void response.end('a'.repeat(5_000))), await receiver()];
    const sender = newSender();
    for (const { url } of [one, two, one, two]) await sender.send(delivery(url));
    expect([one.seen.connections, two.seen.connections]).toEqual([2, 1]);
  });

  it('that were closed while idle are replaced', async () => {
    const { seen, url, server } = await receiver();
    const sender = newSender();
    await sender.send(delivery(url));
    server.closeIdleConnections();
    expect(await sender.send(delivery(url))).toMatchObject({ statusCode: 204 });
    expect(seen).toMatchObject({ connections: 2 });
    expect(seen.requests).toHaveLength(2);
  });

  it('that are lost on their second request are replaced once, and a fresh one is not', async () => {
    let connections = 0;
    let requests = 0;
    /** Answers the first request of a connection and resets on the next, from the third connection on at once. */
    const server = createTcpServer((socket: Socket) => {
      const isHostile = ++connections >= 3;
      let answered = 0;
      socket.on('data', () => {
        requests++;
        if (isHostile || answered++ > 0) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 204 No Content\r\n\r\n');
      });
    });
    const port = await serve(server);
    const sender = newSender();
    const send = () => sender.send({ ...delivery(`http://127.0.0.1:${port}/`) });
    expect(await send()).toMatchObject({ statusCode: 204 });
    expect([connections, requests]).toEqual([1, 1]);
    expect(await send()).toMatchObject({ statusCode: 204 });
    expect([connections, requests]).toEqual([2, 3]);
    expect(await send()).toMatchObject({ errorCode: 'reset' });
    expect([connections, requests]).toEqual([3, 5]);
  });

  it('that began to answer are never asked again', async () => {
    let requests = 0;
    const server = createTcpServer((socket: Socket) => {
      let answered = 0;
      socket.on('data', () => {
        requests++;
        if (answered++ === 0) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
        else socket.end('HTTP/1.1 2');
      });
    });
    const port = await serve(server);
    const sender = newSender();
    const send = () => sender.send(delivery(`http://127.0.0.1:${port}/`));
    expect(await send()).toMatchObject({ statusCode: 204 });
    expect(await send()).toMatchObject({ errorCode: 'reset' });
    expect(requests).toBe(2);
  });

  it('that say something before they are asked answer nobody', async () => {
    const server = createTcpServer((socket: Socket) => {
      let answered = 0;
      socket.on('data', () => {
        answered++;
        // The second is the answer to a request that nobody has sent yet.
        socket.write('HTTP/1.1 204 No Content\r\n\r\n');
        if (answered === 1) socket.write('HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n');
      });
    });
    const port = await serve(server);
    const sender = newSender();
    for (let count = 0; count < 3; count++)
      expect(await sender.send(delivery(`http://127.0.0.1:${port}/`))).toMatchObject({ statusCode: 204 });
  });
});

describe('a sender', () => {
  it('refuses a URL that is not allowed, at every attempt', async () => {
    const sender = newSender();
    expect(await sender.send(delivery('https://10.0.0.1/'))).toEqual({
      error: 'the URL is inside a private network',
      errorCode: 'refused',
      durationMs: 0,
    });
    expect(await sender.send(delivery('nonsense'))).toMatchObject({ errorCode: 'refused' });
  });

  it('that is closed ends what is under way, and sends no more', async () => {
    const arrived = Promise.withResolvers<void>();
    const { url } = await receiver(() => arrived.resolve());
    const sender = newSender();
    const sending = sender.send(delivery(url));
    await arrived.promise;
    await sender.close();
    expect(await sending).toMatchObject({ errorCode: 'closed' });
    expect(await sender.send(delivery(url))).toMatchObject({ errorCode: 'closed' });
  });

  it('never has more than 512 connections in use, and sends all the same', async () => {
    let [now, most] = [0, 0];
    const { url, server } = await receiver();
    server.on('request', (_, response: ServerResponse) => {
      most = Math.max(most, ++now);
      response.once('close', () => now--);
    });
    const sender = newSender(15_000);
    const results = await Promise.all(Array.from({ length: 700 }, () => sender.send(delivery(url))));
    expect(results.filter(({ statusCode }) => statusCode === 204)).toHaveLength(700);
    expect(most).toBeLessThanOrEqual(512);
  });
});
