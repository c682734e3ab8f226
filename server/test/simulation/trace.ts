import { createHash } from 'node:crypto';

/** What happened in a run, in order. Names things by the order in which actors made them, never by an id or address. */
export class Trace {
  readonly lines: string[] = [];
  readonly #hash = createHash('sha256');
  #heading: string | undefined;

  /** What the lines that follow belong to; written with the first of them, or by the next heading. */
  begin(heading: string): void {
    this.#flush();
    this.#heading = heading;
  }

  /** Nothing came of what was begun. */
  withdraw(): void {
    this.#heading = undefined;
  }

  /** A line of the step log. */
  add(line: string): void {
    this.#flush();
    this.#write(line);
  }

  /** One exchange with the outside: too many for the log, but two equal runs have the same. */
  exchange(what: string): void {
    this.#flush();
    this.#hash.update(`${what}\n`);
  }

  /** Covers every line and every exchange. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  #flush(): void {
    const heading = this.#heading;
    this.#heading = undefined;
    if (heading !== undefined) this.#write(heading);
  }

  #write(line: string): void {
    this.lines.push(line);
    this.#hash.update(`${line}\n`);
  }
}
