import type { Connection } from './connection.ts';

/** So many wait for their next request at most; one more is closed. */
const MAX_IDLE = 256;

/** Connections between two requests, by origin. The last one used is the first one taken: it is the least likely to be dead. */
export class IdleConnections {
  readonly #byOrigin = new Map<string, Connection[]>();
  #count = 0;

  take(origin: string): Connection | undefined {
    const idle = this.#byOrigin.get(origin);
    if (!idle) return undefined;
    let connection: Connection | undefined;
    do {
      connection = idle.pop();
      if (connection) this.#count--;
    } while (connection && !connection.isOpen);
    if (idle.length === 0) this.#byOrigin.delete(origin);
    return connection;
  }

  put(connection: Connection): void {
    if (!connection.isOpen) return;
    if (this.#count >= MAX_IDLE) {
      connection.end();
      return;
    }
    const idle = this.#byOrigin.get(connection.origin);
    if (idle) idle.push(connection);
    else this.#byOrigin.set(connection.origin, [connection]);
    this.#count++;
  }

  /** It ended by itself. */
  remove(connection: Connection): void {
    const idle = this.#byOrigin.get(connection.origin);
    const at = idle?.indexOf(connection) ?? -1;
    if (!idle || at < 0) return;
    idle.splice(at, 1);
    this.#count--;
    if (idle.length === 0) this.#byOrigin.delete(connection.origin);
  }
}
