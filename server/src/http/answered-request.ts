import type { Operation } from '@openoms/contract/operation.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { actorOf } from '../auth/principal.ts';
import type { Clock } from '../kernel/clock.ts';
import { isIdempotencyKey } from './idempotency.ts';

/** A request of somebody who is known, once its answer is on its way. */
export interface AnsweredRequest {
  readonly requestId: string;
  readonly projectId: string;
  /** `apiKey:` or `user:` and who. */
  readonly actor: string;
  readonly method: string;
  /** Of the route; as it was sent where there is none. */
  readonly path: string;
  readonly operation: Operation | undefined;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly bodyBytes: number;
  readonly idempotencyKey: string | undefined;
  readonly isReplay: boolean;
  readonly status: number;
  /** The text that was sent; empty: none. */
  readonly answer: string;
  readonly durationMs: number;
  readonly at: Date;
}

/** Who is told of each request of somebody who is known. Must neither wait nor throw. */
export interface RequestObserver {
  answered(request: AnsweredRequest): void;
}

/** Those that operations have. */
const LOGGED_METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PATCH', 'DELETE']);

/** Requests of nobody that is known are of no project; members who only look are not told of. */
export function tellOf(
  { observer, clock }: { readonly observer: RequestObserver; readonly clock: Clock },
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { principal, operation, answer } = request;
  if (!principal || !LOGGED_METHODS.has(request.method)) return;
  if (principal.kind === 'member' && request.method === 'GET') return;
  const key = request.headers['idempotency-key'];
  observer.answered({
    requestId: request.id,
    projectId: principal.projectId,
    actor: actorOf(principal),
    method: request.method,
    path: (operation && request.routeOptions.url) ?? request.url.split('?', 1)[0] ?? '',
    operation,
    params: request.params,
    query: request.query,
    body: request.body,
    bodyBytes: Number(request.headers['content-length'] ?? 0),
    idempotencyKey: typeof key === 'string' && isIdempotencyKey(key) ? key : undefined,
    isReplay: answer?.isReplay ?? false,
    status: reply.statusCode,
    answer: answer?.text ?? '',
    durationMs: reply.elapsedTime,
    at: clock.now(),
  });
}
