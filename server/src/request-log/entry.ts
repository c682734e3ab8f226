import type { Operation } from '@openoms/contract/operation.ts';
import type { AnsweredRequest } from '../http/answered-request.ts';
import { oncePer } from '../kernel/once-per.ts';
import { MASK, masked, maskedError, type Shape, shapeOf } from './mask.ts';
import type { NewRequest } from './store.ts';

/** A larger body is not kept. */
const MAX_LOGGED_BODY_BYTES = 16 * 1024;
const MAX_RESOURCE_IDS = 16;
const MAX_PATH_LENGTH = 500;
const FIRST_FAILURE = 400;
const RESOURCE_ID = /^[A-Za-z]{2,20}_[0-9a-z]{10,60}$/;
/** What is part of a path that is none of ours, and surely no person's. */
const PATH_WORD = /^(v[0-9.]+|[a-z]{2,20}(-[a-z]{2,20}){0,3})$/;

interface Shapes {
  readonly params: Shape | undefined;
  readonly query: Shape | undefined;
  readonly body: Shape | undefined;
  readonly answer: Shape | undefined;
}

const shapesOf = oncePer(
  (operation: Operation): Shapes => ({
    params: shapeOf(operation.params),
    query: shapeOf(operation.query),
    body: shapeOf(operation.body),
    answer: shapeOf(operation.success.schema),
  }),
);

/** The row of a request, of which nothing is left but what may be kept. */
export function toEntry(request: AnsweredRequest): NewRequest {
  const shapes = request.operation && shapesOf(request.operation);
  const answer = parsedAnswer(request.answer);
  const isFailure = request.status >= FIRST_FAILURE;
  const params = (request.params ?? {}) as Record<string, unknown>;
  return {
    project_id: request.projectId,
    request_id: request.requestId,
    method: request.method,
    path: pathOf(request, masked(shapes?.params, params) as Record<string, unknown>).slice(
      0,
      MAX_PATH_LENGTH,
    ),
    operation: request.operation?.operationId ?? null,
    status: request.status,
    duration_us: Math.max(0, Math.round(request.durationMs * 1_000)),
    actor: request.actor,
    idempotency_key: request.idempotencyKey ?? null,
    is_replay: request.isReplay,
    error_code: isFailure && answer ? String(answer.code ?? '') || null : null,
    query: textOf(isEmpty(request.query) ? undefined : masked(shapes?.query, request.query)),
    request_body:
      request.body === undefined || request.bodyBytes > MAX_LOGGED_BODY_BYTES || request.bodyBytes === 0
        ? null
        : textOf(masked(shapes?.body, request.body)),
    response_body: answer ? textOf(isFailure ? maskedError(answer) : masked(shapes?.answer, answer)) : null,
    resource_ids: resourceIdsOf(params, isFailure ? undefined : answer),
    created_at: request.at,
  };
}

function parsedAnswer(text: string): Record<string, unknown> | undefined {
  if (text === '' || text.length > MAX_LOGGED_BODY_BYTES) return undefined;
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

const textOf = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

const isEmpty = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || Object.keys(value).length === 0;

/** The route's path with the parameters that may be kept; of a path that is no route's, words of programs and ids. */
function pathOf({ operation, path }: AnsweredRequest, params: Readonly<Record<string, unknown>>): string {
  const segments = path.split('/');
  if (operation) {
    return segments
      .map((each) => (each.startsWith(':') ? String(params[each.slice(1)] ?? MASK) : each))
      .join('/');
  }
  return segments
    .map((each) => (each === '' || PATH_WORD.test(each) || RESOURCE_ID.test(each) ? each : MASK))
    .join('/');
}

/** Ids in the path and in the fields of the answer, not those of the items of a list: a list is about none of them. */
function resourceIdsOf(
  params: Readonly<Record<string, unknown>>,
  answer: Readonly<Record<string, unknown>> | undefined,
): string[] {
  const named = Object.entries(answer ?? {}).flatMap(([name, value]) =>
    name === 'id' || name.endsWith('Id') ? [value] : [],
  );
  const ids = [...Object.values(params), ...named].filter(
    (value): value is string => typeof value === 'string' && RESOURCE_ID.test(value),
  );
  return [...new Set(ids)].slice(0, MAX_RESOURCE_IDS);
}
