import { ROLES, type Role } from '@openoms/contract/permissions.ts';
import { ConfigError } from '../config.ts';
import type { Context } from '../context.ts';
import { newPassword } from '../supervisor/first-user.ts';

const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,189}$/;

export interface UserOptions {
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly role?: string | undefined;
}

/** Makes a member of the first organization, and prints the password that was made for them. */
export async function createUser({ people }: Context, options: UserOptions): Promise<number> {
  const email = emailOf(options);
  const role = options.role ?? 'owner';
  if (!isRole(role)) throw new ConfigError(`A role is one of ${ROLES.join(', ')}.`);
  const password = newPassword();
  const name = options.name ?? email.slice(0, email.indexOf('@'));
  await people.createUser({ email, name, password, role });
  process.stdout.write(`OMS_DASHBOARD_EMAIL=${email}\nOMS_DASHBOARD_PASSWORD=${password}\n`);
  return 0;
}

/** For who has lost their password, or their authenticator: a new password, no authenticator, no session. */
export async function resetPassword({ people }: Context, options: UserOptions): Promise<number> {
  const email = emailOf(options);
  const password = newPassword();
  await people.resetPassword(email, password);
  process.stdout.write(`OMS_DASHBOARD_EMAIL=${email}\nOMS_DASHBOARD_PASSWORD=${password}\n`);
  return 0;
}

function emailOf({ email }: UserOptions): string {
  if (email === undefined || !EMAIL.test(email)) throw new ConfigError('Say who: --email <address>.');
  return email.toLowerCase();
}

const isRole = (text: string): text is Role => ROLES.some((role) => role === text);
