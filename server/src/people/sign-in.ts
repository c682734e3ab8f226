import type { Audit } from '../audit/audit.ts';
import type { Passwords } from '../auth/passwords.ts';
import type { NewSession, Sessions } from '../auth/sessions.ts';
import type { Counted, SignInAttempts } from '../auth/sign-in-attempts.ts';
import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import type { Entry, Visitor } from '../http/people-operation.ts';
import { must } from '../kernel/assert.ts';
import type { Clock } from '../kernel/clock.ts';
import { ApiError } from '../kernel/errors.ts';
import type { KeyEncryption } from '../kernel/key-encryption.ts';
import { findHome, findUserByEmail, takeRecoveryCode, takeStep, type UserRow } from './store.ts';
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
  readonly counted: readonly Counted[];
}

/** Told alike whatever was wrong. */
const wrongCredentials = (): ApiError =>
  new ApiError(401, 'invalid_credentials', 'The address, the password or the code is wrong.');

const totpContext = (userId: string): string => `users/totp_secret/${userId}`;

/** Finds out who somebody is, by password and authenticator. What is tried is counted before it is looked at. */
export class SignIn {
  readonly #deps: SignInDeps;

  constructor(deps: SignInDeps) {
    this.#deps = deps;
  }

  /** Throws 401 `invalid_credentials`, 401 `code_required`, 429. Not in a transaction. */
  async identify({ email, password, code }: Credentials, visitor: Visitor): Promise<Identified> {
    const { db, passwords, attempts } = this.#deps;
    const counted = [
      { kind: 'email', value: email.toLowerCase() },
      { kind: 'ip', value: visitor.ip },
    ] as const;
    await attempts.count(...counted);
    const { user, home } = await db.tx(PLATFORM, async (tx) => {
      const found = await findUserByEmail(tx, email);
      return { user: found, home: found && (await findHome(tx, found.user_id)) };
    });
    const isRight = await passwords.verify(password, user?.password_hash);
    if (!user || !home) throw wrongCredentials();
    const entry = { user, organizationId: home, counted };
    if (!isRight) throw await this.#failed(entry, visitor, 'password');
    if (user.totp_confirmed_at !== null) await this.#checkCode(entry, code, visitor);
    return entry;
  }

  /** Opens the session of who was identified, in the scope of the organization. */
  async open(tx: Tx, { user, counted }: Identified, visitor: Visitor): Promise<NewSession> {
    const { sessions, audit, attempts } = this.#deps;
    const opened = await sessions.open(tx, user.user_id);
    await audit.record(tx, {
      actor: `user:${user.user_id}`,
      requestId: visitor.requestId,
      action: 'user.signedIn',
      resourceId: user.user_id,
    });
    // Should it fail, fewer tries are left for a while, and nothing worse.
    tx.afterCommit(() => void attempts.forgive(...counted).catch(() => undefined));
    return opened;
  }

  async #checkCode(entry: Identified, code: string | undefined, visitor: Visitor): Promise<void> {
    if (code === undefined || code === '') {
      throw new ApiError(401, 'code_required', 'Send the code that your authenticator shows.');
    }
    if (await this.takesCode(entry, code, visitor)) return;
    throw await this.#failed(entry, visitor, 'code');
  }

  /** Takes a code of the authenticator or a recovery code, each once. Not in a transaction. */
  async takesCode(
    { user, organizationId }: Pick<Identified, 'user' | 'organizationId'>,
    code: string,
    visitor: Visitor,
  ): Promise<boolean> {
    const { db, audit, keyEncryption, wallClock } = this.#deps;
    const { user_id: userId } = user;
    const recovery = hashOfRecoveryCode(userId, code);
    if (recovery) {
      return db.tx(organizationId, async (tx) => {
        if (!(await takeRecoveryCode(tx, userId, recovery))) return false;
        await audit.record(tx, {
          actor: `user:${userId}`,
          requestId: visitor.requestId,
          action: 'user.recoveryCodeUsed',
          resourceId: userId,
        });
        return true;
      });
    }
    const sealed = must(user.totp_secret, 'a confirmed authenticator has a secret');
    const secret = (await keyEncryption.unseal(sealed, totpContext(userId))).toString();
    const step = stepOf(secret, code, wallClock.now());
    return step !== undefined && db.tx(organizationId, (tx) => takeStep(tx, userId, step));
  }

  /** Records that somebody tried; the refusal to throw. */
  async #failed(
    { user, organizationId }: Identified,
    { requestId }: Visitor,
    wrong: 'password' | 'code',
  ): Promise<ApiError> {
    const { db, audit } = this.#deps;
    await db.tx(organizationId, (tx) =>
      audit.record(tx, {
        actor: 'system',
        requestId,
        action: 'user.signInFailed',
        resourceId: user.user_id,
        details: { wrong },
      }),
    );
    return wrongCredentials();
  }
}
