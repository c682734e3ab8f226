import type { Role } from '@openoms/contract/permissions.ts';
import { byCaller } from '../audit/audit.ts';
import { hashOfToken, type NewSession, newToken } from '../auth/sessions.ts';
import { PLATFORM, type Tx, violates } from '../db/database.ts';
import type { Entry, Person, Visitor } from '../http/people-operation.ts';
import { addMs, DAY_MS } from '../kernel/clock.ts';
import { ApiError, notFound } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import {
  deleteInvitation,
  findOffer,
  type InvitationRow,
  listInvitations,
  type OfferRow,
  putInvitation,
  takeInvitation,
} from './invitation-store.ts';
import { listMembers } from './member-store.ts';
import { requireOwnerFor, withdrawal } from './members.ts';
import { type Identified, type SignIn, type SignInDeps, wrongCredentials } from './sign-in.ts';
import { getUser, insertMember, insertUser } from './store.ts';

const LIFE_MS = 7 * DAY_MS;

export interface InvitationsDeps extends SignInDeps {
  readonly ids: Ids;
}

export interface Acceptance {
  readonly token: string;
  readonly name?: string | undefined;
  readonly password: string;
  readonly code?: string | undefined;
}

/** Somebody who may come in by an invitation: a user who was identified, or a new one with the hash of their password. */
export interface Guest extends Entry {
  readonly tokenHash: Buffer;
  readonly identified: Identified | undefined;
  readonly newcomer: { readonly name: string; readonly passwordHash: string } | undefined;
}

/** Links by which people become members, each good for one acceptance. */
export class Invitations {
  readonly #deps: InvitationsDeps;
  readonly #signIn: SignIn;

  constructor(deps: InvitationsDeps, signIn: SignIn) {
    this.#deps = deps;
    this.#signIn = signIn;
  }

  list(tx: Tx): Promise<InvitationRow[]> {
    return listInvitations(tx, this.#deps.wallClock.now());
  }

  /** The token is in the link and nowhere else. Throws 403 for an owner by no owner, 409 for a member's address. */
  async create(
    tx: Tx,
    asked: { email: string; role: Role },
    person: Person,
  ): Promise<{ row: InvitationRow; token: string }> {
    const { ids, wallClock, audit } = this.#deps;
    requireOwnerFor(asked.role, person);
    const email = asked.email.toLowerCase();
    const members = await listMembers(tx);
    if (members.some((member) => member.email === email))
      throw new ApiError(409, 'invalid_state', 'Somebody of this address is a member already.');
    const token = newToken();
    const now = wallClock.now();
    const row = {
      invitation_id: ids.next('invitation'),
      email,
      role: asked.role,
      invited_by: person.userId,
      invited_by_email: (await getUser(tx, person.userId)).email,
      token_hash: hashOfToken(token),
      created_at: now,
      expires_at: addMs(now, LIFE_MS),
    };
    await putInvitation(tx, row);
    await audit.record(tx, {
      ...byCaller(person),
      action: 'invitation.created',
      resourceId: row.invitation_id,
      details: { email, role: asked.role },
    });
    return { row: { ...row, organization_id: tx.scope }, token };
  }

  async withdraw(tx: Tx, invitationId: string, person: Person): Promise<void> {
    const row = await deleteInvitation(tx, invitationId);
    if (!row) throw notFound('resource');
    await this.#deps.audit.record(tx, withdrawal(row, person));
  }

  /** What the link leads to. Not in a transaction. */
  async offer(token: string): Promise<OfferRow> {
    const { db, wallClock } = this.#deps;
    const offer = await db.tx(PLATFORM, (tx) => findOffer(tx, hashOfToken(token), wallClock.now()));
    if (!offer) throw notFound('resource');
    return offer;
  }

  /** Identifies whoever accepts. Not in a transaction. */
  async welcome({ token, name, password, code }: Acceptance, visitor: Visitor): Promise<Guest> {
    const { email, organization_id: organizationId, has_account } = await this.offer(token);
    const entry = { organizationId, tokenHash: hashOfToken(token) };
    if (has_account) {
      const identified = await this.#signIn.identify({ email, password, code }, visitor, organizationId);
      return { ...entry, identified, newcomer: undefined };
    }
    await this.#deps.attempts.count({ kind: 'ip', value: visitor.ip });
    const passwordHash = await this.#deps.passwords.hash(password);
    const newcomer = { name: name ?? email.slice(0, email.indexOf('@')), passwordHash };
    return { ...entry, identified: undefined, newcomer };
  }

  /** The invitation, the member and the session in one commit; 404 when somebody was quicker. */
  async accept(tx: Tx, guest: Guest, visitor: Visitor): Promise<NewSession> {
    const { audit, wallClock } = this.#deps;
    const invitation = await takeInvitation(tx, guest.tokenHash);
    if (!invitation) throw notFound('resource');
    const userId = guest.identified?.user.user_id ?? (await this.#insertUser(tx, invitation, guest));
    await insertMember(tx, userId, invitation.role, wallClock.now());
    const about = { actor: `user:${userId}` as const, requestId: visitor.requestId, resourceId: userId };
    await audit.record(tx, {
      ...about,
      action: 'member.joined',
      details: { email: invitation.email, role: invitation.role, invitation: invitation.invitation_id },
    });
    const identified = guest.identified ?? {
      organizationId: tx.scope,
      user: await getUser(tx, userId),
      by: 'password' as const,
    };
    return this.#signIn.open(tx, identified, visitor);
  }

  async #insertUser(tx: Tx, { email }: InvitationRow, { newcomer }: Guest): Promise<string> {
    const { ids, wallClock } = this.#deps;
    // The user of the address came to be after the guest was asked who they are.
    if (!newcomer) throw wrongCredentials();
    const userId = ids.next('user');
    await insertUser(tx, { userId, email, ...newcomer, now: wallClock.now() }).catch((error: unknown) => {
      throw violates(error, 'users_email_key') ? wrongCredentials() : error;
    });
    return userId;
  }
}
