import type { Operation } from '@openoms/contract/operation.ts';
import { type ApiKey, isActiveKey } from '../auth/api-keys.ts';
import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import { ApiError, notFound } from '../kernel/errors.ts';
import type { Sealer, Sealers } from '../sealing/sealers.ts';
import { toWireError } from './errors.ts';
import { type Idempotency, isFinal, type StoredReply } from './idempotency.ts';
import type { Route } from './operation.ts';

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

/** The handler refused, finally for its key: what it wrote is undone with its transaction, and the reply is stored. */
class Refusal extends Error {
  readonly reply: ExecutedReply;

  constructor(reply: ExecutedReply) {
    super('refused');
    this.reply = reply;
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
    const { key, route } = execution;
    if (!key) return this.#db.tx(PLATFORM, (tx) => this.#answer(tx, execution, undefined));
    if (route.operation.sandboxOnly && key.mode !== 'sandbox') throw notFound('resource');
    const sealer = await this.#sealers.for(key.projectId);
    const { idempotencyKey } = execution;
    const answer = (tx: Tx): Promise<ExecutedReply> =>
      idempotencyKey === undefined
        ? this.#answer(tx, execution, sealer)
        : this.#answerOnce(tx, execution, sealer, idempotencyKey, () => this.#answer(tx, execution, sealer));
    try {
      return await this.#db.tx(key.projectId, async (tx) => {
        if (await isActiveKey(tx, key.apiKey)) return answer(tx);
        throw new ApiError(401, 'unauthorized', 'The API key of this token was revoked.');
      });
    } catch (error) {
      if (!(error instanceof Refusal) || idempotencyKey === undefined) throw error;
      // Nothing of the refused request is left, so its reply is a commit of its own. Should another request with this
      // key have come in between, its reply is the one.
      const { reply } = error;
      return this.#db.tx(key.projectId, (tx) =>
        this.#answerOnce(tx, execution, sealer, idempotencyKey, async () => reply),
      );
    }
  }

  async #answerOnce(
    tx: Tx,
    execution: Execution,
    sealer: Sealer,
    idempotencyKey: string,
    effect: () => Promise<ExecutedReply>,
  ): Promise<ExecutedReply> {
    const fingerprint = this.#idempotency.fingerprint(execution.method, execution.path, execution.body);
    const stored = await this.#idempotency.claim(tx, sealer, idempotencyKey, fingerprint);
    if (stored) return { ...stored, replayed: true };
    const reply = await effect().catch((error: unknown) => {
      if (!(error instanceof ApiError && isFinal(error.status))) throw error;
      const body = JSON.stringify(toWireError(error, execution.requestId));
      throw new Refusal({ status: error.status, body, replayed: false });
    });
    await this.#idempotency.store(tx, sealer, idempotencyKey, fingerprint, reply);
    return reply;
  }

  async #answer(tx: Tx, execution: Execution, sealer: Sealer | undefined): Promise<ExecutedReply> {
    const { operation, handle } = execution.route;
    const { params, query, body } = execution;
    const caller = execution.key && sealer ? { ...execution.key, sealer } : undefined;
    const result = await handle(tx, { params, query, body } as never, caller as never);
    return {
      status: operation.success.status,
      body: successText(operation, execution, result),
      replayed: false,
    };
  }
}

const successText = (operation: Operation, execution: Execution, result: unknown): string =>
  operation.success.status === 204 ? '' : execution.serialize(result);
