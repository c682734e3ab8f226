import type { Session as WireSession } from '@openoms/contract/console/people.ts';
import type { Role } from '@openoms/contract/permissions.ts';
import { byCaller, SYSTEM } from '../audit/audit.ts';
import type { Session } from '../auth/sessions.ts';
import type { Tx } from '../db/database.ts';
import type { Person } from '../http/people-operation.ts';
import { must } from '../kernel/assert.ts';
import type { Ids } from '../kernel/ids.ts';
import { SignIn, type SignInDeps } from './sign-in.ts';
import { getOrganization, getUser, insertMember, insertUser, listOwnProjects } from './store.ts';
import { type InstanceFacts, toSession } from './view.ts';

export interface PeopleDeps extends SignInDeps {
  readonly ids: Ids;
  readonly instance: InstanceFacts;
}

export interface UserRequest {
  readonly organizationId: string;
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly role: Role;
}

/** Users and the organizations that they are members of. Transactions are in the scope of the organization. */
export class People {
  readonly signIn: SignIn;
  readonly #deps: PeopleDeps;

  constructor(deps: PeopleDeps) {
    this.#deps = deps;
    this.signIn = new SignIn(deps);
  }

  async sessionOf(tx: Tx, session: Session, origin: string): Promise<WireSession> {
    const facts = {
      session,
      user: await getUser(tx, session.userId),
      organization: await getOrganization(tx),
      role: must(await this.#deps.sessions.roleOf(tx, session.sessionId), 'a session has a role'),
      projects: await listOwnProjects(tx),
    };
    return toSession(facts, this.#deps.instance, origin);
  }

  async signOut(tx: Tx, person: Person): Promise<void> {
    const { sessions, audit } = this.#deps;
    await sessions.end(tx, person.session.sessionId);
    await audit.record(tx, { ...byCaller(person), action: 'user.signedOut', resourceId: person.userId });
  }

  /** A new user and their membership, by whoever is on the server's machine. Not in a transaction. */
  async createUser({ organizationId, email, name, password, role }: UserRequest): Promise<string> {
    const { db, ids, wallClock, passwords, audit } = this.#deps;
    const passwordHash = await passwords.hash(password);
    const userId = ids.next('user');
    await db.tx(organizationId, async (tx) => {
      const now = wallClock.now();
      await insertUser(tx, { userId, email, name, passwordHash, now });
      await insertMember(tx, userId, role, now);
      await audit.record(
        tx,
        { ...SYSTEM, action: 'user.created', resourceId: userId, details: { email } },
        { ...SYSTEM, action: 'member.joined', resourceId: userId, details: { role } },
      );
    });
    return userId;
  }
}
