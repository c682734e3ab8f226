import type { Principal } from '../auth/principal.ts';
import type { StoredReply } from './idempotency.ts';
import type { Route } from './operation.ts';

/** A validated request, ready to run. */
export interface Execution {
  readonly route: Route;
  /** Undefined for an operation that anybody may ask. */
  readonly principal: Principal | undefined;
  readonly idempotencyKey: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly requestId: string;
  /** See `Tx`. */
  readonly scenario: string | undefined;
  /** The reply's text by the operation's response schema, which drops whatever it does not declare. */
  serialize(body: unknown): string;
}

export interface ExecutedReply extends StoredReply {
  readonly replayed: boolean;
}
