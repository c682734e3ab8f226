import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import { asError } from '../../kernel/errors.ts';
import type { KeyEncryption } from '../../kernel/key-encryption.ts';
import type { Logger } from '../../kernel/log.ts';
import { onMessage, writeMessage } from './framing.ts';
import { KeySets } from './key-sets.ts';
import type { SigningPolicy } from './policy.ts';
import { Refused } from './protocol.ts';
import { signingLogOf } from './seed-file.ts';
import { Signer } from './signer.ts';
import { SigningLog } from './signing-log.ts';

const OWNER_ONLY = 0o600;
const UMASK_OWNER_ONLY = 0o177;
const MAX_CONNECTIONS = 64;
/** Requests of one connection that are worked on at once; beyond that its socket is not read. */
const MAX_IN_FLIGHT = 64;

export interface SignerOptions {
  readonly socketPath: string;
  /** The sealed seed of key set 0; those of later sets and the signing log are kept beside it. */
  readonly seedFile: string;
  readonly keyEncryption: KeyEncryption;
  readonly policy: SigningPolicy;
  /** Of the rolling limit. */
  readonly clock: Clock;
  readonly log: Logger;
}

export interface RunningSigner {
  stop(): Promise<void>;
}

/**
 * The signer: the one process that holds the seed. Serves its unix socket until stopped; whoever started the process
 * stops it when its parent is gone. Throws when another signer serves the socket, or the seed cannot be unsealed.
 */
export async function startSigner(options: SignerOptions): Promise<RunningSigner> {
  await removeStaleSocket(options.socketPath);
  const keySets = await KeySets.open(options.seedFile, options.keyEncryption);
  const signingLog = await SigningLog.open(signingLogOf(options.seedFile));
  const signer = new Signer({ ...options, keySets, signingLog });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, signer, options.log);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, options.socketPath);
  options.log.info({}, 'signer is ready');
  return {
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      await signingLog.close();
    },
  };
}

function serve(socket: Socket, signer: Signer, log: Logger): void {
  let inFlight = 0;
  socket.on('error', (error) => log.warn({ error }, 'a connection to the signer broke'));
  onMessage(socket, (message) => {
    inFlight += 1;
    if (inFlight >= MAX_IN_FLIGHT) socket.pause();
    void answer(signer, message, log).then((reply) => {
      inFlight -= 1;
      if (inFlight < MAX_IN_FLIGHT) socket.resume();
      if (!socket.destroyed) writeMessage(socket, { id: message.id, ...reply });
    });
  });
}

async function answer(signer: Signer, message: Record<string, unknown>, log: Logger): Promise<object> {
  try {
    return { result: await signer.handle(message.method, message.params) };
  } catch (error) {
    if (error instanceof Refused) {
      log.warn({ code: error.code, reason: error.message }, 'the signer refused');
      return { refused: { code: error.code, message: error.message } };
    }
    log.error({ error: asError(error) }, 'the signer failed');
    return { failed: true };
  }
}

async function listen(server: Server, path: string): Promise<void> {
  // The socket is made within listen(), so with this mask it is never open to others.
  const previous = process.umask(UMASK_OWNER_ONLY);
  try {
    server.listen(path);
  } finally {
    process.umask(previous);
  }
  await once(server, 'listening');
  await chmod(path, OWNER_ONLY);
}

/** A socket file that nobody serves is left over from a killed signer. */
async function removeStaleSocket(path: string): Promise<void> {
  const served = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => resolve(true));
    probe.once('error', () => resolve(false));
    probe.once('connect', () => probe.destroy());
  });
  assert(!served, `another signer serves ${path}`);
  await rm(path, { force: true });
}
