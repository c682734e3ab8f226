import { randomBytes } from 'node:crypto';
import type { Context } from '../context.ts';
import { readSandboxEnv } from './sandbox-env.ts';

const EMAIL = 'owner@openoms.test';
const PASSWORD_BYTES = 15;

/** Who signs in to the dashboard. */
export interface FirstUser {
  readonly email: string;
  /** Undefined once it is another than the one that was made. */
  readonly password: string | undefined;
}

export const newPassword = (): string => randomBytes(PASSWORD_BYTES).toString('base64url');

/**
 * The owner that is printed: made at the first start, and told again while the password is the one that was made. Only the
 * file knows it; the database has a hash.
 */
export async function ensureFirstUser({ people }: Context, home: string): Promise<FirstUser | undefined> {
  const { OMS_DASHBOARD_EMAIL: email, OMS_DASHBOARD_PASSWORD: password } = await readSandboxEnv(home);
  if (email && password && (await people.isPassword(email, password))) return { email, password };
  if (await people.hasUsers()) return email ? { email, password: undefined } : undefined;
  const made = { email: EMAIL, password: newPassword() };
  await people.createUser({ ...made, name: 'Owner', role: 'owner' });
  return made;
}
