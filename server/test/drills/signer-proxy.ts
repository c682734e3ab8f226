import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onMessage, writeMessage } from '../../src/chain/vault/framing.ts';

export interface SignerProxy {
  readonly socketPath: string;
  /** Told of each signature on its way back, by the method asked for; true holds it back for ever. */
  holdBack: ((method: string) => boolean) | undefined;
  stop(): Promise<void>;
}

/** Stands between a process and the signer, to act at the instant when something is signed and nobody knows it yet. */
export async function startSignerProxy(socketPath: string, target: string): Promise<SignerProxy> {
  const sockets = new Set<Socket>();
  const proxy: SignerProxy = {
    socketPath,
    holdBack: undefined,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  const server = createServer((near) => {
    const far = connect(target);
    const methods = new Map<unknown, string>();
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    onMessage(near, (message) => {
      methods.set(message.id, String(message.method));
      writeMessage(far, message);
    });
    onMessage(far, (message) => {
      if (!proxy.holdBack?.(methods.get(message.id) ?? '')) writeMessage(near, message);
    });
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return proxy;
}
