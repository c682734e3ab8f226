import { type FileHandle, open } from 'node:fs/promises';
import { assert } from '../../kernel/assert.ts';
import { RollingTotal } from './rolling-total.ts';

const LINE = /^([a-z0-9_]{1,64}) (\d{1,9}) (0x[0-9a-f]{64}) (\d{1,12}) (\d{1,16}:0x[0-9a-f]{40}) (\d{1,78})$/;
const NEWLINE = 0x0a;

/** An authorization as it is logged, once. */
export interface LoggedAuthorization {
  readonly sendId: string;
  readonly attempt: number;
  readonly digest: string;
  /** Unix seconds. */
  readonly signedAt: number;
  /** `chainId:contract`, the contract in lower case. */
  readonly token: string;
  readonly minor: bigint;
}

/**
 * What was signed: one digest per authorization (send id and attempt), ever, and how much of a token in the last 24 h.
 * An append-only file of lines `sendId attempt digest signedAt chainId:contract amount`; a line is on the disk before
 * the signature leaves the process.
 */
export class SigningLog {
  readonly #file: FileHandle;
  readonly #digests = new Map<string, string>();
  readonly #totals = new Map<string, RollingTotal>();
  #unwritten: string[] = [];
  #flushing: Promise<void> | undefined;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Reads the log. A torn last line is cut off: its signature was never given out. Throws on any other damage. */
  static async open(path: string): Promise<SigningLog> {
    const file = await open(path, 'a+', 0o600);
    const bytes = await file.readFile();
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end < bytes.byteLength) await file.truncate(end);
    const log = new SigningLog(file);
    for (const line of bytes.toString('latin1', 0, end).split('\n').slice(0, -1)) {
      const [, sendId, attempt, digest, signedAt, token, minor] = LINE.exec(line) ?? [];
      assert(sendId && attempt && digest && signedAt && token && minor, `${path} is damaged`);
      log.#digests.set(`${sendId} ${attempt}`, digest);
      log.#totalOf(token).add(Number(signedAt), BigInt(minor));
    }
    return log;
  }

  /** The digest that the authorization was signed with, if it was. */
  find(sendId: string, attempt: number): string | undefined {
    return this.#digests.get(`${sendId} ${attempt}`);
  }

  /** Minor units of the token signed for in the 24 h before `now` (Unix seconds). */
  signedMinor(token: string, now: number): bigint {
    return this.#totalOf(token).at(now);
  }

  /** Takes an authorization that was never signed. Nothing is durable before `flush`. */
  add(authorization: LoggedAuthorization): void {
    const { sendId, attempt, digest, signedAt, token, minor } = authorization;
    const key = `${sendId} ${attempt}`;
    assert(!this.#digests.has(key), 'an authorization is logged once');
    const line = `${key} ${digest} ${signedAt} ${token} ${minor}`;
    assert(LINE.test(line), 'not a line of the signing log');
    this.#digests.set(key, digest);
    this.#totalOf(token).add(signedAt, minor);
    this.#unwritten.push(line);
  }

  /** Resolves when everything added so far is on the disk; concurrent callers share a write. */
  async flush(): Promise<void> {
    // A write under way may have begun before the caller's line, so wait for it and write what is left.
    while (this.#flushing) await this.#flushing;
    if (this.#unwritten.length === 0) return;
    this.#flushing = this.#write();
    // A failed write leaves the promise in place: what the disk holds is unknown, so no later signature leaves either.
    await this.#flushing;
    this.#flushing = undefined;
  }

  async #write(): Promise<void> {
    // One turn of the event loop gathers the lines of the requests that arrived together.
    await new Promise(setImmediate);
    const lines = this.#unwritten;
    this.#unwritten = [];
    await this.#file.appendFile(`${lines.join('\n')}\n`);
    await this.#file.datasync();
  }

  #totalOf(token: string): RollingTotal {
    let total = this.#totals.get(token);
    if (!total) {
      total = new RollingTotal();
      this.#totals.set(token, total);
    }
    return total;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
