import { open, rename, stat } from 'node:fs/promises';

const MAX_LOG_BYTES = 10 * 1024 * 1024;
const TAIL_BYTES = 2_000;

/** Sets a log that has grown over 10 MB aside as `<path>.1`, replacing the one before it. */
export async function rotateLog(path: string): Promise<void> {
  if ((await sizeOf(path)) > MAX_LOG_BYTES) await rename(path, `${path}.1`);
}

export async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** The last lines (up to 2,000 bytes) written at or after the position. */
export async function tailSince(path: string, position: number): Promise<string> {
  const from = Math.max(position, (await sizeOf(path)) - TAIL_BYTES);
  const file = await open(path).catch(() => undefined);
  if (!file) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, from);
    return buffer.toString('utf8', 0, bytesRead).trim();
  } finally {
    await file.close();
  }
}
