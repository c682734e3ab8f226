import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const MAX_BYTES = 10 * 1024 * 1024;

/** Appends to a file that is renamed to `.1` (replacing the one before) when it has grown to 10 MB. */
export class LogFile {
  readonly #path: string;
  #file: number;
  #bytes: number;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'a', 0o600);
    this.#bytes = fstatSync(this.#file).size;
  }

  write(chunk: Uint8Array): void {
    if (this.#bytes > MAX_BYTES) {
      closeSync(this.#file);
      renameSync(this.#path, `${this.#path}.1`);
      this.#file = openSync(this.#path, 'a', 0o600);
      this.#bytes = 0;
    }
    this.#bytes += writeSync(this.#file, chunk);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/**
 * Where the supervisor logs: the terminal belongs to the block it prints. Made at the first line, with its folder; lines
 * go to standard error when that fails, which the start then says better.
 */
export function supervisorLog(path: string): { write(line: string): void } {
  let file: LogFile | undefined;
  return {
    write: (line) => {
      try {
        if (!file) {
          mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
          file = new LogFile(path);
        }
        file.write(Buffer.from(line));
      } catch {
        process.stderr.write(line);
      }
    },
  };
}
