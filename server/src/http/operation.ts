import type { BodyOf, Operation, ParamsOf, QueryOf, ReplyOf } from '@openoms/contract/operation.ts';
import type { Mode } from '@openoms/contract/permissions.ts';
import type { Actor } from '../audit/audit.ts';
import type { Principal } from '../auth/principal.ts';
import type { Tx } from '../db/database.ts';
import type { ApiError } from '../kernel/errors.ts';
import type { Sealer } from '../sealing/sealers.ts';

/** Who calls in which project, and in which request, with the sealer of that project's identity data. */
export interface Caller {
  readonly principal: Principal;
  readonly projectId: string;
  readonly mode: Mode;
  /** As the audit log has the principal. */
  readonly actor: Actor;
  readonly sealer: Sealer;
  readonly requestId: string;
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
  caller: O['auth'] extends 'none' ? undefined : Caller,
) => Promise<ReplyOf<O> extends undefined ? void : ReplyOf<O>>;

/** One of the requests that a batch handler decides together. */
export interface BatchedRequest<O extends Operation> extends OperationRequest<O> {
  readonly caller: Caller;
}

/**
 * Answers many concurrent requests of one project in one transaction, each decided by itself and in order: a reply, or
 * the `ApiError` that refuses it, which must then have written nothing. For the hot operations.
 */
export type BatchHandler<O extends Operation> = (
  tx: Tx,
  requests: readonly BatchedRequest<O>[],
) => Promise<readonly (ReplyOf<O> | ApiError)[]>;

/** An operation with its handler; the pair a slice's `routes.ts` lists. */
export type Route =
  | {
      readonly operation: Operation;
      /** See `preparedRoute`. */
      readonly prepare?: (
        request: never,
        caller: never,
        idempotencyKey: string | undefined,
      ) => Promise<unknown>;
      readonly handle: (tx: Tx, request: never, caller: never, prepared: never) => Promise<unknown>;
    }
  | {
      readonly operation: Operation;
      readonly handleAll: (tx: Tx, requests: never) => Promise<readonly unknown[]>;
    };

export const route = <O extends Operation>(operation: O, handle: Handler<O>): Route => ({
  operation,
  handle,
});

/**
 * An operation that waits for others before it answers: `prepare` runs before the transaction, in which it could not
 * wait, and hands its result to the handler. It runs again when a request whose answer was not stored is repeated under
 * its key, and must take effect once; under a key that has an answer it does not run.
 */
export const preparedRoute = <O extends Operation, P>(
  operation: O,
  prepare: (request: OperationRequest<O>, caller: Caller, idempotencyKey: string | undefined) => Promise<P>,
  handle: (tx: Tx, request: OperationRequest<O>, caller: Caller, prepared: P) => Promise<ReplyOf<O>>,
): Route => ({ operation, prepare, handle });

export const batchRoute = <O extends Operation>(operation: O, handleAll: BatchHandler<O>): Route => ({
  operation,
  handleAll,
});
