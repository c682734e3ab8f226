import { byCaller, type NewAuditEntry } from '../audit/audit.ts';
import type { Counted } from '../auth/sign-in-attempts.ts';
import type { Tx } from '../db/database.ts';
import type { ArrivedPerson, Person } from '../http/people-operation.ts';
import { ApiError } from '../kernel/errors.ts';
import { type SignIn, type SignInDeps, totpContext, wrongCredentials } from './sign-in.ts';
import {
  confirmTotp,
  getUser,
  insertRecoveryCodes,
  removeTotp,
  setPasswordHash,
  setTotpSecret,
  setUserName,
  takeStep,
  type UserRow,
} from './store.ts';
import { hashOfRecoveryCode, newRecoveryCodes, newSecret, uriOf } from './totp.ts';

export interface UserChange {
  readonly name?: string | undefined;
  readonly password?: { readonly current: string; readonly new: string } | undefined;
}

/** The same with what was worked out before the transaction. */
export interface PreparedChange {
  readonly name: string | undefined;
  readonly passwordHash: string | undefined;
  /** Whose password was checked. */
  readonly checked: UserRow | undefined;
}

/** An authenticator that is being set up. */
export interface NewAuthenticator {
  readonly secret: string;
  readonly sealed: Buffer;
}

/** What users do about themselves. What is prepared is not in a transaction. */
export class Account {
  readonly #deps: SignInDeps;
  readonly #signIn: SignIn;

  constructor(deps: SignInDeps, signIn: SignIn) {
    this.#deps = deps;
    this.#signIn = signIn;
  }

  /** Throws 401 `invalid_credentials` when the current password is wrong, 429. */
  async prepareChange({ name, password }: UserChange, person: ArrivedPerson): Promise<PreparedChange> {
    if (!password) return { name, passwordHash: undefined, checked: undefined };
    const checked = await this.#checkPassword(password.current, person);
    return { name, passwordHash: await this.#deps.passwords.hash(password.new), checked };
  }

  async change(tx: Tx, { name, passwordHash, checked }: PreparedChange, person: Person): Promise<void> {
    const { sessions, audit } = this.#deps;
    const about = { ...byCaller(person), resourceId: person.userId };
    const entries: NewAuditEntry[] = [];
    if (name !== undefined) {
      await setUserName(tx, person.userId, name);
      entries.push({ ...about, action: 'user.updated', details: { name } });
    }
    if (passwordHash !== undefined && checked) {
      if (!(await setPasswordHash(tx, checked, passwordHash))) throw wrongCredentials();
      await sessions.endAllOf(tx, person.userId, person.session.sessionId);
      entries.push({ ...about, action: 'user.passwordChanged' });
    }
    await audit.record(tx, ...entries);
  }

  async newAuthenticator({ userId }: ArrivedPerson): Promise<NewAuthenticator> {
    const secret = newSecret();
    const sealed = await this.#deps.keyEncryption.seal(Buffer.from(secret), totpContext(userId));
    return { secret, sealed };
  }

  /** Throws 409 `invalid_state` when there is one in use. */
  async startTotp(tx: Tx, { secret, sealed }: NewAuthenticator, { userId }: Person) {
    if (!(await setTotpSecret(tx, userId, sealed))) {
      throw new ApiError(409, 'invalid_state', 'There is an authenticator already; remove it first.');
    }
    const { email } = await getUser(tx, userId);
    return { object: 'totp' as const, secret, uri: uriOf(secret, email) };
  }

  /** Throws 401 `invalid_credentials` for a wrong code, 409 `invalid_state` when none is being set up, 429. */
  async checkFirstCode(code: string, person: ArrivedPerson): Promise<{ step: number; user: UserRow }> {
    await this.#deps.attempts.count(countedFor(person));
    const user = await this.#userOf(person);
    if (!user.totp_secret || user.totp_confirmed_at) throw notBegun();
    const step = await this.#signIn.stepOfCode(user, code);
    if (step === undefined) throw wrongCredentials();
    await this.#deps.attempts.forgive(countedFor(person));
    return { step, user };
  }

  async confirmTotp(tx: Tx, { step, user }: { step: number; user: UserRow }, person: Person) {
    const { audit, wallClock } = this.#deps;
    const { userId } = person;
    if (!(await confirmTotp(tx, user, wallClock.now()))) throw notBegun();
    if (!(await takeStep(tx, userId, step))) throw wrongCredentials();
    const codes = newRecoveryCodes();
    await insertRecoveryCodes(
      tx,
      userId,
      codes.flatMap((code) => hashOfRecoveryCode(userId, code) ?? []),
    );
    await audit.record(tx, { ...byCaller(person), action: 'user.totpConfirmed', resourceId: userId });
    return { object: 'recoveryCodes' as const, codes };
  }

  /** Throws 401 `invalid_credentials` when the password is wrong, 429. */
  async checkPassword(password: string, person: ArrivedPerson): Promise<void> {
    await this.#checkPassword(password, person);
  }

  async removeTotp(tx: Tx, person: Person): Promise<void> {
    await removeTotp(tx, person.userId);
    await this.#deps.audit.record(tx, {
      ...byCaller(person),
      action: 'user.totpRemoved',
      resourceId: person.userId,
    });
  }

  async #checkPassword(password: string, person: ArrivedPerson): Promise<UserRow> {
    const { attempts, passwords } = this.#deps;
    await attempts.count(countedFor(person));
    const user = await this.#userOf(person);
    if (!(await passwords.verify(password, user.password_hash))) throw wrongCredentials();
    await attempts.forgive(countedFor(person));
    return user;
  }

  #userOf({ organizationId, userId }: ArrivedPerson): Promise<UserRow> {
    return this.#deps.db.tx(organizationId, (tx) => getUser(tx, userId));
  }
}

const countedFor = ({ userId }: ArrivedPerson): Counted => ({ kind: 'user', value: userId });

const notBegun = (): ApiError =>
  new ApiError(409, 'invalid_state', 'No authenticator is being set up; begin with POST /console/user/totp.');
