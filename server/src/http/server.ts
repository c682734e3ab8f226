import { setTimeout as delay } from 'node:timers/promises';
import { SCENARIO_HEADER } from '@openoms/contract/magic-values.ts';
import { BASE_PATH, DIALECT_PATH, type Operation } from '@openoms/contract/operation.ts';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { ApiKey } from '../auth/api-keys.ts';
import type { Tokens } from '../auth/tokens.ts';
import { ApiError, notFound } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Logger } from '../kernel/log.ts';
import type { Trouble } from '../trouble/trouble.ts';
import { toApiError, toValidationError, toWireError } from './errors.ts';
import type { Executor } from './execute.ts';
import { isIdempotencyKey } from './idempotency.ts';
import type { Route } from './operation.ts';
import { MAX_BODY_BYTES, MAX_PATH_SEGMENT_LENGTH, parseJsonBody, requireStorable } from './request-limits.ts';
import { readScenario } from './scenario.ts';
import { addBanner, loseAnswer, type RequestTrouble, troubleOf, waitMs } from './trouble.ts';
import { SchemaViolation, schemaCompiler } from './validation.ts';

const REQUEST_TIMEOUT_MS = 30_000;
const BEARER = /^Bearer ([\x21-\x7e]+)$/i;

declare module 'fastify' {
  interface FastifyRequest {
    caller: ApiKey | undefined;
    /** What goes wrong with it; undefined until it is found valid, and for operations that are not troubled. */
    trouble: RequestTrouble | undefined;
  }
}

export interface HttpDeps {
  readonly routes: readonly Route[];
  /** Served under `DIALECT_PATH` in the place of the routes of the same method and path. */
  readonly dialect: readonly Route[];
  readonly executor: Executor;
  readonly tokens: Tokens;
  readonly trouble: Trouble;
  readonly ids: Ids;
  readonly log: Logger;
}

/** The HTTP server with every operation bound; not yet listening. */
export function createHttpServer(deps: HttpDeps): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    genReqId: () => deps.ids.next('request'),
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: MAX_PATH_SEGMENT_LENGTH, ignoreTrailingSlash: true },
    clientErrorHandler: answerBrokenHttp(deps.ids),
    frameworkErrors: (error, request, reply) => answerError(deps, error, request, reply),
  });
  // As with GET: no operation takes a body there, so one that comes is not read, whatever it is.
  app.addHttpMethod('DELETE', { hasBody: false, overrideExisting: true });
  app.decorateRequest('caller', undefined);
  app.decorateRequest('trouble', undefined);
  app.setValidatorCompiler(schemaCompiler());
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      const value = parseJsonBody(String(body));
      requireStorable(value);
      done(null, value);
    } catch (error) {
      done(error as Error);
    }
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    await addBanner(deps.trouble, request, reply);
    const ending = request.trouble?.ending;
    return ending ? loseAnswer(ending, request, reply) : payload;
  });
  app.addHook('onResponse', async (request, reply) => {
    deps.log.info(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        project: request.caller?.projectId,
      },
      'request',
    );
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(deps, error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(mounted, request.url);
    if (allowed.length === 0) throw notFound('resource');
    reply.header('allow', allowed.join(', '));
    throw new ApiError(405, 'method_not_allowed', `This path takes ${allowed.join(', ')}.`);
  });
  const mounted = mount(deps);
  for (const each of mounted) bind(app, deps, each);
  return app;
}

/** A route at its place. */
interface Mounted {
  readonly url: string;
  readonly route: Route;
}

function mount({ routes, dialect }: HttpDeps): Mounted[] {
  const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;
  const own = new Set(dialect.map(({ operation }) => nameOf(operation)));
  const unchanged = routes.filter(({ operation }) => !own.has(nameOf(operation)));
  const at = (base: string) => (route: Route) => ({ url: base + route.operation.path, route });
  return [...routes.map(at(BASE_PATH)), ...[...unchanged, ...dialect].map(at(DIALECT_PATH))];
}

function bind(app: FastifyInstance, deps: HttpDeps, { url, route }: Mounted): void {
  const { operation } = route;
  app.route({
    method: operation.method,
    url,
    schema: {
      ...(operation.params && { params: operation.params }),
      ...(operation.query && { querystring: operation.query }),
      ...(operation.body && { body: operation.body }),
      ...(operation.success.schema && { response: { [operation.success.status]: operation.success.schema } }),
    },
    onRequest: async (request) => {
      if (operation.auth === 'bearer') request.caller = await authenticate(deps.tokens, request);
    },
    preValidation: async (request) => {
      if (operation.body && request.body === undefined) request.body = {};
    },
    handler: async (request, reply) => {
      const idempotencyKey = readIdempotencyKey(operation.idempotency, request);
      const trouble = await troubleOf(deps.trouble, operation, request.caller?.projectId);
      request.trouble = trouble;
      if (trouble && trouble.waits.length > 0) await delay(waitMs(trouble));
      if (trouble?.ending?.parameters.when === 'before') return reply.send();
      reply.code(operation.success.status);
      const answer = await deps.executor.run({
        route,
        key: request.caller,
        idempotencyKey,
        method: operation.method,
        path: pathOf(request.url),
        params: request.params,
        query: request.query,
        body: request.body,
        requestId: request.id,
        scenario:
          request.caller?.mode === 'sandbox'
            ? readScenario(operation.operationId, request.headers[SCENARIO_HEADER.toLowerCase()])
            : undefined,
        serialize: (body) => String(reply.serialize(body)),
      });
      reply.code(answer.status);
      if (answer.replayed) reply.header('idempotent-replayed', 'true');
      if (answer.status === 204) return reply.send();
      // As bytes, so that the framework sends exactly what is stored under the key.
      return reply.type('application/json; charset=utf-8').send(Buffer.from(answer.body));
    },
  });
}

async function authenticate(tokens: Tokens, request: FastifyRequest): Promise<ApiKey> {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (!token)
    throw new ApiError(401, 'unauthorized', 'Send Authorization: Bearer with a token of POST /auth/token.');
  const check = await tokens.check(token);
  if (check.ok) return check.key;
  if (check.reason === 'expired') {
    throw new ApiError(401, 'token_expired', 'The token has expired; exchange the key for a new one.');
  }
  throw new ApiError(401, 'unauthorized', 'The token is not valid.');
}

function readIdempotencyKey(
  rule: 'required' | 'optional' | 'none',
  request: FastifyRequest,
): string | undefined {
  if (rule === 'none') return undefined;
  const header = request.headers['idempotency-key'];
  if (header === undefined && rule === 'optional') return undefined;
  if (header === undefined || (header === '' && rule === 'required')) {
    throw new ApiError(400, 'idempotency_key_required', 'This operation needs an Idempotency-Key header.', {
      details: [{ field: 'Idempotency-Key', issue: 'is required' }],
    });
  }
  if (typeof header !== 'string' || !isIdempotencyKey(header)) {
    throw new ApiError(400, 'invalid_request', 'The Idempotency-Key is not 1 to 255 printable characters.', {
      details: [{ field: 'Idempotency-Key', issue: 'must be 1 to 255 printable characters' }],
    });
  }
  return header;
}

function answerError(
  deps: Pick<HttpDeps, 'log'>,
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  let known = error instanceof SchemaViolation ? toValidationError(error.failures) : toApiError(error);
  if (!known) {
    deps.log.error(
      { error, requestId: request.id, route: request.routeOptions?.url ?? 'none' },
      'request failed',
    );
    known = new ApiError(500, 'internal_error', 'The server failed; it is safe to retry with the same key.');
  }
  if (known.retryAfterSeconds !== undefined) reply.header('retry-after', String(known.retryAfterSeconds));
  if (known.status === 401) reply.header('www-authenticate', 'Bearer');
  reply.header('x-request-id', request.id);
  // Bytes again: an error is not put through the success schema.
  return reply
    .code(known.status)
    .type('application/json; charset=utf-8')
    .send(Buffer.from(JSON.stringify(toWireError(known, request.id))));
}

/** Without the query and a trailing slash: both spellings are one path, also to an idempotency key. */
const pathOf = (url: string): string => (url.split('?', 1)[0] ?? url).replace(/\/$/, '');

function allowedMethods(mounted: readonly Mounted[], url: string): string[] {
  const segments = pathOf(url).split('/');
  const matches = (path: string): boolean => {
    const pattern = path.split('/');
    return (
      pattern.length === segments.length &&
      pattern.every((part, index) => part.startsWith(':') || part === segments[index])
    );
  };
  return [...new Set(mounted.filter((each) => matches(each.url)).map((each) => each.route.operation.method))];
}

/** Bytes that are not HTTP never reach a route; they get the same error body. */
function answerBrokenHttp(ids: Ids) {
  return (error: NodeJS.ErrnoException, socket: import('node:net').Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const isTooLong = error.code === 'HPE_HEADER_OVERFLOW';
    const message = isTooLong ? 'The URL or the headers are too long.' : 'The request is not valid HTTP.';
    const requestId = ids.next('request');
    // 400 in any case: each code has one status (contract/errors.ts).
    const body = JSON.stringify(toWireError(new ApiError(400, 'invalid_request', message), requestId));
    const headers = [
      'HTTP/1.1 400 Bad Request',
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${body.length}`,
      `X-Request-Id: ${requestId}`,
      'Connection: close',
    ];
    socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
  };
}
