import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { HDKey } from '@scure/bip32';
import { assert, must } from '../../kernel/assert.ts';
import { lowerAddressOf } from '../token/secp256k1.ts';

/** The part of the `secp256k1` package (libsecp256k1) that derivation needs; the package ships no types. */
interface Secp256k1 {
  privateKeyTweakAdd(privateKey: Uint8Array, tweak: Uint8Array): Uint8Array;
}
const secp256k1 = createRequire(import.meta.url)('secp256k1') as Secp256k1;

/** BIP-32: indexes from 2^31 on are hardened. */
const MAX_INDEX = 2 ** 31 - 1;
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
    const key = deriveChild(this.#parents[branch], index);
    try {
      return work(key);
    } finally {
      key.fill(0);
    }
  }
}

function parentOf(root: HDKey, path: string): Parent {
  const node = root.derive(path);
  return {
    privateKey: must(node.privateKey, 'a private parent').slice(),
    publicKey: must(node.publicKey, 'a private parent').slice(),
    chainCode: must(node.chainCode, 'a private parent').slice(),
  };
}

/** BIP-32 private parent to private child, not hardened, by libsecp256k1: ten times faster than the pure-JS package. */
function deriveChild(parent: Parent, index: number): Uint8Array {
  assert(Number.isSafeInteger(index) && index >= 0 && index <= MAX_INDEX, 'key index out of range');
  const data = Buffer.alloc(37);
  data.set(parent.publicKey, 0);
  data.writeUInt32BE(index, 33);
  const tweak = createHmac('sha512', parent.chainCode).update(data).digest();
  // Throws for a tweak that gives no valid key, which BIP-32 puts below 1 in 2^127.
  return secp256k1.privateKeyTweakAdd(parent.privateKey.slice(), tweak.subarray(0, 32));
}
