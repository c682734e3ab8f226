import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { assert } from '../../server/src/kernel/assert.ts';

/** One request as it came in. */
export interface Arrival {
  readonly deliveryId: string;
  readonly eventId: string;
  readonly resourceId: string;
  readonly sequence: number;
  /** Answered with 2xx. */
  readonly isTaken: boolean;
  readonly atMs: number;
}

export interface Endpoint {
  readonly name: string;
  readonly events: readonly string[];
  readonly inOrder: boolean;
  /** Shares of the requests that are answered with 500, cut off, and answered late. */
  readonly faults: { readonly failing: number; readonly cut: number; readonly late: number };
  readonly arrivals: Arrival[];
}

const NONE = { failing: 0, cut: 0, late: 0 };
const endpoint = (name: string, events: readonly string[], rest: Partial<Endpoint> = {}): Endpoint => ({
  name,
  events,
  inOrder: false,
  faults: NONE,
  arrivals: [],
  ...rest,
});

const MAX_LATE_MS = 800;

/** Every endpoint of the storm, on one server, each under a path of its own. */
export class Endpoints {
  readonly all = endpoint('all', []);
  readonly inOrder = endpoint('in-order', ['transaction.*'], {
    inOrder: true,
    faults: { ...NONE, failing: 0.002, cut: 0.001 },
  });
  readonly flaky = endpoint('flaky', [], { faults: { failing: 0.05, cut: 0.02, late: 0.03 } });
  readonly switched = endpoint('switched', ['cashIn.*', 'transaction.*.completed']);
  readonly list: readonly Endpoint[] = [
    this.all,
    endpoint('cash-ins', ['cashIn.*']),
    endpoint('failures', ['*.failed', 'transaction.*.failed']),
    this.inOrder,
    this.flaky,
    this.switched,
  ];
  /** Requests whose header and body name two deliveries. */
  torn = 0;
  readonly #random: () => number;
  #areGood = false;
  readonly #server = createServer((request, response) => {
    this.#take(request, response).catch(() => response.destroy());
  });

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Where they are: put the name of one behind it. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    assert(typeof address === 'object' && address !== null, 'a TCP server has an address');
    return `http://127.0.0.1:${address.port}/`;
  }

  /** From now on everything is taken at once. */
  beGood(): void {
    this.#areGood = true;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = this.list.find(({ name }) => request.url === `/${name}`);
    const { id, eventId, sequence, data } = JSON.parse((await buffer(request)).toString());
    if (!found) return void response.writeHead(404).end();
    if (request.headers['webhook-id'] !== id) this.torn += 1;
    const chance = this.#areGood ? 1 : this.#random();
    const { failing, cut, late } = found.faults;
    const isTaken = chance >= failing + cut;
    if (isTaken && chance < failing + cut + late) await delay(this.#random() * MAX_LATE_MS);
    const atMs = performance.now();
    found.arrivals.push({ deliveryId: id, eventId, resourceId: data.id, sequence, isTaken, atMs });
    if (isTaken) response.writeHead(204).end();
    else if (chance < failing) response.writeHead(500).end();
    else request.socket.destroy();
  }
}
