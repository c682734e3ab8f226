import type { Database, Tx } from '../db/database.ts';
import { assert, must } from '../kernel/assert.ts';
import { equalBytes } from '../kernel/crypto.ts';
import { ApiError } from '../kernel/errors.ts';
import { toWireError } from './errors.ts';
import type { ExecutedReply, Execution } from './execution.ts';
import { conflict, type Idempotency, isFinal, type KeyedRequest } from './idempotency.ts';
import type { Caller } from './operation.ts';
import { resourceIdsOf, type ScenarioKeeper } from './scenario.ts';

/** A request of a hot operation that waits for its batch. */
export interface BatchedExecution {
  readonly execution: Execution;
  readonly caller: Caller;
}

interface BatchDeps {
  readonly db: Database;
  readonly idempotency: Idempotency;
  readonly scenarios: ScenarioKeeper;
}

type Result = ExecutedReply | Error;

/**
 * Answers requests of one operation, one project and one scenario in one transaction: effects, replies and idempotency records of all
 * of them are one commit. Requests that meet under one key take effect once; the later ones get the first one's reply.
 */
export async function runBatch(
  { db, idempotency, scenarios }: BatchDeps,
  projectId: string,
  batch: readonly [BatchedExecution, ...BatchedExecution[]],
): Promise<Result[]> {
  const { scenario } = batch[0].execution;
  const requests = batch.map(({ execution, caller }) => ({
    caller,
    operation: execution.route.operation,
    key: execution.idempotencyKey,
    fingerprint: idempotency.fingerprint(execution),
  }));
  const effect = async (tx: Tx): Promise<Result[]> => {
    const claims = await idempotency.claimAll(tx, requests);
    const first = firstOfKeys(requests);
    const toRun = batch.flatMap((_, index) =>
      claims[index] === undefined && first[index] === index ? index : [],
    );
    const answers = await answerAll(tx, scenarios, batch, toRun);
    await idempotency.storeAll(
      tx,
      toRun.flatMap((index) => {
        const reply = answers.get(index);
        return reply && !(reply instanceof Error) ? { ...must(requests[index], 'a request'), reply } : [];
      }),
    );
    return batch.map((_, index): Result => {
      const claim = claims[index];
      if (claim instanceof ApiError) return claim;
      if (claim) return { ...claim, replayed: true };
      const own = answers.get(index);
      return own ?? repeated(requests, index, must(first[index], 'a first'), answers);
    });
  };
  return db.tx(projectId, effect, { ...(scenario !== undefined && { scenario }) });
}

/** For each request the place of the first one under its key; its own without a key. */
function firstOfKeys(requests: readonly KeyedRequest[]): number[] {
  const places = new Map<string, number>();
  return requests.map(({ key }, index) => {
    if (key === undefined) return index;
    const place = places.get(key) ?? index;
    places.set(key, place);
    return place;
  });
}

async function answerAll(
  tx: Tx,
  scenarios: ScenarioKeeper,
  batch: readonly BatchedExecution[],
  toRun: readonly number[],
): Promise<Map<number, Result>> {
  const answers = new Map<number, Result>();
  const running = toRun.map((index) => must(batch[index], 'a request'));
  const [one] = running;
  if (!one) return answers;
  const { route } = one.execution;
  assert('handleAll' in route, 'a batch is of an operation that takes batches');
  const requests = running.map(({ caller, execution: { params, query, body } }) => ({
    caller,
    params,
    query,
    body,
  }));
  const results = await route.handleAll(tx, requests as never);
  assert(results.length === running.length, 'a batch handler answers each request');
  await scenarios.keep(tx, resourceIdsOf(results));
  running.forEach(({ execution }, place) => {
    answers.set(must(toRun[place], 'a place'), toResult(execution, results[place]));
  });
  return answers;
}

/** The reply in the text that is sent and stored; an error for a refusal that is not final for its key. */
function toResult(execution: Execution, result: unknown): Result {
  if (!(result instanceof ApiError)) {
    const { status } = execution.route.operation.success;
    return { status, body: status === 204 ? '' : execution.serialize(result), replayed: false };
  }
  if (!isFinal(result.status) || execution.idempotencyKey === undefined) return result;
  const body = JSON.stringify(toWireError(result, execution.requestId));
  return { status: result.status, body, replayed: false };
}

/** A later request under a key of the same batch. */
function repeated(
  requests: readonly KeyedRequest[],
  index: number,
  first: number,
  answers: ReadonlyMap<number, Result>,
): Result {
  const [own, other] = [requests[index], requests[first]];
  if (!own || !other || !equalBytes(own.fingerprint, other.fingerprint)) return conflict();
  const reply = must(answers.get(first), 'the first of a key has run');
  return reply instanceof Error ? reply : { ...reply, replayed: true };
}
