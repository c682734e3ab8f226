import { createServer, type Server, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { createSecureContext, createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';
import type { AttemptResult } from '../src/webhooks/sender.ts';
import { EXPIRED, issuedFor, STRANGER, selfSigned } from './egress/certificates.ts';
import { closeServer, listen } from './egress/listening.ts';

/** A webhook endpoint on the loopback that does one thing wrong, or has a reason to answer other than 2xx. */
export interface MisbehavingEndpoint {
  readonly name: string;
  /** What an attempt must come to, for a process that called `trustTestAuthority`. */
  readonly expected: Partial<AttemptResult>;
  /** The attempt ends only when its time is up. */
  readonly isSlow: boolean;
  start(): Promise<RunningEndpoint>;
}

export interface RunningEndpoint {
  readonly url: string;
  /** So many whole requests came in. */
  readonly requests: number;
  close(): Promise<void>;
}

/** What is done to a socket: at once, or when a whole request has come in on it. */
interface Behaviour {
  readonly onConnection?: (socket: Socket) => void;
  readonly onRequest?: (socket: Socket) => void;
  readonly tls?: () => TlsOptions;
  /** Nothing but the bytes of TCP, at a URL of https. */
  readonly claimsTls?: boolean;
}

const DRIP_MS = 25;
const MANY_BYTES = 5 * 1_024 * 1_024;

function misbehaving(
  name: string,
  expected: Partial<AttemptResult>,
  behaviour: Behaviour,
  isSlow = false,
): MisbehavingEndpoint {
  return { name, expected, isSlow, start: () => start(behaviour) };
}

async function start({ onConnection, onRequest, tls, claimsTls }: Behaviour): Promise<RunningEndpoint> {
  let requests = 0;
  const serve = (socket: Socket): void => {
    socket.on('error', () => undefined);
    onConnection?.(socket);
    if (!onRequest) return;
    onEachRequest(socket, () => {
      requests++;
      onRequest(socket);
    });
  };
  const server: Server = tls ? createTlsServer(tls(), serve) : createServer(serve);
  const port = await listen(server);
  return {
    url: `${tls || claimsTls ? 'https' : 'http'}://127.0.0.1:${port}/webhooks`,
    get requests() {
      return requests;
    },
    close: () => closeServer(server),
  };
}

/** Requests of one `content-length` each, as the sender's are. */
function onEachRequest(socket: Socket, handle: () => void): void {
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    for (;;) {
      const end = received.indexOf('\r\n\r\n') + 4;
      if (end < 4) return;
      const length = Number(/^content-length: (\d+)\r$/im.exec(received.slice(0, end))?.[1] ?? 0);
      if (received.length < end + length) return;
      received = received.slice(end + length);
      handle();
    }
  });
}

/** Writes `piece` again and again, as fast as it is read or at intervals, until the socket ends. */
function repeat(socket: Socket, piece: string, pauseMs?: number): void {
  if (pauseMs !== undefined) {
    const timer = setInterval(() => socket.write(piece), pauseMs);
    socket.once('close', () => clearInterval(timer));
    return;
  }
  const pour = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', pour);
  pour();
}

const answering = (head: readonly string[], body = '', headers: readonly string[] = []): Behaviour => ({
  onRequest: (socket) => {
    const length = `content-length: ${Buffer.byteLength(body)}`;
    socket.write([...head, length, ...headers, '', body].join('\r\n'));
  },
});

/** As they are. */
const writing = (...lines: readonly string[]): Behaviour => ({
  onRequest: (socket) => {
    socket.write(lines.join('\r\n'));
  },
});

const thenEnd = ({ onRequest }: Behaviour): Behaviour => ({
  onRequest: (socket) => {
    onRequest?.(socket);
    socket.end();
  },
});

const overTls = (tls: () => TlsOptions): Behaviour => ({ ...answering(['HTTP/1.1 204 No Content']), tls });
const FOR_LOOPBACK = { ipv4Addresses: ['127.0.0.1'], dnsNames: ['localhost'] };

const OK = 'HTTP/1.1 200 OK';
const CHUNKED = 'transfer-encoding: chunked';
const redirectTo = (location: string, status: string): Behaviour =>
  answering([`HTTP/1.1 ${status}`], '', [`location: ${location}`]);

const NOT_HTTP = { errorCode: 'protocol', error: 'the answer is not HTTP/1.1' } as const;
const NEVER_ANSWERED = { errorCode: 'timeout', error: 'no answer in time' } as const;
const CLOSED = { errorCode: 'reset', error: 'the connection was closed before there was an answer' } as const;
const CUT_OFF = {
  errorCode: 'reset',
  error: 'the connection was closed before the answer was complete',
} as const;
const tlsFailure = (error: string) => ({ errorCode: 'tls', error }) as const;

/** Connections that do not get as far as an answer. */
const WITHOUT_ANSWER: readonly MisbehavingEndpoint[] = [
  {
    name: 'a closed port',
    expected: { errorCode: 'connect', error: 'the connection was refused' },
    isSlow: false,
    start: async () => {
      const endpoint = await start({});
      await endpoint.close();
      return { url: endpoint.url, requests: 0, close: async () => undefined };
    },
  },
  misbehaving(
    'never reads and never answers',
    NEVER_ANSWERED,
    { onConnection: (socket) => socket.pause() },
    true,
  ),
  misbehaving('never answers', NEVER_ANSWERED, { onRequest: () => undefined }, true),
  misbehaving(
    'drips headers that never end',
    NEVER_ANSWERED,
    {
      onRequest: (socket) => {
        socket.write(`${OK}\r\nx-slow: `);
        repeat(socket, 'a', DRIP_MS);
      },
    },
    true,
  ),
  misbehaving('resets when connected to', CLOSED, {
    onConnection: (socket) => socket.resetAndDestroy(),
  }),
  misbehaving('ends when connected to', CLOSED, { onConnection: (socket) => socket.end() }),
  misbehaving('resets when it has the request', CLOSED, { onRequest: (socket) => socket.resetAndDestroy() }),
  misbehaving('ends when it has the request', CLOSED, { onRequest: (socket) => socket.end() }),
  misbehaving('ends within the headers', CLOSED, {
    onRequest: (socket) => socket.end(`${OK}\r\ncontent-type: text/pl`),
  }),
];

const OVER_TLS: readonly MisbehavingEndpoint[] = [
  misbehaving(
    'has a certificate of its own',
    tlsFailure('the certificate is self-signed'),
    overTls(() => selfSigned(FOR_LOOPBACK)),
  ),
  misbehaving(
    'has a certificate that has expired',
    tlsFailure('the certificate has expired'),
    overTls(() => issuedFor({ ...FOR_LOOPBACK, ...EXPIRED })),
  ),
  misbehaving(
    'has a certificate for another host',
    tlsFailure('the certificate is for another host'),
    overTls(() => issuedFor({ dnsNames: ['other.example.com'], ipv4Addresses: ['127.0.0.9'] })),
  ),
  misbehaving(
    'speaks TLS 1.1 only',
    tlsFailure('the TLS handshake failed'),
    overTls(() => ({
      ...issuedFor(FOR_LOOPBACK),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })),
  ),
  misbehaving(
    'has a certificate by an authority that is not known',
    tlsFailure('the certificate is signed by an unknown authority, or its chain is incomplete'),
    overTls(() => issuedFor(FOR_LOOPBACK, STRANGER)),
  ),
  misbehaving(
    'demands a certificate of the sender',
    tlsFailure('TLS failed after the handshake'),
    overTls(() => ({ ...issuedFor(FOR_LOOPBACK), requestCert: true })),
  ),
  misbehaving('stops to encrypt after the handshake', tlsFailure('TLS failed after the handshake'), {
    claimsTls: true,
    onConnection: (socket) => {
      const [outer, inner] = duplexPair();
      socket.pipe(outer).pipe(socket);
      const secureContext = createSecureContext(issuedFor(FOR_LOOPBACK));
      const secured = new TLSSocket(inner, { isServer: true, secureContext });
      secured.on('error', () => undefined);
      secured.once('data', () => socket.write('HTTP/1.1 204 No Content\r\n\r\n'));
    },
  }),
  misbehaving('speaks HTTP where TLS is expected', tlsFailure('the TLS handshake failed'), {
    onConnection: (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    claimsTls: true,
  }),
  misbehaving('resets within the TLS handshake', tlsFailure('the TLS handshake failed'), {
    onConnection: (socket) => socket.once('data', () => socket.resetAndDestroy()),
    claimsTls: true,
  }),
  misbehaving(
    'never finishes the TLS handshake',
    { errorCode: 'timeout', error: 'the TLS handshake was not finished in time' },
    { onConnection: (socket) => socket.resume(), claimsTls: true },
    true,
  ),
];

/** Well-formed answers that are no success. */
const WITH_ANSWER: readonly MisbehavingEndpoint[] = [
  misbehaving(
    'answers 500',
    { statusCode: 500, responseBody: 'broken' },
    answering(['HTTP/1.1 500 Internal Server Error'], 'broken'),
  ),
  misbehaving(
    'answers 503 with Retry-After in seconds',
    { statusCode: 503, retryAfter: '120' },
    answering(['HTTP/1.1 503 Service Unavailable'], '', ['retry-after: 120']),
  ),
  misbehaving(
    'answers 429 with Retry-After as a date',
    { statusCode: 429, retryAfter: 'Wed, 21 Oct 2065 07:28:00 GMT' },
    answering(['HTTP/1.1 429 Too Many Requests'], '', ['Retry-After: Wed, 21 Oct 2065 07:28:00 GMT']),
  ),
  misbehaving('answers 410', { statusCode: 410 }, answering(['HTTP/1.1 410 Gone'])),
  ...[
    '301 Moved Permanently',
    '302 Found',
    '303 See Other',
    '307 Temporary Redirect',
    '308 Permanent Redirect',
  ].map((status) => {
    const statusCode = Number(status.slice(0, 3));
    return misbehaving(
      `redirects with ${statusCode}`,
      { statusCode, responseBody: '' },
      redirectTo('/elsewhere', status),
    );
  }),
];

/** Answers whose status is fine and whose rest is not. */
const WITH_BODY: readonly MisbehavingEndpoint[] = [
  misbehaving(
    'sends a body without end',
    { statusCode: 200, responseBody: 'endless '.repeat(128) },
    {
      onRequest: (socket) => {
        socket.write(`${OK}\r\n\r\n`);
        repeat(socket, 'endless '.repeat(1_024));
      },
    },
  ),
  misbehaving(
    'drips a body without end',
    { statusCode: 200, errorCode: 'body_timeout', error: 'the body of the answer was not finished in time' },
    {
      onRequest: (socket) => {
        socket.write(`${OK}\r\n${CHUNKED}\r\n\r\n`);
        repeat(socket, '1\r\na\r\n', DRIP_MS);
      },
    },
    true,
  ),
  misbehaving(
    'sends a body of 5 MB',
    { statusCode: 200, responseBody: 'a'.repeat(1_024) },
    answering([OK], 'a'.repeat(MANY_BYTES)),
  ),
  misbehaving(
    'resets within the body',
    { statusCode: 200, responseBody: 'half', ...CUT_OFF },
    {
      onRequest: (socket) => {
        socket.write(`${OK}\r\ncontent-length: 100\r\n\r\nhalf`, () =>
          setTimeout(() => socket.resetAndDestroy(), DRIP_MS),
        );
      },
    },
  ),
  misbehaving(
    'ends before its content-length',
    { statusCode: 200, ...CUT_OFF },
    thenEnd(writing(OK, 'content-length: 100', '', 'short')),
  ),
  misbehaving(
    'says it closes and ends before its content-length',
    { statusCode: 200, errorCode: 'protocol', error: 'the body of the answer is not as long as it says' },
    thenEnd(writing(OK, 'connection: close', 'content-length: 100', '', 'short')),
  ),
  misbehaving(
    'sends more than its content-length',
    { statusCode: 200, responseBody: 'five ' },
    writing(OK, 'content-length: 5', '', 'five and more'),
  ),
  misbehaving(
    'sends a body with 204',
    { statusCode: 204, responseBody: '' },
    writing('HTTP/1.1 204 No Content', 'content-length: 4', '', 'body'),
  ),
  misbehaving(
    'breaks its chunks',
    { statusCode: 200, ...NOT_HTTP },
    writing(OK, CHUNKED, '', 'zz', 'not a size'),
  ),
  misbehaving(
    'ends within its chunks',
    { statusCode: 200, ...CUT_OFF },
    thenEnd(writing(OK, CHUNKED, '', '5', 'he')),
  ),
  misbehaving(
    'sends bytes that are no text',
    { statusCode: 200, responseBody: '\ufffd\ufffdok\ufffd' },
    {
      onRequest: (socket) => {
        socket.write(`${OK}\r\ncontent-length: 7\r\n\r\n`);
        socket.write(Buffer.from([0xff, 0xfe, 0x00, 0x6f, 0x6b, 0x00, 0x80]));
      },
    },
  ),
];

/** What is no HTTP, or forbidden in it. */
const NO_HTTP: readonly MisbehavingEndpoint[] = [
  misbehaving('answers in plain text', NOT_HTTP, writing('hello, this is a mail server')),
  misbehaving('greets like a mail server', NOT_HTTP, {
    onConnection: (socket) => socket.write('220 mail.example.com ESMTP\r\n'),
  }),
  misbehaving('answers a version that is none', NOT_HTTP, writing('HTTP/9.9 200 OK', '', '')),
  misbehaving('has two lengths', NOT_HTTP, writing(OK, 'content-length: 1', 'content-length: 2', '', 'ab')),
  misbehaving(
    'has a length and chunks',
    NOT_HTTP,
    writing(OK, 'content-length: 1', CHUNKED, '', '0', '', ''),
  ),
  misbehaving('has a control character in a header', NOT_HTTP, writing(OK, 'x-bad: a\u0000b', '', '')),
  misbehaving(
    'has headers without end',
    { errorCode: 'protocol', error: 'the headers of the answer are too large' },
    {
      onRequest: (socket) => {
        socket.write(`${OK}\r\n`);
        repeat(socket, `x-huge: ${'a'.repeat(1_000)}\r\n`);
      },
    },
  ),
  misbehaving(
    'sends interim answers without end',
    { errorCode: 'protocol', error: 'there were too many interim answers' },
    { onRequest: (socket) => repeat(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n') },
  ),
  misbehaving(
    'drips interim answers without end',
    { errorCode: 'protocol', error: 'there were too many interim answers' },
    { onRequest: (socket) => repeat(socket, 'HTTP/1.1 102 Processing\r\n\r\n', 5) },
  ),
  misbehaving('tells to go on without having been asked', NOT_HTTP, {
    onRequest: (socket) => repeat(socket, 'HTTP/1.1 100 Continue\r\n\r\n'),
  }),
  misbehaving('switches protocols', NOT_HTTP, {
    onRequest: (socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
  }),
];

export const MISBEHAVING_ENDPOINTS: readonly MisbehavingEndpoint[] = [
  ...WITHOUT_ANSWER,
  ...OVER_TLS,
  ...WITH_ANSWER,
  ...WITH_BODY,
  ...NO_HTTP,
];
