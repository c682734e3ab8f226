const WINDOW_SECONDS = 24 * 60 * 60;

interface Second {
  readonly at: number;
  minor: bigint;
}

/**
 * A sum over the last 24 h, to the second. Its time never goes back: a clock that is set back neither forgets what was
 * added nor lets it be added again.
 */
export class RollingTotal {
  /** In order of time; those before `#first` have left the window. */
  #seconds: Second[] = [];
  #first = 0;
  #total = 0n;

  add(at: number, minor: bigint): void {
    const last = this.#seconds.at(-1);
    if (last && at <= last.at) last.minor += minor;
    else this.#seconds.push({ at, minor });
    this.#total += minor;
    this.#forget(at);
  }

  /** The sum at a time (Unix seconds), which the window then never goes back behind. */
  at(now: number): bigint {
    this.#forget(now);
    return this.#total;
  }

  #forget(now: number): void {
    for (;;) {
      const oldest = this.#seconds[this.#first];
      if (!oldest || oldest.at > now - WINDOW_SECONDS) break;
      this.#total -= oldest.minor;
      this.#first += 1;
    }
    // Halving keeps both the list and the work of shortening it within a constant of what the window holds.
    if (this.#first > 1_000 && this.#first * 2 > this.#seconds.length) {
      this.#seconds = this.#seconds.slice(this.#first);
      this.#first = 0;
    }
  }
}
