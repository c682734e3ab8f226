import { type KeyObject, randomBytes } from 'node:crypto';
import { type Database, one, PLATFORM, type Tx } from '../db/database.ts';
import { must } from '../kernel/assert.ts';
import type { Clock } from '../kernel/clock.ts';
import { seal, secretKey, unseal } from '../kernel/crypto.ts';
import type { KeyEncryption } from '../kernel/key-encryption.ts';

/** Where a sealed value lives. A value moved to another row, column or project does not open. */
export interface SealedPlace {
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

/** Seals the identity data, account numbers and secrets of one project (AES-256-GCM under its data key). */
export class Sealer {
  readonly #projectId: string;
  readonly #key: KeyObject;

  constructor(projectId: string, key: KeyObject) {
    this.#projectId = projectId;
    this.#key = key;
  }

  seal(place: SealedPlace, plaintext: string): Buffer {
    return seal(this.#key, Buffer.from(plaintext), this.#context(place));
  }

  unseal(place: SealedPlace, sealed: Uint8Array): string {
    return unseal(this.#key, sealed, this.#context(place)).toString();
  }

  #context(place: SealedPlace): string {
    return [this.#projectId, place.table, place.column, place.row].join('/');
  }
}

const DATA_KEY_BYTES = 32;
const dataKeyContext = (projectId: string): string => `data_keys/${projectId}`;

/** The sealers of all projects. Opening one may ask a remote key store, so it happens before a transaction. */
export class Sealers {
  readonly #db: Database;
  readonly #keyEncryption: KeyEncryption;
  readonly #opening = new Map<string, Promise<Sealer>>();
  readonly #opened = new Map<string, Sealer>();

  constructor(db: Database, keyEncryption: KeyEncryption) {
    this.#db = db;
    this.#keyEncryption = keyEncryption;
  }

  for(projectId: string): Promise<Sealer> {
    let sealer = this.#opening.get(projectId);
    if (!sealer) {
      sealer = this.#open(projectId);
      sealer.then(
        (opened) => this.#opened.set(projectId, opened),
        () => this.#opening.delete(projectId),
      );
      this.#opening.set(projectId, sealer);
    }
    return sealer;
  }

  /** Inside a transaction, of a project whose sealer was opened before it. */
  opened(projectId: string): Sealer {
    return must(this.#opened.get(projectId), 'the sealer is opened before the transaction');
  }

  /** A new data key in its stored form. */
  newDataKey(projectId: string): Promise<Buffer> {
    return this.#keyEncryption.seal(randomBytes(DATA_KEY_BYTES), dataKeyContext(projectId));
  }

  async #open(projectId: string): Promise<Sealer> {
    const { sealed_key } = await this.#db.tx(PLATFORM, async (tx) =>
      one(
        await tx.query<{ sealed_key: Buffer }>('select sealed_key from data_keys where project_id = $1', [
          projectId,
        ]),
        'data key',
      ),
    );
    const key = await this.#keyEncryption.unseal(sealed_key, dataKeyContext(projectId));
    return new Sealer(projectId, secretKey(key));
  }
}

/** The stored key check does not open: this database was made under another key-encryption key. */
class WrongKeyEncryptionKey extends Error {
  override readonly name = 'WrongKeyEncryptionKey';
}

const KEY_CHECK = 'openoms key check';

/** At start: marks a new database with this deployment's key-encryption key, or makes sure it is the same one. */
export async function checkKeyEncryptionKey(
  db: Database,
  keyEncryption: KeyEncryption,
  clock: Clock,
): Promise<void> {
  const fresh = await keyEncryption.seal(Buffer.from(KEY_CHECK), 'deployment');
  const stored = await db.tx(PLATFORM, async (tx: Tx) => {
    await tx.query('insert into deployment (key_check, created_at) values ($1, $2) on conflict do nothing', [
      fresh,
      clock.now(),
    ]);
    return one(await tx.query<{ key_check: Buffer }>('select key_check from deployment'), 'deployment');
  });
  await keyEncryption.unseal(stored.key_check, 'deployment').catch((cause: unknown) => {
    throw new WrongKeyEncryptionKey(
      'This database was sealed under another key-encryption key: restore that key, or start with another database.',
      { cause },
    );
  });
}
