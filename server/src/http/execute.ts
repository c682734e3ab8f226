import { actorOf } from '../auth/principal.ts';
import { Coalescer, QueueFull } from '../db/coalescer.ts';
import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import { untilAtRest } from '../db/rest.ts';
import { assert } from '../kernel/assert.ts';
import { ApiError, notFound } from '../kernel/errors.ts';
import type { Sealers } from '../sealing/sealers.ts';
import { type BatchedExecution, runBatch } from './batch.ts';
import { toWireError } from './errors.ts';
import type { ExecutedReply, Execution } from './execution.ts';
import { type Idempotency, isFinal, type KeyedRequest } from './idempotency.ts';
import type { Caller } from './operation.ts';
import { resourceIdsOf, type ScenarioKeeper } from './scenario.ts';
import { requireStanding } from './standing.ts';

const MAX_BATCH = 200;
const MAX_WAITING = 2_000;
const BUSY_RETRY_SECONDS = 1;

/** A refusal of the handler, told from those on the way to it: it may be final for its key. */
class EffectRefused extends Error {
  readonly refusal: ApiError;

  constructor(refusal: ApiError) {
    super(refusal.message, { cause: refusal });
    this.refusal = refusal;
  }
}

export interface ExecutorDeps {
  readonly db: Database;
  readonly sealers: Sealers;
  readonly idempotency: Idempotency;
  readonly scenarios: ScenarioKeeper;
}

/** Runs an operation: one transaction for its effect, its reply and its idempotency record. */
export class Executor {
  readonly #db: Database;
  readonly #sealers: Sealers;
  readonly #idempotency: Idempotency;
  readonly #scenarios: ScenarioKeeper;
  /** Concurrent requests of one hot operation and one project. */
  readonly #batches: Coalescer<BatchedExecution, ExecutedReply>;

  constructor(deps: ExecutorDeps) {
    this.#db = deps.db;
    this.#sealers = deps.sealers;
    this.#idempotency = deps.idempotency;
    this.#scenarios = deps.scenarios;
    this.#batches = new Coalescer({
      maxBatch: MAX_BATCH,
      maxWaiting: MAX_WAITING,
      run: (_key, [first, ...rest]) => {
        assert(first, 'a batch is not empty');
        return runBatch(deps, first.caller.projectId, [first, ...rest]);
      },
    });
  }

  async run(execution: Execution): Promise<ExecutedReply> {
    const { principal, route, idempotencyKey, requestId } = execution;
    if (!principal) return this.#db.tx(PLATFORM, (tx) => this.#answer(tx, execution, undefined));
    const { projectId, mode } = principal;
    if (route.operation.sandboxOnly && mode !== 'sandbox') throw notFound('resource');
    if (route.operation.method !== 'GET') await untilAtRest(this.#db, projectId);
    const sealer = await this.#sealers.for(projectId);
    const caller: Caller = { principal, projectId, mode, actor: actorOf(principal), sealer, requestId };
    if ('handleAll' in route) return this.#inBatch(execution, caller);
    const prepared = await this.#prepare(execution, caller);
    if (idempotencyKey === undefined) {
      return this.#tx(execution, caller, async (tx) => {
        await requireStanding(tx, principal, route.operation);
        return this.#answer(tx, execution, caller, prepared);
      });
    }
    return this.#once(execution, caller, idempotencyKey, prepared);
  }

  /** What the handler wants done before its transaction. */
  async #prepare(execution: Execution, caller: Caller): Promise<unknown> {
    const { route, params, query, body, idempotencyKey } = execution;
    if (!('handle' in route) || !route.prepare) return undefined;
    const isAnswered = await this.#db.tx(caller.projectId, async (tx) => {
      await requireStanding(tx, caller.principal, route.operation);
      return idempotencyKey !== undefined && this.#idempotency.isAnswered(tx, idempotencyKey);
    });
    if (isAnswered) return undefined;
    return route.prepare({ params, query, body } as never, caller as never, idempotencyKey);
  }

  #inBatch(execution: Execution, caller: Caller): Promise<ExecutedReply> {
    const { route, scenario = '' } = execution;
    return this.#batches
      .submit(`${caller.projectId} ${route.operation.operationId} ${scenario}`, { execution, caller })
      .catch((error) => {
        if (!(error instanceof QueueFull)) throw error;
        throw new ApiError(503, 'provider_unavailable', 'Too many requests are waiting; try again.', {
          retryAfterSeconds: BUSY_RETRY_SECONDS,
          cause: error,
        });
      });
  }

  /** Effect, reply and key in one commit. */
  async #once(execution: Execution, caller: Caller, key: string, prepared: unknown): Promise<ExecutedReply> {
    const fingerprint = this.#idempotency.fingerprint(execution);
    const request = { caller, operation: execution.route.operation, key, fingerprint };
    const commit = (effect: (tx: Tx) => Promise<ExecutedReply>) =>
      this.#tx(execution, caller, (tx) => this.#claimed(tx, request, effect));
    try {
      return await commit((tx) => this.#answer(tx, execution, caller, prepared).catch(markRefusal));
    } catch (error) {
      if (!(error instanceof EffectRefused)) throw error;
      const { refusal } = error;
      if (!isFinal(refusal.status)) throw refusal;
      // Nothing of the refused effect is left, so its reply is a commit of its own. Should another request with this
      // key have come in between, its reply is the one.
      const body = JSON.stringify(toWireError(refusal, execution.requestId));
      return commit(async () => ({ status: refusal.status, body, replayed: false }));
    }
  }

  async #claimed(
    tx: Tx,
    request: KeyedRequest,
    effect: (tx: Tx) => Promise<ExecutedReply>,
  ): Promise<ExecutedReply> {
    const stored = await this.#idempotency.claim(tx, request);
    if (stored) return { ...stored, replayed: true };
    const reply = await effect(tx);
    await this.#idempotency.store(tx, request, reply);
    return reply;
  }

  /** A transaction of the caller's project that knows the request's scenario. */
  #tx<T>({ scenario }: Execution, { projectId }: Caller, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#db.tx(projectId, work, { ...(scenario !== undefined && { scenario }) });
  }

  /** The handler's answer in the text that is sent and stored. */
  async #answer(
    tx: Tx,
    execution: Execution,
    caller: Caller | undefined,
    prepared?: unknown,
  ): Promise<ExecutedReply> {
    const { route, params, query, body } = execution;
    assert('handle' in route, 'an operation that takes batches is not answered alone');
    const { status } = route.operation.success;
    const result = await route.handle(
      tx,
      { params, query, body } as never,
      caller as never,
      prepared as never,
    );
    await this.#scenarios.keep(tx, resourceIdsOf([result]));
    return { status, body: status === 204 ? '' : execution.serialize(result), replayed: false };
  }
}

function markRefusal(error: unknown): never {
  throw error instanceof ApiError ? new EffectRefused(error) : error;
}
