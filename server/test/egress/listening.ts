import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { must } from '../../src/kernel/assert.ts';

const open = new WeakMap<Server, Set<Socket>>();

/** The port it got on the loopback. Its connections are known from then on, for `closeServer`. */
export async function listen(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
  const sockets = new Set<Socket>();
  open.set(server, sockets);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return (must(server.address(), 'a listening server has an address') as AddressInfo).port;
}

/** With every connection to it. */
export async function closeServer(server: Server): Promise<void> {
  for (const socket of open.get(server) ?? []) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
