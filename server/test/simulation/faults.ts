import { Chance, shareOf } from './chance.ts';

/** Where an exchange goes. */
export type Place = 'database' | 'chain' | 'signer';

/**
 * What goes wrong in one exchange: it does not take effect; it does, and nobody hears of it; the database asks for a
 * repetition; the node that answers is behind the others.
 */
export type Trouble = 'lost' | 'answer lost' | 'conflict' | 'stale';

const TROUBLES: Readonly<Record<Place, readonly Trouble[]>> = {
  database: ['lost', 'answer lost', 'conflict'],
  chain: ['lost', 'answer lost', 'stale'],
  signer: ['lost', 'answer lost'],
};

/** The share of exchanges that a trouble strikes, if a run has it at all. */
const RATES = [0.01, 0.02, 0.04, 0.08];
const PRESENT = 0.5;

/**
 * Which exchanges fail. A run has some troubles and not others, so that each also meets the rest undisturbed; whether
 * an exchange is struck follows from the seed, its place and its number there.
 */
export class Faults {
  isOn = true;
  readonly #seed: number;
  readonly #rates: Readonly<Record<Place, readonly (readonly [Trouble, number])[]>>;
  readonly #counts: Record<Place, number> = { database: 0, chain: 0, signer: 0 };

  constructor(seed: number) {
    this.#seed = seed;
    const chance = new Chance(`${seed} rates`);
    const ratesOf = (place: Place): (readonly [Trouble, number])[] =>
      TROUBLES[place].map((trouble) => [trouble, chance.happens(PRESENT) ? chance.pick(RATES) : 0] as const);
    this.#rates = { database: ratesOf('database'), chain: ratesOf('chain'), signer: ratesOf('signer') };
  }

  strike(place: Place): Trouble | undefined {
    const number = this.#counts[place]++;
    if (!this.isOn) return undefined;
    let share = shareOf(`${this.#seed} ${place} ${number}`);
    for (const [trouble, rate] of this.#rates[place]) {
      if (share < rate) return trouble;
      share -= rate;
    }
    return undefined;
  }
}
