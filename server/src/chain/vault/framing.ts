import type { Socket } from 'node:net';

/** A request of 1,000 transfers takes about 400 kB. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

const NEWLINE = 0x0a;

export const writeMessage = (socket: Socket, message: object): void =>
  void socket.write(`${JSON.stringify(message)}\n`);

/** Calls back with each newline-terminated JSON object; destroys a socket that sends too much or no JSON. */
export function onMessage(socket: Socket, receive: (message: Record<string, unknown>) => void): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
      const line = Buffer.concat([...chunks, rest.subarray(0, at)]);
      rest = rest.subarray(at + 1);
      chunks = [];
      bytes = 0;
      const message = parse(line);
      if (!message) return void socket.destroy(new Error('not a JSON object'));
      receive(message);
    }
    bytes += rest.byteLength;
    if (bytes > MAX_MESSAGE_BYTES) return void socket.destroy(new Error('message too long'));
    if (rest.byteLength > 0) chunks.push(rest);
  });
}

function parse(line: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
