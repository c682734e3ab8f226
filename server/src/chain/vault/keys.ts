import { createHash, createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { HDKey } from '@scure/bip32';
import { assert, must } from '../../kernel/assert.ts';
import { lowerAddressOf } from '../token/secp256k1.ts';

/** The key set whose keys everyone can work out: good for play money alone (docs/decisions/0029). */
export const PUBLIC_KEY_SET = -1;
const PUBLIC_SEED = 'OpenOMS sandbox: these keys are public, and what they hold is worth nothing';

/** The part of the `secp256k1` package (libsecp256k1) that derivation needs; the package ships no types. */
interface Secp256k1 {
  privateKeyTweakAdd(privateKey: Uint8Array, tweak: Uint8Array): Uint8Array;
  publicKeyCreate(privateKey: Uint8Array): Uint8Array;
}
const secp256k1 = createRequire(import.meta.url)('secp256k1') as Secp256k1;

/** BIP-32: indexes from 2^31 on are hardened. Ours from there on are a level deeper, in pages. */
export const MAX_INDEX = 2 ** 31 - 1;
const PAGE = 2 ** 20;
/** The highest with a page whose own index is not hardened. */
export const MAX_PAGED_INDEX = 2 ** 51 - 1;
/** The account level is hardened, so a leaked wallet key with its parent says nothing of the relayers. */
const BRANCHES = { wallet: "m/44'/60'/0'/0", relayer: "m/44'/60'/1'/0" } as const;

/** A transfer needs its sender's address twice, to be signed and to be relayed; deriving it costs as much as signing. */
const MAX_KNOWN_ADDRESSES = 20_000;

export type KeyBranch = keyof typeof BRANCHES;

interface Parent {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly chainCode: Uint8Array;
}

/** The keys of one key set. Private keys are handed to a callback and overwritten when it returns. */
export class Keys {
  readonly #parents: Readonly<Record<KeyBranch, Parent>>;
  readonly #addresses = new Map<string, string>();

  /** Overwrites `seed`. */
  constructor(seed: Uint8Array) {
    const root = HDKey.fromMasterSeed(seed);
    this.#parents = { wallet: parentOf(root, BRANCHES.wallet), relayer: parentOf(root, BRANCHES.relayer) };
    root.wipePrivateData();
    seed.fill(0);
  }

  /** In lower case. */
  address(branch: KeyBranch, index: number): string {
    const known = this.#addresses.get(`${branch} ${index}`);
    if (known !== undefined) return known;
    const address = this.use(branch, index, lowerAddressOf);
    if (this.#addresses.size >= MAX_KNOWN_ADDRESSES) this.#addresses.clear();
    this.#addresses.set(`${branch} ${index}`, address);
    return address;
  }

  use<T>(branch: KeyBranch, index: number, work: (privateKey: Uint8Array) => T): T {
    const key = this.#derive(branch, index);
    try {
      return work(key);
    } finally {
      key.fill(0);
    }
  }

  #derive(branch: KeyBranch, index: number): Uint8Array {
    const parent = this.#parents[branch];
    if (index <= MAX_INDEX) return deriveChild(parent, index).privateKey;
    const page = deriveChild(parent, Math.floor(index / PAGE));
    const publicKey = secp256k1.publicKeyCreate(page.privateKey);
    try {
      return deriveChild({ ...page, publicKey }, index % PAGE).privateKey;
    } finally {
      page.privateKey.fill(0);
    }
  }
}

/** Of `PUBLIC_KEY_SET`. */
export const publicKeys = (): Keys => new Keys(createHash('sha512').update(PUBLIC_SEED).digest());

function parentOf(root: HDKey, path: string): Parent {
  const node = root.derive(path);
  return {
    privateKey: must(node.privateKey, 'a private parent').slice(),
    publicKey: must(node.publicKey, 'a private parent').slice(),
    chainCode: must(node.chainCode, 'a private parent').slice(),
  };
}

/** BIP-32 private parent to private child, not hardened, by libsecp256k1: ten times faster than the pure-JS package. */
function deriveChild(parent: Parent, index: number): Omit<Parent, 'publicKey'> {
  assert(Number.isSafeInteger(index) && index >= 0 && index <= MAX_INDEX, 'key index out of range');
  const data = Buffer.alloc(37);
  data.set(parent.publicKey, 0);
  data.writeUInt32BE(index, 33);
  const tweak = createHmac('sha512', parent.chainCode).update(data).digest();
  // Throws for a tweak that gives no valid key, which BIP-32 puts below 1 in 2^127.
  const privateKey = secp256k1.privateKeyTweakAdd(parent.privateKey.slice(), tweak.subarray(0, 32));
  return { privateKey, chainCode: tweak.subarray(32) };
}
