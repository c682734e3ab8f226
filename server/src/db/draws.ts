import { assert } from '../kernel/assert.ts';
import { besideId, type Draw, ID_BYTES, type IdKind } from '../kernel/ids.ts';
import { Random, seededBytes } from '../kernel/random.ts';

/** What a project's draws follow from, and how far they are. */
export interface SeedRow {
  seed: string;
  /** Unique among projects: tells those of one seed apart. */
  address_space: number;
  /** How many values were drawn. */
  drawn: bigint;
  /** How many addresses were taken. */
  addresses: bigint;
}

/** Where an address is among those of the public keys. */
export interface AddressPlace {
  readonly space: number;
  readonly place: bigint;
}

/** Where the draws of a project begin once it is made, whatever its making has drawn: it begins anew in the same place. */
export const FIRST_PLACE = 16n;

/**
 * Chance of one transaction of a seeded project (docs/decisions/0029). It goes on where the transaction before it has
 * ended; what is drawn is counted in the commit, so that a transaction that is undone has drawn nothing.
 */
export class Draws {
  readonly random = new Random((count) => this.draw(count).bytes);
  readonly #row: SeedRow;
  #drawn = 0n;
  #addresses = 0n;

  constructor(row: SeedRow) {
    this.#row = row;
  }

  /** The next value, and its place among all of the project's. */
  draw(count: number): Draw {
    const place = this.#row.drawn + this.#drawn++;
    return { place, bytes: seededBytes(worldOf(this.#row), place, count) };
  }

  /** Follows from another id and sorts as that: for what is made at a time of its own, and must not draw between others. */
  idBeside(kind: IdKind, id: string, name: string): string {
    return besideId(kind, id, seededBytes(worldOf(this.#row), `${id}/${name}`, ID_BYTES));
  }

  /** The next draw is that of the place, which is still to come. */
  skipTo(place: bigint): void {
    assert(this.#row.drawn + this.#drawn <= place, 'draws go forward');
    this.#drawn = place - this.#row.drawn;
  }

  /** The address space, and the place of the next address in it. */
  nextAddress(): AddressPlace {
    return { space: this.#row.address_space, place: this.#row.addresses + this.#addresses++ };
  }

  /** The statement that counts what was drawn; undefined when nothing was. */
  counting(projectId: string): string | undefined {
    if (this.#drawn === 0n && this.#addresses === 0n) return undefined;
    return `update project_clocks set drawn = drawn + ${this.#drawn}, addresses = addresses + ${this.#addresses}
      where project_id = '${projectId}'`;
  }
}

/** What draws follow from: the seed, and the space, for projects of one seed must not have the same codes. */
export const worldOf = ({ seed, address_space }: Pick<SeedRow, 'seed' | 'address_space'>): string =>
  `${address_space}/${seed}`;
