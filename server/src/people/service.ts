import type { ConsoleProject, Session as WireSession } from '@openoms/contract/console/people.ts';
import type { Role } from '@openoms/contract/permissions.ts';
import { byCaller, SYSTEM } from '../audit/audit.ts';
import type { Session } from '../auth/sessions.ts';
import { type Database, PLATFORM, type Tx, violates } from '../db/database.ts';
import type { Person } from '../http/people-operation.ts';
import { must } from '../kernel/assert.ts';
import type { Ids } from '../kernel/ids.ts';
import { Account } from './account.ts';
import { deleteExpiredInvitations } from './invitation-store.ts';
import { Invitations } from './invitations.ts';
import { Members } from './members.ts';
import { SignIn, type SignInDeps } from './sign-in.ts';
import {
  findHome,
  findUserByEmail,
  firstOrganization,
  getOrganization,
  getUser,
  hasUsers,
  insertMember,
  insertUser,
  removeTotp,
  setPasswordHash,
} from './store.ts';
import { type InstanceFacts, toSession } from './view.ts';

/** A member is told of the projects with the session. */
export interface OwnProjects {
  /** In the scope of the organization. */
  listOwn(tx: Tx, role: Role): Promise<ConsoleProject[]>;
}

export interface PeopleDeps extends SignInDeps {
  readonly db: Database;
  readonly ids: Ids;
  readonly projects: OwnProjects;
  readonly instance: InstanceFacts;
}

export interface UserRequest {
  /** Default: the first one. */
  readonly organizationId?: string;
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly role: Role;
}

/** What the operator asks for cannot be done; the message is one sentence for them. */
class UserError extends Error {
  override readonly name = 'UserError';
}

/** Users and the organizations that they are members of. Transactions are in the scope of the organization. */
export class People {
  readonly signIn: SignIn;
  readonly account: Account;
  readonly members: Members;
  readonly invitations: Invitations;
  readonly #deps: PeopleDeps;

  constructor(deps: PeopleDeps) {
    this.#deps = deps;
    this.signIn = new SignIn(deps);
    this.account = new Account(deps, this.signIn);
    this.members = new Members(deps.audit);
    this.invitations = new Invitations(deps, this.signIn);
  }

  async sessionOf(tx: Tx, session: Session, origin: string): Promise<WireSession> {
    const { sessions, projects, instance } = this.#deps;
    const role = must(await sessions.roleOf(tx, session.sessionId), 'a session has a role');
    const facts = {
      session,
      user: await getUser(tx, session.userId),
      organization: await getOrganization(tx),
      role,
      projects: await projects.listOwn(tx, role),
    };
    return toSession(facts, instance, origin);
  }

  async signOut(tx: Tx, person: Person): Promise<void> {
    const { sessions, audit } = this.#deps;
    await sessions.end(tx, person.session.sessionId);
    await audit.record(tx, { ...byCaller(person), action: 'user.signedOut', resourceId: person.userId });
  }

  /** Drops what is past its time: tries of passwords, and invitations that nobody accepted. */
  async sweep(): Promise<void> {
    const { db, attempts, wallClock } = this.#deps;
    await attempts.sweep();
    await db.tx(PLATFORM, (tx) => deleteExpiredInvitations(tx, wallClock.now()));
  }

  /** The rest is for whoever is on the server's machine, and not in a transaction. */

  hasUsers(): Promise<boolean> {
    return this.#deps.db.tx(PLATFORM, hasUsers);
  }

  /** Whether the password is still the user's. */
  async isPassword(email: string, password: string): Promise<boolean> {
    const user = await this.#deps.db.tx(PLATFORM, (tx) => findUserByEmail(tx, email));
    return user !== undefined && this.#deps.passwords.verify(password, user.password_hash);
  }

  /** A new user and their membership. Throws UserError when the address has one. */
  async createUser(asked: UserRequest): Promise<string> {
    const { db, ids, wallClock, passwords, audit } = this.#deps;
    const { email, name, role } = asked;
    const organizationId = asked.organizationId ?? (await db.tx(PLATFORM, firstOrganization));
    const passwordHash = await passwords.hash(asked.password);
    const userId = ids.next('user');
    try {
      await db.tx(organizationId, async (tx) => {
        const now = wallClock.now();
        await insertUser(tx, { userId, email, name, passwordHash, now });
        await insertMember(tx, userId, role, now);
        await audit.record(
          tx,
          { ...SYSTEM, action: 'user.created', resourceId: userId, details: { email } },
          { ...SYSTEM, action: 'member.joined', resourceId: userId, details: { email, role } },
        );
      });
    } catch (error) {
      if (violates(error, 'users_email_key')) throw new UserError(`There is a user ${email} already.`);
      throw error;
    }
    return userId;
  }

  /** A new password, no authenticator any more, and no session. Throws UserError for an address that nobody has. */
  async resetPassword(email: string, password: string): Promise<void> {
    const { db, passwords, sessions, audit } = this.#deps;
    const passwordHash = await passwords.hash(password);
    const found = await db.tx(PLATFORM, async (tx) => {
      const user = await findUserByEmail(tx, email);
      return user && { user, home: await findHome(tx, user.user_id) };
    });
    if (!found) throw new UserError(`There is no user ${email}.`);
    const { user, home } = found;
    if (!home) throw new UserError(`${email} is a member of no organization: invite them.`);
    await db.tx(home, async (tx) => {
      if (!(await setPasswordHash(tx, user, passwordHash))) throw new UserError('It was changed meanwhile.');
      await removeTotp(tx, user.user_id);
      await sessions.endAllOf(tx, user.user_id);
      await audit.record(tx, { ...SYSTEM, action: 'user.passwordReset', resourceId: user.user_id });
    });
  }
}
