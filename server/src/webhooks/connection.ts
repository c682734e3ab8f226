import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Client, type Dispatcher } from 'undici';
import { ConnectionEnded, type Phase } from './failures.ts';

/** Sooner than most servers end an idle connection, which is after 5 s or more. What `keep-alive: timeout=` says is heard. */
const IDLE_MS = 4_000;
const IDLE_MARGIN_MS = 1_000;
const MAX_HEADER_BYTES = 16 * 1_024;
const HTTPS_PORT = 443;
const HTTP_PORT = 80;

const noop = (): void => undefined;

type SocketTaken = (...result: [Error, null] | [null, Socket]) => void;

/** A connection that is being made. */
export interface Opening {
  readonly opened: Promise<Connection>;
  /** How far it is. */
  phase(): Phase;
  abandon(): void;
}

/**
 * Opens a socket to an address that `lookup` has allowed. Nothing of the environment has a say: no proxy, no weaker
 * TLS, no certificate left unchecked. No TLS session is resumed, so each connection has its certificate verified.
 */
export function openConnection(
  url: URL,
  lookup: LookupFunction,
  onEnd: (ended: Connection) => void,
): Opening {
  const isSecure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (isSecure ? HTTPS_PORT : HTTP_PORT);
  let phase: Phase = isIP(host) ? 'connecting' : 'resolving';
  const socket: Socket = isSecure
    ? connectTls({
        host,
        port,
        lookup,
        servername: isIP(host) ? '' : host,
        minVersion: 'TLSv1.2',
        rejectUnauthorized: true,
        ALPNProtocols: ['http/1.1'],
      })
    : connectTcp({ host, port, lookup });
  socket.setNoDelay(true);
  // A socket whose TLS fails after the handshake tells so and stays open.
  socket.on('error', () => socket.destroy());
  socket.once('lookup', (error: Error | null) => {
    if (!error) phase = 'connecting';
  });
  socket.once('connect', () => {
    phase = isSecure ? 'securing' : 'waiting';
  });
  const opened = new Promise<Connection>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new ConnectionEnded()));
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      phase = 'waiting';
      socket.off('error', reject);
      resolve(new Connection(url.origin, socket, onEnd));
    });
  });
  opened.catch(noop);
  return { opened, phase: () => phase, abandon: () => socket.destroy() };
}

/** One socket and the client of HTTP/1.1 that speaks on it, one request at a time, until either end closes it. */
export class Connection {
  readonly origin: string;
  readonly #socket: Socket;
  readonly #client: Client;

  constructor(origin: string, socket: Socket, onEnd: (ended: Connection) => void) {
    this.origin = origin;
    this.#socket = socket;
    this.#client = new Client(origin, {
      connect: singleSocket(socket),
      allowH2: false,
      pipelining: 1,
      maxHeaderSize: MAX_HEADER_BYTES,
      // The sender has one deadline for the whole exchange.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      keepAliveTimeoutThreshold: IDLE_MARGIN_MS,
    });
    socket.once('close', () => onEnd(this));
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && !this.#socket.readableEnded;
  }

  post(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    handler: Dispatcher.DispatchHandler,
  ): void {
    this.#client.dispatch({ method: 'POST', path, headers, body }, handler);
  }

  end(): void {
    this.#socket.destroy();
  }
}

/** The client would connect again by itself, to an address that nobody checked. It takes its socket in a later turn only. */
function singleSocket(socket: Socket): (options: unknown, taken: SocketTaken) => void {
  let isTaken = false;
  return (_options, taken) => {
    const isOver = isTaken || socket.destroyed;
    isTaken = true;
    queueMicrotask(() => (isOver ? taken(new ConnectionEnded(), null) : taken(null, socket)));
  };
}
