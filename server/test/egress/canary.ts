import { createServer, type Server } from 'node:net';
import { closeServer, listen } from './listening.ts';

export interface Canary {
  /** The same on 127.0.0.1 and on ::1. */
  readonly port: number;
  /** How often anyone connected; nobody should. */
  connections(): number;
  close(): Promise<void>;
}

/** What an attacker would like to reach: it takes every connection and counts it. */
export async function startCanary(): Promise<Canary> {
  let connections = 0;
  const create = (): Server =>
    createServer((socket) => {
      connections++;
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nalive');
    });
  const servers = [create(), create()] as const;
  const port = await listen(servers[0], '127.0.0.1');
  await listen(servers[1], '::1', port);
  return {
    port,
    connections: () => connections,
    close: async () => void (await Promise.all(servers.map(closeServer))),
  };
}
