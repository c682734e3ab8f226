import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Mode } from '@openoms/contract/permissions.ts';
import { errors, jwtVerify, SignJWT } from 'jose';
import { type Clock, SECOND_MS } from '../kernel/clock.ts';
import type { KeyPrincipal } from './principal.ts';

/** Tokens are valid for 60 minutes (get-started.md). */
export const TOKEN_LIFETIME_SECONDS = 3_600;

const ISSUER = 'openoms';
const AUDIENCE = 'openoms-api';
const ALGORITHM = 'EdDSA';
/** Verified tokens kept: a signature check costs a hundred times a look-up. */
const MAX_CACHED_TOKENS = 10_000;
/** DER header of an Ed25519 private key in PKCS#8 (RFC 8410), before the 32-byte seed. */
const ED25519_PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex');

export type TokenCheck =
  | { readonly ok: true; readonly key: KeyPrincipal }
  | { readonly ok: false; readonly reason: 'expired' | 'invalid' };

/** Bearer tokens: EdDSA-signed JWTs with pinned algorithm, issuer and audience. Always on wall time. */
export class Tokens {
  readonly #clock: Clock;
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #verified = new Map<string, { key: KeyPrincipal; expiresAtMs: number }>();

  constructor(clock: Clock, seed: KeyObject) {
    this.#clock = clock;
    this.#privateKey = createPrivateKey({
      key: Buffer.concat([ED25519_PKCS8_HEADER, seed.export()]),
      format: 'der',
      type: 'pkcs8',
    });
    this.#publicKey = createPublicKey(this.#privateKey);
  }

  async issue(key: KeyPrincipal): Promise<{ token: string; expiresAt: Date }> {
    const issuedAt = Math.floor(this.#clock.now().getTime() / SECOND_MS);
    const expiresAt = issuedAt + TOKEN_LIFETIME_SECONDS;
    const token = await new SignJWT({ key: key.apiKey, mode: key.mode })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(key.projectId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.#privateKey);
    return { token, expiresAt: new Date(expiresAt * SECOND_MS) };
  }

  async check(token: string): Promise<TokenCheck> {
    const nowMs = this.#clock.now().getTime();
    const known = this.#verified.get(token);
    if (known)
      return known.expiresAtMs > nowMs ? { ok: true, key: known.key } : { ok: false, reason: 'expired' };
    try {
      const { payload } = await jwtVerify(token, this.#publicKey, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        currentDate: new Date(nowMs),
        requiredClaims: ['sub', 'exp', 'key', 'mode'],
      });
      const key: KeyPrincipal = {
        kind: 'apiKey',
        projectId: String(payload.sub),
        apiKey: String(payload.key),
        mode: payload.mode as Mode,
      };
      this.#remember(token, key, Number(payload.exp) * SECOND_MS);
      return { ok: true, key };
    } catch (error) {
      return { ok: false, reason: error instanceof errors.JWTExpired ? 'expired' : 'invalid' };
    }
  }

  #remember(token: string, key: KeyPrincipal, expiresAtMs: number): void {
    const [oldest] = this.#verified.keys();
    if (this.#verified.size >= MAX_CACHED_TOKENS && oldest) this.#verified.delete(oldest);
    this.#verified.set(token, { key, expiresAtMs });
  }
}
