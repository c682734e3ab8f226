import { setTimeout as delay } from 'node:timers/promises';
import { CONSOLE_PATH, CONSOLE_PROJECT_PATH } from '@openoms/contract/console/operation.ts';
import { SCENARIO_HEADER } from '@openoms/contract/magic-values.ts';
import { BASE_PATH, DIALECT_PATH, type Operation } from '@openoms/contract/operation.ts';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { ApiKeyUse } from '../auth/api-key-use.ts';
import type { KeyPrincipal, Principal } from '../auth/principal.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { Clock } from '../kernel/clock.ts';
import { ApiError, notFound } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Logger } from '../kernel/log.ts';
import type { Trouble } from '../trouble/trouble.ts';
import { type RequestObserver, tellOf } from './answered-request.ts';
import { protectBrowsers } from './browser-headers.ts';
import { bindPeople, type ConsoleDoor } from './console-door.ts';
import { toApiError, toValidationError, toWireError } from './errors.ts';
import type { Executor } from './execute.ts';
import { isIdempotencyKey } from './idempotency.ts';
import type { Route } from './operation.ts';
import type { PeopleRoute } from './people-operation.ts';
import { MAX_BODY_BYTES, MAX_PATH_SEGMENT_LENGTH, parseJsonBody, requireStorable } from './request-limits.ts';
import { readScenario } from './scenario.ts';
import { addBanner, loseAnswer, type RequestTrouble, troubleOf, waitMs } from './trouble.ts';
import { closeUnusedConnections } from './unused-connections.ts';
import { replyCompiler, SchemaViolation, schemaCompiler } from './validation.ts';

const REQUEST_TIMEOUT_MS = 30_000;
const BEARER = /^Bearer ([\x21-\x7e]+)$/i;

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | undefined;
    /** What goes wrong with it; undefined until it is found valid, and for operations that are not troubled. */
    trouble: RequestTrouble | undefined;
    /** Undefined where there is none of that path. */
    operation: Operation | undefined;
    /** The text that was sent. */
    answer: { readonly text: string; readonly isReplay: boolean } | undefined;
  }
}

export interface HttpDeps {
  readonly routes: readonly Route[];
  /** What members may ask in a project beside the routes. */
  readonly consoleRoutes: readonly Route[];
  readonly peopleRoutes: readonly PeopleRoute[];
  readonly door: ConsoleDoor;
  /** Served under `DIALECT_PATH` in the place of the routes of the same method and path. */
  readonly dialect: readonly Route[];
  readonly executor: Executor;
  readonly tokens: Tokens;
  readonly apiKeyUse: ApiKeyUse;
  /** Whose word counts on where a request comes from. */
  readonly trustedProxies: readonly string[];
  readonly trouble: Trouble;
  /** Told of each request in a project, but for those of members that change nothing. */
  readonly observer: RequestObserver;
  readonly ids: Ids;
  /** The server's. */
  readonly clock: Clock;
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
    trustProxy: deps.trustedProxies.length > 0 && [...deps.trustedProxies],
    routerOptions: { maxParamLength: MAX_PATH_SEGMENT_LENGTH, ignoreTrailingSlash: true },
    clientErrorHandler: answerBrokenHttp(deps.ids),
    frameworkErrors: (error, request, reply) => answerError(deps, error, request, reply),
  });
  // As with GET: no operation takes a body there, so one that comes is not read, whatever it is.
  app.addHttpMethod('DELETE', { hasBody: false, overrideExisting: true });
  app.decorateRequest('principal', undefined);
  app.decorateRequest('trouble', undefined);
  app.decorateRequest('operation', undefined);
  app.decorateRequest('answer', undefined);
  app.setValidatorCompiler(schemaCompiler());
  app.setSerializerCompiler(replyCompiler());
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
  protectBrowsers(app, deps.door.isSecure);
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
        project: request.principal?.projectId,
        ...(request.principal?.kind === 'member' && { user: request.principal.userId }),
      },
      'request',
    );
    tellOf(deps, request, reply);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(deps, error, request, reply));
  app.setNotFoundHandler(async (request, reply) => {
    // Whoever it is finds it in the log of the project; that it is nobody matters not.
    request.principal ??= await authenticate(deps, request).catch(() => undefined);
    const allowed = allowedMethods([...mounted, ...people], request.url);
    if (allowed.length === 0) throw notFound('resource');
    reply.header('allow', allowed.join(', '));
    throw new ApiError(405, 'method_not_allowed', `This path takes ${allowed.join(', ')}.`);
  });
  closeUnusedConnections(app);
  const mounted = mount(deps);
  const people = deps.peopleRoutes.map(({ operation }) => ({
    url: CONSOLE_PATH + operation.path,
    operation,
  }));
  for (const each of mounted) bind(app, deps, each);
  bindPeople(app, deps.door, deps.peopleRoutes);
  return app;
}

/** A route at its place. */
interface Mounted {
  readonly url: string;
  readonly route: Route;
  readonly operation: Operation;
  /** By whom it is asked there: by programs with a token, or by members with a session. */
  readonly by: 'token' | 'session';
}

function mount({ routes, dialect, consoleRoutes }: HttpDeps): Mounted[] {
  const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;
  const own = new Set(dialect.map(({ operation }) => nameOf(operation)));
  const unchanged = routes.filter(({ operation }) => !own.has(nameOf(operation)));
  const at = (base: string, by: Mounted['by']) => (route: Route) => ({
    url: (base + route.operation.path).replace(/\/$/, ''),
    route,
    operation: route.operation,
    by,
  });
  // What anybody may ask is about tokens, which members do without.
  const ofMembers = routes.filter(({ operation }) => operation.auth !== 'none');
  return [
    ...routes.map(at(BASE_PATH, 'token')),
    ...[...unchanged, ...dialect].map(at(DIALECT_PATH, 'token')),
    ...[...ofMembers, ...consoleRoutes].map(at(CONSOLE_PROJECT_PATH, 'session')),
  ];
}

function bind(app: FastifyInstance, deps: HttpDeps, { url, route, operation, by }: Mounted): void {
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
      request.operation = operation;
      if (by === 'session') {
        deps.door.requireOwnPage(request);
        request.principal = await deps.door.enterProject(request, operation);
      } else if (operation.auth === 'bearer') request.principal = await authenticate(deps, request);
    },
    preValidation: async (request) => {
      if (operation.body && request.body === undefined) request.body = {};
    },
    handler: async (request, reply) => {
      const idempotencyKey = readIdempotencyKey(operation.idempotency, request);
      const { principal } = request;
      // Trouble is for the integration, not for whoever looks at it.
      const trouble =
        by === 'token' ? await troubleOf(deps.trouble, operation, principal?.projectId) : undefined;
      request.trouble = trouble;
      if (trouble && trouble.waits.length > 0) await delay(waitMs(trouble));
      if (trouble?.ending?.parameters.when === 'before') return reply.send();
      reply.code(operation.success.status);
      const answer = await deps.executor.run({
        route,
        principal,
        idempotencyKey,
        method: operation.method,
        path: pathOf(request.url),
        params: request.params,
        query: request.query,
        body: request.body,
        requestId: request.id,
        scenario:
          principal?.mode === 'sandbox'
            ? readScenario(operation.operationId, request.headers[SCENARIO_HEADER.toLowerCase()])
            : undefined,
        serialize: (body) => String(reply.serialize(body)),
      });
      request.answer = { text: answer.body, isReplay: answer.replayed };
      reply.code(answer.status);
      if (answer.replayed) reply.header('idempotent-replayed', 'true');
      if (answer.status === 204) return reply.send();
      // As bytes, so that the framework sends exactly what is stored under the key.
      return reply.type('application/json; charset=utf-8').send(Buffer.from(answer.body));
    },
  });
}

async function authenticate({ tokens, apiKeyUse }: HttpDeps, request: FastifyRequest): Promise<KeyPrincipal> {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (!token)
    throw new ApiError(401, 'unauthorized', 'Send Authorization: Bearer with a token of POST /auth/token.');
  const check = await tokens.check(token);
  if (check.ok) {
    apiKeyUse.note(check.key);
    return check.key;
  }
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
  if (known.status === 401 && !request.url.startsWith(CONSOLE_PATH))
    reply.header('www-authenticate', 'Bearer');
  reply.header('x-request-id', request.id);
  const text = JSON.stringify(toWireError(known, request.id));
  request.answer = { text, isReplay: false };
  // Bytes again: an error is not put through the success schema.
  return reply.code(known.status).type('application/json; charset=utf-8').send(Buffer.from(text));
}

/** Without the query and a trailing slash: both spellings are one path, also to an idempotency key. */
const pathOf = (url: string): string => (url.split('?', 1)[0] ?? url).replace(/\/$/, '');

function allowedMethods(mounted: readonly Pick<Mounted, 'url' | 'operation'>[], url: string): string[] {
  const segments = pathOf(url).split('/');
  const matches = (path: string): boolean => {
    const pattern = path.split('/');
    return (
      pattern.length === segments.length &&
      pattern.every((part, index) => part.startsWith(':') || part === segments[index])
    );
  };
  return [...new Set(mounted.filter((each) => matches(each.url)).map((each) => each.operation.method))];
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
