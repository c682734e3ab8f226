import type { BodyOf, Operation, ParamsOf, QueryOf, ReplyOf } from '@openoms/contract/operation.ts';
import type { ApiKey } from '../auth/api-keys.ts';
import type { Tx } from '../db/database.ts';
import type { Sealer } from '../sealing/sealers.ts';

/** Who calls: a key of one project, with the sealer of that project's identity data. */
export interface Caller extends ApiKey {
  readonly sealer: Sealer;
}

export interface OperationRequest<O extends Operation> {
  readonly params: ParamsOf<O>;
  readonly query: QueryOf<O>;
  readonly body: BodyOf<O>;
}

/**
 * Answers one validated request inside the one transaction that also holds its idempotency record.
 * Throws `ApiError` for what a client can meet. `tx` is in the caller's project; the platform's for public operations.
 */
export type Handler<O extends Operation> = (
  tx: Tx,
  request: OperationRequest<O>,
  caller: O['auth'] extends 'bearer' ? Caller : undefined,
) => Promise<ReplyOf<O> extends undefined ? void : ReplyOf<O>>;

/** An operation with its handler; the pair a slice's `routes.ts` lists. */
export interface Route {
  readonly operation: Operation;
  readonly handle: (tx: Tx, request: never, caller: never) => Promise<unknown>;
}

export const route = <O extends Operation>(operation: O, handle: Handler<O>): Route => ({
  operation,
  handle,
});
