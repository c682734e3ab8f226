import { CONSOLE_HEADER, CONSOLE_PATH } from '@openoms/contract/console/operation.ts';
import type { Session } from '@openoms/contract/console/people.ts';
import type { Role } from '@openoms/contract/permissions.ts';
import { Secret, TOTP } from 'otpauth';
import { PLATFORM } from '../src/db/database.ts';
import { assert } from '../src/kernel/assert.ts';
import type { RawReply, World } from './world.ts';

export const PASSWORD = 'correct horse battery';

/** What an authenticator shows. */
export const codeOf = (secret: string, at: Date): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at.getTime() });

export interface ConsoleRequest {
  readonly body?: unknown;
  /** A header that is `null` is not sent. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

/** A browser with the dashboard open: it keeps the cookie and sends the header. */
export class Browser {
  readonly #baseUrl: string;
  cookie: string | undefined;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  /** `path` below `/console`. */
  async fetch(method: string, path: string, { body, headers = {} }: ConsoleRequest = {}): Promise<RawReply> {
    const sent: Record<string, string | null> = {
      ...(this.cookie !== undefined && { cookie: this.cookie }),
      ...(method !== 'GET' && { [CONSOLE_HEADER.toLowerCase()]: '1' }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    };
    const response = await fetch(this.#baseUrl + CONSOLE_PATH + path, {
      method,
      headers: Object.entries(sent).filter((pair): pair is [string, string] => pair[1] !== null),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    for (const set of response.headers.getSetCookie()) this.cookie = set.split(';', 1)[0];
    const text = await response.text();
    const json: unknown = text.startsWith('{') ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, json };
  }

  signIn(email: string, password = PASSWORD, code?: string): Promise<RawReply> {
    return this.fetch('POST', '/session', { body: { email, password, ...(code !== undefined && { code }) } });
  }
}

/** Somebody who is signed in. */
export class Member extends Browser {
  readonly email: string;
  readonly userId: string;
  readonly role: Role;
  session: Session;

  constructor(baseUrl: string, session: Session, cookie: string | undefined) {
    super(baseUrl);
    this.email = session.user.email;
    this.userId = session.user.id;
    this.role = session.role;
    this.session = session;
    this.cookie = cookie;
  }

  /** `path` below the project: that of an operation of the API. */
  inProject(projectId: string, method: string, path: string, request?: ConsoleRequest): Promise<RawReply> {
    return this.fetch(method, `/projects/${projectId}${path}`, request);
  }
}

let people = 0;

/** The organization that the world's projects are of. */
export async function firstOrganization(world: World): Promise<string> {
  const [row] = await world.context.db.tx(PLATFORM, (tx) =>
    tx.query<{ id: string }>('select first_organization() id'),
  );
  assert(row, 'there is an organization');
  return row.id;
}

/** A further organization without projects. */
export async function newOrganization(world: World, name = 'Other'): Promise<string> {
  const organizationId = world.context.ids.next('organization');
  await world.sql('insert into organizations (organization_id, name, created_at) values ($1, $2, now())', [
    organizationId,
    name,
  ]);
  return organizationId;
}

/** Makes a member of the role and signs them in; by default in the organization of the world's projects. */
export async function signIn(world: World, role: Role, organizationId?: string): Promise<Member> {
  const email = `${role}-${++people}@openoms.test`;
  await world.context.people.createUser({
    organizationId: organizationId ?? (await firstOrganization(world)),
    email,
    name: role,
    password: PASSWORD,
    role,
  });
  const browser = new Browser(world.baseUrl);
  const { status, json, text } = await browser.signIn(email);
  assert(status === 200, `not signed in: ${text}`);
  return new Member(world.baseUrl, json, browser.cookie);
}
