/** Who waits for room. */
interface Asking {
  poke(isDue: boolean): void;
}

/** Requests of all couriers of a worker; those who find no room are called in turn when there is some again. */
export class Slots {
  #free: number;
  #taken = 0;
  readonly #asking = new Set<Asking>();

  constructor(count: number) {
    this.#free = count;
  }

  /** How often one was taken, ever. */
  get taken(): number {
    return this.#taken;
  }

  take(asking: Asking): boolean {
    if (this.#free === 0) {
      this.#asking.add(asking);
      return false;
    }
    this.#free -= 1;
    this.#taken += 1;
    return true;
  }

  give(): void {
    this.#free += 1;
    const [next] = this.#asking;
    if (!next) return;
    this.#asking.delete(next);
    next.poke(false);
  }
}
