import { type ApiKey, isActiveKey } from '../auth/api-keys.ts';
import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import { ApiError, notFound } from '../kernel/errors.ts';
import type { Sealers } from '../sealing/sealers.ts';
import { revokedKey, toWireError } from './errors.ts';
import { type Idempotency, isFinal, type StoredReply } from './idempotency.ts';
import type { Caller, Route } from './operation.ts';

/** A validated request, ready to run. */
export interface Execution {
  readonly route: Route;
  readonly key: ApiKey | undefined;
  readonly idempotencyKey: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly requestId: string;
  /** The reply's text by the operation's response schema, which drops whatever it does not declare. */
  serialize(body: unknown): string;
}

export interface ExecutedReply extends StoredReply {
  readonly replayed: boolean;
}

/** A refusal of the handler, told from those on the way to it: it may be final for its key. */
class EffectRefused extends Error {
  readonly refusal: ApiError;

  constructor(refusal: ApiError) {
    super(refusal.message, { cause: refusal });
    this.refusal = refusal;
  }
}

/** Runs an operation: one transaction for its effect, its reply and its idempotency record. */
export class Executor {
  readonly #db: Database;
  readonly #sealers: Sealers;
  readonly #idempotency: Idempotency;

  constructor(db: Database, sealers: Sealers, idempotency: Idempotency) {
    this.#db = db;
    this.#sealers = sealers;
    this.#idempotency = idempotency;
  }

  async run(execution: Execution): Promise<ExecutedReply> {
    const { key, route, idempotencyKey } = execution;
    if (!key) return this.#db.tx(PLATFORM, (tx) => answer(tx, execution, undefined));
    if (route.operation.sandboxOnly && key.mode !== 'sandbox') throw notFound('resource');
    const caller: Caller = { ...key, sealer: await this.#sealers.for(key.projectId) };
    if (idempotencyKey === undefined) {
      return this.#db.tx(key.projectId, async (tx) => {
        if (!(await isActiveKey(tx, key.apiKey))) throw revokedKey();
        return answer(tx, execution, caller);
      });
    }
    const once = (effect: (tx: Tx) => Promise<ExecutedReply>) =>
      this.#db.tx(key.projectId, (tx) =>
        this.#answerOnce(tx, execution, caller, idempotencyKey, () => effect(tx)),
      );
    try {
      return await once((tx) => answer(tx, execution, caller).catch(markRefusal));
    } catch (error) {
      if (!(error instanceof EffectRefused)) throw error;
      const { refusal } = error;
      if (!isFinal(refusal.status)) throw refusal;
      // Nothing of the refused effect is left, so its reply is a commit of its own. Should another request with this
      // key have come in between, its reply is the one.
      const body = JSON.stringify(toWireError(refusal, execution.requestId));
      return once(async () => ({ status: refusal.status, body, replayed: false }));
    }
  }

  async #answerOnce(
    tx: Tx,
    execution: Execution,
    caller: Caller,
    key: string,
    effect: () => Promise<ExecutedReply>,
  ): Promise<ExecutedReply> {
    const fingerprint = this.#idempotency.fingerprint(execution.method, execution.path, execution.body);
    const stored = await this.#idempotency.claim(tx, caller, key, fingerprint);
    if (stored) return { ...stored, replayed: true };
    const reply = await effect();
    await this.#idempotency.store(tx, caller.sealer, key, fingerprint, reply);
    return reply;
  }
}

/** The handler's answer in the text that is sent and stored. */
async function answer(tx: Tx, execution: Execution, caller: Caller | undefined): Promise<ExecutedReply> {
  const { operation, handle } = execution.route;
  const { params, query, body } = execution;
  const result = await handle(tx, { params, query, body } as never, caller as never);
  const text = operation.success.status === 204 ? '' : execution.serialize(result);
  return { status: operation.success.status, body: text, replayed: false };
}

function markRefusal(error: unknown): never {
  throw error instanceof ApiError ? new EffectRefused(error) : error;
}
