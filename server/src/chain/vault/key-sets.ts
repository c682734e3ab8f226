import type { KeyEncryption } from '../../kernel/key-encryption.ts';
import { Keys, PUBLIC_KEY_SET, publicKeys } from './keys.ts';
import { MAX_KEY_SETS, Refused } from './protocol.ts';
import { findSeed, openFirstSeed } from './seed-file.ts';

/**
 * The keys of every key set, each from a seed of its own. A set whose sealed seed appears while the signer runs is
 * found when it is first asked for.
 */
export class KeySets {
  readonly #seedFile: string;
  readonly #keyEncryption: KeyEncryption;
  readonly #sets: Keys[];
  #public: Keys | undefined;

  private constructor(seedFile: string, keyEncryption: KeyEncryption, first: Keys) {
    this.#seedFile = seedFile;
    this.#keyEncryption = keyEncryption;
    this.#sets = [first];
  }

  /** Throws when a seed cannot be unsealed, or the first is gone while its signing log is not. */
  static async open(seedFile: string, keyEncryption: KeyEncryption): Promise<KeySets> {
    const first = new Keys(await openFirstSeed(seedFile, keyEncryption));
    const sets = new KeySets(seedFile, keyEncryption, first);
    await sets.#findMore();
    return sets;
  }

  /** Number 0, whose branch also holds the relayers. */
  get first(): Keys {
    return this.get(0);
  }

  /** Throws Refused for a set that is not loaded. */
  get(keySet: number): Keys {
    if (keySet === PUBLIC_KEY_SET) {
      this.#public ??= publicKeys();
      return this.#public;
    }
    const keys = this.#sets[keySet];
    if (!keys) throw new Refused('unknown_key_set', `key set ${keySet}`);
    return keys;
  }

  /** Looks for the seeds of sets up to this one that are not loaded yet. */
  async load(keySet: number): Promise<void> {
    if (keySet >= this.#sets.length) await this.#findMore();
  }

  async #findMore(): Promise<void> {
    for (let keySet = this.#sets.length; keySet < MAX_KEY_SETS; keySet++) {
      const seed = await findSeed(this.#seedFile, this.#keyEncryption, keySet);
      if (!seed) return;
      // Another request may have loaded it meanwhile.
      this.#sets[keySet] ??= new Keys(seed);
    }
  }
}
