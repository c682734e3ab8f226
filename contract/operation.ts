import type { Static, TObject, TSchema } from 'typebox';
import type { ErrorCode } from './errors.ts';
import type { Permission } from './permissions.ts';

/**
 * How well a fact of the contract is known, when no document states it: `inferred` is deduced from the
 * documents, `third-party` is an integrator's reading of a later version, `proposal` is our own choice.
 * A fact without a tag is documented.
 */
export type Evidence = 'inferred' | 'third-party' | 'proposal';

export interface EvidenceNote {
  readonly evidence: Evidence;
  readonly fact: string;
}

/** The schema keyword that carries `Evidence`; validators in strict mode have to be told about it. */
export const EVIDENCE_KEYWORD = 'x-evidence';

/** Every operation but the health checks is mounted under this prefix. */
export const BASE_PATH = '/v0.9';

/** The later dialect: the same operations, some of them in other forms (contract/dialect.ts). */
export const DIALECT_PATH = '/v0.11';

export type Tag =
  | 'Auth'
  | 'Customers'
  | 'Customer'
  | 'Wallet'
  | 'Quote'
  | 'Transaction'
  | 'ExternalAccount'
  | 'VirtualAccount'
  | 'DepositAddress'
  | 'Network'
  | 'Settings'
  | 'Webhook'
  | 'Event'
  | 'CashIns'
  | 'CashLocation'
  | 'Simulation'
  | 'Operations'
  | 'Health'
  | 'Console';

export interface Example {
  readonly request?: unknown;
  readonly response?: unknown;
}

/** One operation of the API as data. Paths are Fastify style, without the version prefix. */
export interface Operation {
  readonly operationId: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: `/${string}`;
  readonly tag: Tag;
  readonly summary: string;
  readonly description: string;
  /** `session`: of the console only (contract/console/operation.ts). */
  readonly auth: 'bearer' | 'session' | 'none';
  /** What the caller must be allowed; the default follows from the rest (contract/permissions.ts `permissionOf`). */
  readonly permission?: Permission;
  /** Whether the request must, may or need not carry an `Idempotency-Key`. */
  readonly idempotency: 'required' | 'optional' | 'none';
  /** True for simulators: they answer 404 to a live project. */
  readonly sandboxOnly?: true;
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TObject;
  readonly success: {
    readonly status: 200 | 201 | 204;
    readonly description: string;
    readonly schema?: TSchema;
  };
  readonly errors: readonly ErrorCode[];
  readonly evidence?: readonly EvidenceNote[];
  readonly example?: Example;
}

/** Keeps the literal types of one operation, so that clients and handlers are typed by it. */
export const defineOperation = <const O extends Operation>(operation: O): O => operation;

/** Path parameters by name; undefined when the path has none. */
export type ParamsOf<O> = O extends { readonly params: infer S extends TSchema } ? Static<S> : undefined;

/** Query parameters after coercion; undefined when the operation takes none. */
export type QueryOf<O> = O extends { readonly query: infer S extends TSchema } ? Static<S> : undefined;

/** Request body; undefined when the operation takes none. */
export type BodyOf<O> = O extends { readonly body: infer S extends TSchema } ? Static<S> : undefined;

/** Body of the success reply; undefined for 204. */
export type ReplyOf<O> = O extends { readonly success: { readonly schema: infer S extends TSchema } }
  ? Static<S>
  : undefined;
