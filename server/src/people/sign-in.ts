import type { Audit } from '../audit/audit.ts';
import type { Passwords } from '../auth/passwords.ts';
import type { NewSession, Sessions } from '../auth/sessions.ts';
import type { SignInAttempts } from '../auth/sign-in-attempts.ts';
import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import type { Entry, Visitor } from '../http/people-operation.ts';
import type { Clock } from '../kernel/clock.ts';
import { ApiError } from '../kernel/errors.ts';
import type { KeyEncryption } from '../kernel/key-encryption.ts';
import {
  findHome,
  findUserByEmail,
  firstOrganization,
  holdIdentified,
  takeRecoveryCode,
  takeStep,
  type UserRow,
} from './store.ts';
import { hashOfRecoveryCode, stepOf } from './totp.ts';

export interface SignInDeps {
  readonly db: Database;
  readonly wallClock: Clock;
  readonly audit: Audit;
  readonly keyEncryption: KeyEncryption;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly attempts: SignInAttempts;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly code?: string | undefined;
}

/** Somebody who has shown who they are. */
export interface Identified extends Entry {
  readonly user: UserRow;
  readonly by: 'password' | 'authenticator' | 'recoveryCode';
}

/** Told alike whatever was wrong. */
export const wrongCredentials = (): ApiError =>
  new ApiError(401, 'invalid_credentials', 'The address, the password or the code is wrong.');

export const totpContext = (userId: string): string => `users/totp_secret/${userId}`;

/** Finds out who somebody is, by password and authenticator. What is tried is counted before it is looked at. */
export class SignIn {
  readonly #deps: SignInDeps;

  constructor(deps: SignInDeps) {
    this.#deps = deps;
  }

  /**
   * For the organization, or the one that is the user's home. Throws 401 `invalid_credentials`, 401 `code_required`, 429.
   * Not in a transaction.
   */
  async identify(
    { email, password, code }: Credentials,
    visitor: Visitor,
    organizationId?: string,
  ): Promise<Identified> {
    const { db, passwords, attempts } = this.#deps;
    const counted = [
      { kind: 'email', value: email.toLowerCase() },
      { kind: 'ip', value: visitor.ip },
    ] as const;
    await attempts.count(...counted);
    const { user, home } = await db.tx(PLATFORM, async (tx) => {
      const found = await findUserByEmail(tx, email);
      return { user: found, home: organizationId ?? (found && (await findHome(tx, found.user_id))) };
    });
    const isRight = await passwords.verify(password, user?.password_hash);
    if (!user || !home) throw await this.#failed(user, home, visitor, 'email');
    const entry = { user, organizationId: home };
    if (!isRight) throw await this.#failed(user, home, visitor, 'password');
    const by = user.totp_confirmed_at === null ? 'password' : await this.#takeCode(user, code);
    if (!by) throw await this.#failed(user, home, visitor, 'code');
    await attempts.forgive(...counted);
    return { ...entry, by };
  }

  /**
   * Opens the session of who was identified, in the scope of the organization. Throws 401 when their password was changed,
   * or they were removed, since.
   */
  async open(tx: Tx, { user, by }: Identified, visitor: Visitor): Promise<NewSession> {
    const { sessions, audit } = this.#deps;
    if (!(await holdIdentified(tx, user))) throw wrongCredentials();
    const opened = await sessions.open(tx, user.user_id);
    await audit.record(tx, {
      actor: `user:${user.user_id}`,
      requestId: visitor.requestId,
      action: 'user.signedIn',
      resourceId: user.user_id,
      details: { by },
    });
    return opened;
  }

  /** Takes a code of the authenticator or a recovery code, each once: that it was tried here is enough. */
  async #takeCode(
    user: UserRow,
    code: string | undefined,
  ): Promise<'authenticator' | 'recoveryCode' | undefined> {
    if (!code) throw new ApiError(401, 'code_required', 'Send the code that your authenticator shows.');
    const { db } = this.#deps;
    const { user_id: userId } = user;
    const recovery = hashOfRecoveryCode(userId, code);
    if (recovery) {
      const isTaken = await db.tx(PLATFORM, (tx) => takeRecoveryCode(tx, userId, recovery));
      return isTaken ? 'recoveryCode' : undefined;
    }
    const step = await this.stepOfCode(user, code);
    const isTaken = step !== undefined && (await db.tx(PLATFORM, (tx) => takeStep(tx, userId, step)));
    return isTaken ? 'authenticator' : undefined;
  }

  /** The step that the code is of; undefined: of none, or there is no authenticator. Not in a transaction. */
  async stepOfCode(
    { user_id: userId, totp_secret: sealed }: UserRow,
    code: string,
  ): Promise<number | undefined> {
    if (!sealed) return undefined;
    const secret = (await this.#deps.keyEncryption.unseal(sealed, totpContext(userId))).toString();
    return stepOf(secret, code, this.#deps.wallClock.now());
  }

  /**
   * Records that somebody tried; the refusal to throw. Tries of addresses that nobody has are in the log of the first
   * organization, without the address, and take as long as the others.
   */
  async #failed(
    user: UserRow | undefined,
    home: string | undefined,
    { requestId }: Visitor,
    wrong: 'email' | 'password' | 'code',
  ): Promise<ApiError> {
    const { db, audit } = this.#deps;
    await db.tx(home ?? (await db.tx(PLATFORM, firstOrganization)), (tx) =>
      audit.record(tx, {
        actor: 'system',
        requestId,
        action: 'user.signInFailed',
        resourceId: user?.user_id ?? 'nobody',
        details: { wrong },
      }),
    );
    return wrongCredentials();
  }
}
