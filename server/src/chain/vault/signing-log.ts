import { type FileHandle, open } from 'node:fs/promises';
import { assert } from '../../kernel/assert.ts';

const LINE = /^([a-z0-9_]{1,64}) (\d{1,9}) (0x[0-9a-f]{64})$/;
const NEWLINE = 0x0a;

/**
 * What was signed: one digest per authorization (send id and attempt), ever. An append-only file of lines
 * `sendId attempt digest`; a line is on the disk before the signature leaves the process.
 */
export class SigningLog {
  readonly #file: FileHandle;
  readonly #digests: Map<string, string>;
  #unwritten: string[] = [];
  #flushing: Promise<void> | undefined;

  private constructor(file: FileHandle, digests: Map<string, string>) {
    this.#file = file;
    this.#digests = digests;
  }

  /** Reads the log. A torn last line is cut off: its signature was never given out. Throws on any other damage. */
  static async open(path: string): Promise<SigningLog> {
    const file = await open(path, 'a+', 0o600);
    const bytes = await file.readFile();
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end < bytes.byteLength) await file.truncate(end);
    const digests = new Map<string, string>();
    for (const line of bytes.toString('latin1', 0, end).split('\n').slice(0, -1)) {
      const [, sendId, attempt, digest] = LINE.exec(line) ?? [];
      assert(sendId && attempt && digest, `${path} is damaged`);
      digests.set(`${sendId} ${attempt}`, digest);
    }
    return new SigningLog(file, digests);
  }

  /** Claims the authorization for a digest; false when it is taken by another. Nothing is durable before `flush`. */
  claim(sendId: string, attempt: number, digest: string): boolean {
    const key = `${sendId} ${attempt}`;
    const known = this.#digests.get(key);
    if (known !== undefined) return known === digest;
    const line = `${key} ${digest}`;
    assert(LINE.test(line), 'not a line of the signing log');
    this.#digests.set(key, digest);
    this.#unwritten.push(line);
    return true;
  }

  /** Resolves when every claim made so far is on the disk; concurrent callers share a write. */
  async flush(): Promise<void> {
    // A write under way may have begun before the caller's claim, so wait for it and write what is left.
    while (this.#flushing) await this.#flushing;
    if (this.#unwritten.length === 0) return;
    this.#flushing = this.#write();
    // A failed write leaves the promise in place: what the disk holds is unknown, so no later signature leaves either.
    await this.#flushing;
    this.#flushing = undefined;
  }

  async #write(): Promise<void> {
    // One turn of the event loop gathers the claims of the requests that arrived together.
    await new Promise(setImmediate);
    const lines = this.#unwritten;
    this.#unwritten = [];
    await this.#file.appendFile(`${lines.join('\n')}\n`);
    await this.#file.datasync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
