import { createHash, randomBytes } from 'node:crypto';
import type { Mode, Role } from '@openoms/contract/permissions.ts';
import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import { addMs, type Clock, DAY_MS, HOUR_MS, MINUTE_MS } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';

const IDLE_MS = 12 * HOUR_MS;
const LIFE_MS = 7 * DAY_MS;
/** How exactly the last use is kept. */
const USE_MS = MINUTE_MS;
const TOKEN_BYTES = 32;
/** In base64url. */
const TOKEN = /^[\w-]{43}$/;

/** Of a member who is signed in. */
export interface Session {
  readonly sessionId: string;
  readonly organizationId: string;
  readonly userId: string;
  readonly expiresAt: Date;
}

/** What a cookie opens, as of now. */
export interface OpenSession extends Session {
  readonly role: Role;
  /** Of the project that was asked for; undefined: the organization has none such. */
  readonly mode: Mode | undefined;
}

interface SessionRow {
  session_id: string;
  organization_id: string;
  user_id: string;
  created_at: Date;
  last_used_at: Date;
  role: Role;
  mode: Mode | null;
}

export interface NewSession {
  readonly session: Session;
  /** For the cookie; only its hash is kept. */
  readonly token: string;
}

export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

/** Of 256 random bits: nothing to be guessed, so no key and no slow hash. */
export const hashOfToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Sessions of members, on wall time as tokens are: they end 12 hours after their last use, or 7 days after they began. */
export class Sessions {
  readonly #ids: Ids;
  readonly #wallClock: Clock;

  constructor({ ids, wallClock }: { readonly ids: Ids; readonly wallClock: Clock }) {
    this.#ids = ids;
    this.#wallClock = wallClock;
  }

  /** In the scope of the organization. */
  async open(tx: Tx, userId: string): Promise<NewSession> {
    const token = newToken();
    const now = this.#wallClock.now();
    const sessionId = this.#ids.next('session');
    await tx.query(
      `insert into sessions (session_id, token_hash, organization_id, user_id, created_at, last_used_at)
       values ($1, $2, $3, $4, $5, $5)`,
      [sessionId, hashOfToken(token), tx.scope, userId, now],
    );
    await tx.query('update users set last_seen_at = $2 where user_id = $1', [userId, now]);
    const expiresAt = this.#endOf(now, now);
    return { token, session: { sessionId, organizationId: tx.scope, userId, expiresAt } };
  }

  /** The session of a cookie, and what the project is to it if one is asked for; undefined: it has none, or it has ended. */
  async find(db: Database, token: string, projectId: string | undefined): Promise<OpenSession | undefined> {
    if (!TOKEN.test(token)) return undefined;
    const now = this.#wallClock.now();
    return db.tx(PLATFORM, async (tx) => {
      const [row] = await tx.query<SessionRow>(
        `select s.session_id, s.organization_id, s.user_id, s.created_at, s.last_used_at, m.role, p.mode
         from sessions s join memberships m using (organization_id, user_id)
         left join projects p on p.project_id = $2 and p.organization_id = s.organization_id
         where s.token_hash = $1 and s.last_used_at > $3 and s.created_at > $4`,
        [hashOfToken(token), projectId ?? null, addMs(now, -IDLE_MS), addMs(now, -LIFE_MS)],
      );
      if (!row) return undefined;
      const isUsed = row.last_used_at < addMs(now, -USE_MS);
      if (isUsed) await use(tx, row, now);
      return {
        sessionId: row.session_id,
        organizationId: row.organization_id,
        userId: row.user_id,
        expiresAt: this.#endOf(row.created_at, isUsed ? now : row.last_used_at),
        role: row.role,
        mode: row.mode ?? undefined,
      };
    });
  }

  /** The role of the session's member, in the scope of the organization; undefined: it has ended. */
  async roleOf(tx: Tx, sessionId: string): Promise<Role | undefined> {
    const [row] = await tx.query<{ role: Role }>(
      `select role from sessions join memberships using (organization_id, user_id)
       where organization_id = $1 and session_id = $2`,
      [tx.scope, sessionId],
    );
    return row?.role;
  }

  async end(tx: Tx, sessionId: string): Promise<void> {
    await tx.query('delete from sessions where session_id = $1', [sessionId]);
  }

  /** All of the user's, in any organization, but the one that is kept. */
  async endAllOf(tx: Tx, userId: string, kept?: string): Promise<void> {
    await tx.query('select end_sessions_of($1, $2)', [userId, kept ?? null]);
  }

  /** Drops those that have ended by themselves; in the platform's scope. */
  async sweep(tx: Tx): Promise<void> {
    const now = this.#wallClock.now();
    await tx.query('delete from sessions where last_used_at <= $1 or created_at <= $2', [
      addMs(now, -IDLE_MS),
      addMs(now, -LIFE_MS),
    ]);
  }

  #endOf(begun: Date, used: Date): Date {
    return new Date(Math.min(addMs(begun, LIFE_MS).getTime(), addMs(used, IDLE_MS).getTime()));
  }
}

/** Both rows are no one's to wait for: a request that finds them locked goes on without. */
async function use(tx: Tx, { session_id, user_id }: SessionRow, now: Date): Promise<void> {
  await tx.query(
    `update sessions set last_used_at = $2 where session_id = (
       select session_id from sessions where session_id = $1 for update skip locked)`,
    [session_id, now],
  );
  await tx.query(
    `update users set last_seen_at = $2 where user_id = (
       select user_id from users where user_id = $1 for update skip locked)`,
    [user_id, now],
  );
}
