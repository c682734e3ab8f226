import { STATUS_CODES } from 'node:http';
import type { Operation } from '@openoms/contract/operation.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../kernel/errors.ts';
import type { Hit, Trouble } from '../trouble/trouble.ts';
import { isTroubled } from '../trouble/troubled.ts';
import { toWireError } from './errors.ts';

const BANNER = 'oms-sandbox-trouble';
const RETRY_AFTER_SECONDS = 1;

/** What goes wrong with one request: each wait, and at most one way in which it has no answer. */
export interface RequestTrouble {
  readonly waits: readonly Hit<'api.latency'>[];
  readonly ending: Hit<'api.status' | 'api.drop'> | undefined;
}

/** Asks the rules of the project about a request that is valid. */
export async function troubleOf(
  trouble: Trouble,
  operation: Operation,
  projectId: string | undefined,
): Promise<RequestTrouble | undefined> {
  if (projectId === undefined || !isTroubled(operation)) return undefined;
  const isFor = ({ parameters: { operationId } }: Hit<'api.latency' | 'api.status' | 'api.drop'>): boolean =>
    operationId === null || operationId === operation.operationId;
  const waits = await trouble.hits(projectId, ['api.latency'], { isFor });
  const [ending] = await trouble.hits(projectId, ['api.status', 'api.drop'], { isFor, upTo: 1 });
  return { waits, ending };
}

export const waitMs = ({ waits }: RequestTrouble): number =>
  waits.reduce((sum, { parameters }) => sum + parameters.milliseconds, 0);

/** Names what is on in the project, and what has just hit, in the answer. */
export async function addBanner(
  trouble: Trouble,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  if (!request.principal) return;
  // Without the database the answer is the one that says so.
  const on = await trouble.kindsOn(request.principal.projectId).catch(() => []);
  const { waits = [], ending } = request.trouble ?? {};
  const kinds = new Set([...on, ...waits.map(({ kind }) => kind), ...(ending ? [ending.kind] : [])]);
  if (kinds.size > 0) reply.header(BANNER, [...kinds].sort().join(', '));
}

/** Puts what the client gets in the place of the answer: nothing at all, or the body of an error. */
export function loseAnswer(
  ending: Hit<'api.status' | 'api.drop'>,
  request: FastifyRequest,
  reply: FastifyReply,
): string {
  if (ending.kind === 'api.drop') {
    request.raw.socket.destroy();
    return '';
  }
  const { status } = ending.parameters;
  for (const name of ['idempotent-replayed', 'www-authenticate', 'retry-after']) reply.removeHeader(name);
  reply.code(status);
  const error = errorOf(status);
  if (!error) {
    reply.type('text/html; charset=utf-8');
    return `<html><body><h1>${status} ${STATUS_CODES[status]}</h1></body></html>\n`;
  }
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  reply.type('application/json; charset=utf-8');
  return JSON.stringify(toWireError(error, request.id));
}

/** Undefined for what a gateway answers in the place of this API. */
function errorOf(status: Hit<'api.status'>['parameters']['status']): ApiError | undefined {
  const retry = { retryAfterSeconds: RETRY_AFTER_SECONDS };
  const message = 'Trouble that this sandbox project has asked for.';
  if (status === 429) return new ApiError(status, 'rate_limited', message, retry);
  if (status === 500) return new ApiError(status, 'internal_error', message);
  if (status === 503) return new ApiError(status, 'provider_unavailable', message, retry);
  return undefined;
}
