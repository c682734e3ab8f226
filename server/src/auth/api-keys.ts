import { createHash, type KeyObject, randomBytes } from 'node:crypto';
import { PERMISSION_NAMES, type Permission } from '@openoms/contract/permissions.ts';
import type { Tx } from '../db/database.ts';
import { equalBytes, hmacSha256 } from '../kernel/crypto.ts';
import type { KeyPrincipal } from './principal.ts';

export type Mode = 'sandbox' | 'live';

const PREFIX: Record<Mode, string> = { sandbox: 'sk_sdbx_', live: 'sk_live_' };
const CHECKSUM_LENGTH = 6;

/**
 * The public half of a key pair: mode prefix (contract 1.2), 128 random bits, and a checksum, so that a mistyped
 * key is told from a revoked one and a leaked one is found by a scanner.
 */
export function formatApiKey(mode: Mode, random: Uint8Array): string {
  const body = `${PREFIX[mode]}${Buffer.from(random).toString('hex').slice(0, 32)}`;
  return body + createHash('sha256').update(body).digest('hex').slice(0, CHECKSUM_LENGTH);
}

export interface NewApiKey {
  readonly projectId: string;
  readonly apiKey: string;
  readonly secret: string;
  readonly name: string;
  /** Default: all. */
  readonly scopes?: readonly Permission[];
  /** As actors of the audit log; default: the server. */
  readonly createdBy?: string;
  readonly createdAt: Date;
}

export interface ApiKeyRow {
  api_key: string;
  name: string;
  scopes: Permission[];
  created_by: string;
  created_at: Date;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

const MAX_LISTED = 500;
const KEY_BYTES = 16;
const SECRET_BYTES = 32;

/** A key pair that follows from nothing. */
export const newKeyPair = (mode: Mode): { readonly apiKey: string; readonly apiSecret: string } => ({
  apiKey: formatApiKey(mode, randomBytes(KEY_BYTES)),
  apiSecret: randomBytes(SECRET_BYTES).toString('hex'),
});

interface SecretRow {
  project_id: string;
  api_key: string;
  mode: Mode;
  secret_hash: Buffer;
  revoked_at: Date | null;
}

/** Key pairs. The secret is 256 random bits, kept as a keyed hash only. */
export class ApiKeys {
  readonly #hashKey: KeyObject;

  constructor(hashKey: KeyObject) {
    this.#hashKey = hashKey;
  }

  /**
   * A key that a seeded project draws again, after a reset, is the one that it has. False, and nothing is inserted, when
   * that one was revoked, or is another one's or another kind of key.
   */
  async insert(tx: Tx, key: NewApiKey): Promise<boolean> {
    const rows = await tx.query(
      `with made as (
         insert into api_keys (project_id, api_key, name, secret_hash, scopes, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (project_id, api_key) do nothing
         returning api_key
       )
       select api_key from made
       union all
       select api_key from api_keys where project_id = $1 and api_key = $2 and revoked_at is null
         and name = $3 and secret_hash = $4 and scopes = $5 and created_by = $6`,
      [
        key.projectId,
        key.apiKey,
        key.name,
        this.#hash(key.apiKey, key.secret),
        key.scopes ?? PERMISSION_NAMES,
        key.createdBy ?? 'system',
        key.createdAt,
      ],
    );
    return rows.length === 1;
  }

  /** Of the transaction's project, newest first, revoked ones too; or the one. */
  list(tx: Tx, apiKey?: string): Promise<ApiKeyRow[]> {
    return tx.query<ApiKeyRow>(
      `select api_key, name, scopes, created_by, created_at, last_used_at, revoked_at from api_keys
       where project_id = $1 and ($2::text is null or api_key = $2)
       order by created_at desc, api_key limit $3`,
      [tx.scope, apiKey ?? null, MAX_LISTED],
    );
  }

  /** The key if the pair is right and not revoked. Takes the platform's scope: the project is not known yet. */
  async verify(tx: Tx, apiKey: string, secret: string): Promise<KeyPrincipal | undefined> {
    const [row] = await tx.query<SecretRow>(
      `select k.project_id, k.api_key, k.secret_hash, k.revoked_at, p.mode
       from api_keys k join projects p using (project_id) where k.api_key = $1`,
      [apiKey],
    );
    const presented = this.#hash(apiKey, secret);
    const expected = row?.secret_hash ?? Buffer.alloc(presented.byteLength);
    if (!equalBytes(presented, expected) || !row || row.revoked_at) return undefined;
    return { kind: 'apiKey', projectId: row.project_id, apiKey: row.api_key, mode: row.mode };
  }

  /** Revocation takes effect at once, on tokens already issued as well. */
  async revoke(tx: Tx, apiKey: string, at: Date): Promise<boolean> {
    const rows = await tx.query(
      `update api_keys set revoked_at = $3 where project_id = $1 and api_key = $2 and revoked_at is null
       returning api_key`,
      [tx.scope, apiKey, at],
    );
    return rows.length === 1;
  }

  #hash(apiKey: string, secret: string): Buffer {
    return hmacSha256(this.#hashKey, `${apiKey}:${secret}`);
  }
}
