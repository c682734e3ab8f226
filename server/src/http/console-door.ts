import { CONSOLE_HEADER, CONSOLE_PATH, type PeopleOperation } from '@openoms/contract/console/operation.ts';
import type { Operation } from '@openoms/contract/operation.ts';
import { ROLE_RIGHTS, type Role } from '@openoms/contract/permissions.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { MemberPrincipal } from '../auth/principal.ts';
import type { OpenSession, Sessions } from '../auth/sessions.ts';
import type { Database, Tx } from '../db/database.ts';
import { assert } from '../kernel/assert.ts';
import { ApiError, notFound } from '../kernel/errors.ts';
import { endedSession, forbidden } from './errors.ts';
import {
  type ArrivedPerson,
  type Entry,
  type PeopleRoute,
  type Person,
  WithCookie,
} from './people-operation.ts';
import { refusalOf } from './standing.ts';

const COOKIE = 'oms_session';
/** A browser keeps a cookie of such a name for itself unless it came over TLS. */
const SECURE_COOKIE = `__Secure-${COOKIE}`;
const SESSION_HEADER = CONSOLE_HEADER.toLowerCase();
/** As long as any session may last; the server ends it earlier. */
const COOKIE_SECONDS = 7 * 86_400;

export interface ConsoleDeps {
  readonly db: Database;
  readonly sessions: Sessions;
  /** Where browsers have the server; undefined: where they say they have it, without TLS. */
  readonly publicUrl: string | undefined;
}

/** Lets members in: by the cookie of their session, from pages of this origin. */
export class ConsoleDoor {
  readonly #db: Database;
  readonly #sessions: Sessions;
  readonly #publicOrigin: string | undefined;

  constructor({ db, sessions, publicUrl }: ConsoleDeps) {
    this.#db = db;
    this.#sessions = sessions;
    this.#publicOrigin = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  }

  get isSecure(): boolean {
    return this.#publicOrigin?.startsWith('https:') === true;
  }

  originOf(request: FastifyRequest): string {
    return this.#publicOrigin ?? `http://${request.host}`;
  }

  /**
   * Throws 403 for a request that a page of another origin may have made the browser send. Such a page can neither set the
   * header nor choose what `Origin` says.
   */
  requireOwnPage(request: FastifyRequest): void {
    if (request.method === 'GET' || request.method === 'HEAD') return;
    const { origin } = request.headers;
    if (request.headers[SESSION_HEADER] === undefined)
      throw new ApiError(403, 'forbidden', `Send the header ${CONSOLE_HEADER} with any value.`);
    if (origin === undefined) return;
    // Without a public URL whoever stands in front may speak TLS: only the host is compared.
    const isOwn = this.#publicOrigin
      ? origin === this.#publicOrigin
      : URL.parse(origin)?.host === request.host;
    if (!isOwn) throw new ApiError(403, 'forbidden', 'The request comes from a page of another origin.');
  }

  /** The session of the request's cookie. Throws 401 without one. */
  async enter(request: FastifyRequest, projectId?: string): Promise<OpenSession> {
    const token = this.#tokenOf(request);
    const session = token && (await this.#sessions.find(this.#db, token, projectId));
    if (!session) throw token ? endedSession() : new ApiError(401, 'unauthorized', 'Sign in first.');
    return session;
  }

  /**
   * The same in a project of the session's organization; 404 for any other, 403 for an operation beyond the role. Asked
   * before the body is read; what counts is asked again in the transaction.
   */
  async enterProject(request: FastifyRequest, operation: Operation): Promise<MemberPrincipal> {
    const { projectId } = request.params as { projectId: string };
    const { sessionId, organizationId, userId, role, mode } = await this.enter(request, projectId);
    if (!mode) throw notFound('resource');
    const principal = { kind: 'member', projectId, mode, sessionId, organizationId, userId } as const;
    const refusal = refusalOf(principal, [role], operation);
    if (refusal) throw refusal;
    return principal;
  }

  /** As `enterProject` in the session's organization. */
  async enterOrganization(request: FastifyRequest, { access }: PeopleOperation): Promise<void> {
    if (access !== 'public') requireAccess(access, (await this.enter(request)).role);
  }

  setCookie(reply: FastifyReply, token: string | undefined): void {
    const attributes = [
      `${this.isSecure ? SECURE_COOKIE : COOKIE}=${token ?? ''}`,
      `Path=${CONSOLE_PATH}`,
      `Max-Age=${token === undefined ? 0 : COOKIE_SECONDS}`,
      'HttpOnly',
      'SameSite=Strict',
      ...(this.isSecure ? ['Secure'] : []),
    ];
    reply.header('set-cookie', attributes.join('; '));
  }

  #tokenOf(request: FastifyRequest): string | undefined {
    const name = this.isSecure ? SECURE_COOKIE : COOKIE;
    const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
    return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  }

  /** Answers an operation about people. */
  async answer(route: PeopleRoute, request: FastifyRequest): Promise<unknown> {
    const visitor = { requestId: request.id, ip: request.ip, origin: this.originOf(request) };
    const { params, query, body } = request;
    const asked = { params, query, body } as never;
    if (route.operation.access === 'public') {
      const entry = (await route.prepare?.(asked, visitor as never)) as Entry;
      return this.#db.tx(entry.organizationId, (tx) =>
        route.handle(tx, asked, visitor as never, entry as never),
      );
    }
    const session = await this.enter(request);
    const { userId, organizationId } = session;
    const person = { ...visitor, session, userId, organizationId, actor: `user:${userId}` as const };
    const prepared = await route.prepare?.(asked, person as never);
    return this.#db.tx(organizationId, async (tx) => {
      const inside = await this.#permitted(tx, route, person);
      return route.handle(tx, asked, inside as never, prepared as never);
    });
  }

  /** As `requireStanding`, for what is asked of an organization. */
  async #permitted(tx: Tx, { operation }: PeopleRoute, person: ArrivedPerson): Promise<Person> {
    const role = await this.#sessions.roleOf(tx, person.session.sessionId);
    if (!role) throw endedSession();
    assert(operation.access !== 'public', 'a public operation has no person');
    requireAccess(operation.access, role);
    return { ...person, role };
  }
}

function requireAccess(access: Exclude<PeopleOperation['access'], 'public'>, role: Role): void {
  if (access !== 'user' && !ROLE_RIGHTS[role].organization.includes(access))
    throw forbidden('member', access);
}

/** Puts the operations about people in their place. */
export function bindPeople(app: FastifyInstance, door: ConsoleDoor, routes: readonly PeopleRoute[]): void {
  for (const route of routes) {
    const { operation } = route;
    const { success } = operation;
    app.route({
      method: operation.method,
      url: CONSOLE_PATH + operation.path,
      schema: {
        ...(operation.params && { params: operation.params }),
        ...(operation.query && { querystring: operation.query }),
        ...(operation.body && { body: operation.body }),
        ...(success.schema && { response: { [success.status]: success.schema } }),
      },
      onRequest: async (request) => {
        door.requireOwnPage(request);
        await door.enterOrganization(request, operation);
      },
      preValidation: async (request) => {
        if (operation.body && request.body === undefined) request.body = {};
      },
      handler: async (request, reply) => {
        const answer = await door.answer(route, request);
        if (answer instanceof WithCookie) door.setCookie(reply, answer.token);
        const body = answer instanceof WithCookie ? answer.body : answer;
        reply.code(success.status);
        if (success.status === 204) return reply.send();
        return reply.type('application/json; charset=utf-8').send(body);
      },
    });
  }
}
