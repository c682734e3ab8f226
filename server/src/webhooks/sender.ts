import { checkedLookup, type EgressPolicy, urlIssue } from '../kernel/egress.ts';
import { asError } from '../kernel/errors.ts';
import { assertOutsideTransaction } from '../kernel/outside.ts';
import { type Connection, openConnection } from './connection.ts';
import { Exchange } from './exchange.ts';
import {
  type AttemptErrorCode,
  ConnectionEnded,
  type Failure,
  isLost,
  type Phase,
  SenderClosed,
  timeoutFailure,
  toFailure,
} from './failures.ts';
import { IdleConnections } from './idle-connections.ts';

/** An endpoint has this long for everything: name, connection, TLS, status and body. */
const TIMEOUT_MS = 15_000;
/** In use at once; whoever comes then waits for one, before the time of the endpoint begins. */
const MAX_CONNECTIONS = 512;

export interface OutgoingDelivery {
  readonly url: string;
  readonly body: string;
  /** Besides `content-type` and `user-agent`, which are the sender's. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * What became of an attempt. It succeeded when `statusCode` is 2xx and there is no `errorCode`: a status whose body never
 * ends properly is told with both.
 */
export interface AttemptResult {
  /** Undefined when no answer came. */
  readonly statusCode?: number;
  /** Those that help to find a fault; see exchange.ts. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /** The first 1 kB at most, valid text. */
  readonly responseBody?: string;
  /** As it came, to be parsed. */
  readonly retryAfter?: string;
  /** Why there is no answer, or no complete one: a short sentence that does not change from case to case. */
  readonly error?: string;
  readonly errorCode?: AttemptErrorCode;
  readonly durationMs: number;
}

/**
 * Posts signed bodies to endpoints that anyone may have written. Follows no redirect and knows no proxy. Connections are
 * kept for a few seconds, each to an address that was checked when it was opened.
 *
 * undici's `Client`, one per socket, takes 27 µs of CPU for a request with all that is done here, Node's `http` with an
 * agent 47 µs alone: 39,500 and 22,000 requests a second of one process (docs/decisions/0020-where-webhooks-may-go.md).
 */
export class Sender {
  readonly #policy: EgressPolicy;
  readonly #timeoutMs: number;
  readonly #lookup: ReturnType<typeof checkedLookup>;
  readonly #idle = new IdleConnections();
  /** Each ends one exchange at once. */
  readonly #underWay = new Set<Deadline>();
  readonly #connections = new Set<Connection>();
  readonly #waiting: (() => void)[] = [];
  #inUse = 0;
  #isClosed = false;

  constructor(options: { policy: EgressPolicy; timeoutMs?: number }) {
    this.#policy = options.policy;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#lookup = checkedLookup(options.policy);
  }

  /** One attempt. Never throws: whatever happens is the result. */
  async send(delivery: OutgoingDelivery): Promise<AttemptResult> {
    assertOutsideTransaction('a webhook endpoint');
    const issue = urlIssue(delivery.url, this.#policy);
    if (issue) return { error: `the URL ${issue}`, errorCode: 'refused', durationMs: 0 };
    if (this.#inUse < MAX_CONNECTIONS) this.#inUse++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#attempt(new URL(delivery.url), delivery);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#inUse--;
    }
  }

  /** Ends what is under way, whose result tells so, and every connection. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const deadline of this.#underWay) deadline.endNow();
    for (const connection of this.#connections) connection.end();
  }

  async #attempt(url: URL, delivery: OutgoingDelivery): Promise<AttemptResult> {
    const startedAt = performance.now();
    const deadline = new Deadline(this.#timeoutMs);
    this.#underWay.add(deadline);
    let exchange: Exchange | undefined;
    let failure: Failure | undefined;
    try {
      exchange = await this.#exchange(url, delivery, deadline);
      if (exchange.error) failure = this.#failure(exchange.error, deadline, exchange.hasStatus);
    } catch (error) {
      failure = this.#failure(asError(error), deadline, false);
    } finally {
      deadline.clear();
      this.#underWay.delete(deadline);
    }
    return { ...exchange?.answer(), ...failure, durationMs: Math.round(performance.now() - startedAt) };
  }

  #failure(error: Error, deadline: Deadline, hasStatus: boolean): Failure {
    const phase = hasStatus ? 'reading' : deadline.phase();
    if (this.#isClosed) return toFailure(new SenderClosed(), phase);
    return deadline.isOver ? timeoutFailure(phase) : toFailure(error, phase);
  }

  /**
   * On a connection that is there, else on a new one. A kept connection may have been closed by the other end just when
   * the request went out. If it is lost before a byte of an answer, the request goes out once more, on a fresh
   * connection: the endpoint may then get the delivery twice in one attempt, with the same id, as after any retry.
   */
  async #exchange(url: URL, delivery: OutgoingDelivery, deadline: Deadline): Promise<Exchange> {
    const idle = this.#idle.take(url.origin);
    if (idle) {
      const exchange = await this.#post(idle, url, delivery, deadline);
      const isStale = exchange.error && !exchange.hasBegun && isLost(exchange.error);
      if (!isStale || deadline.isOver || this.#isClosed) return exchange;
    }
    const connection = await this.#open(url, deadline);
    return this.#post(connection, url, delivery, deadline);
  }

  async #open(url: URL, deadline: Deadline): Promise<Connection> {
    if (this.#isClosed) throw new SenderClosed();
    const opening = openConnection(url, this.#lookup, (ended) => {
      this.#connections.delete(ended);
      this.#idle.remove(ended);
    });
    deadline.watch(opening.phase, opening.abandon);
    const connection = await opening.opened;
    if (deadline.isOver || this.#isClosed) {
      connection.end();
      throw new ConnectionEnded();
    }
    this.#connections.add(connection);
    return connection;
  }

  async #post(
    connection: Connection,
    url: URL,
    { headers, body }: OutgoingDelivery,
    deadline: Deadline,
  ): Promise<Exchange> {
    const exchange = new Exchange();
    deadline.watch(
      () => 'waiting',
      () => connection.end(),
    );
    connection.post(
      url.pathname + url.search,
      { ...headers, 'content-type': 'application/json', 'user-agent': 'OpenOMS-Webhooks/1' },
      body,
      exchange,
    );
    await exchange.ended;
    if (exchange.error || exchange.isCut || this.#isClosed) connection.end();
    else this.#idle.put(connection);
    return exchange;
  }
}

/** The time of one attempt; when it is over, what is waited for is ended. */
class Deadline {
  isOver = false;
  phase: () => Phase = () => 'waiting';
  #end: () => void = () => undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(timeoutMs: number) {
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#end();
    }, timeoutMs);
  }

  /** What is waited for from now on. */
  watch(phase: () => Phase, end: () => void): void {
    this.phase = phase;
    this.#end = end;
    if (this.isOver) end();
  }

  endNow(): void {
    this.#end();
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
