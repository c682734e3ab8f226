import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { ProtocolBroken } from './failures.ts';

/** What is kept of a body, for the one who debugs the endpoint. */
const MAX_BODY_BYTES = 1_024;
const MAX_HEADER_CHARACTERS = 512;
/** `103 Early Hints` and the like before the answer; who sends more never answers. */
const MAX_INTERIM_ANSWERS = 8;
/** What helps to tell who answered, and why so. Cookies and the rest are none of our business. */
const KEPT_HEADERS = [
  'allow',
  'cf-ray',
  'content-length',
  'content-type',
  'date',
  'location',
  'retry-after',
  'server',
  'via',
  'www-authenticate',
  'x-request-id',
];

export interface Answer {
  readonly statusCode: number;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly responseBody: string;
  readonly retryAfter?: string;
}

/** One request and what came of it: an answer, a failure, or the beginning of an answer and a failure. */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Settles when all that matters of the answer is there, or no more will come. Never rejects. */
  readonly ended: Promise<void>;
  /** Set when the answer is not complete. */
  error: Error | undefined;
  /** The rest of a long body was not read: the connection cannot be used again. */
  isCut = false;
  /** A byte of an answer came. */
  hasBegun = false;
  #end: () => void = () => undefined;
  #interimAnswers = 0;
  #statusCode: number | undefined;
  #headers: IncomingHttpHeaders = {};
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  onRequestStart(): void {
    // undici demands it.
  }

  onResponseStarted(): void {
    this.hasBegun = true;
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (statusCode < 200) {
      this.#interimAnswers++;
      if (this.#interimAnswers > MAX_INTERIM_ANSWERS)
        controller.abort(new ProtocolBroken('there were too many interim answers'));
      return;
    }
    this.#statusCode = statusCode;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isCut) return;
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
    if (this.#size <= MAX_BODY_BYTES) return;
    this.isCut = true;
    this.#end();
  }

  onResponseEnd(): void {
    this.#end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.isCut) return;
    this.error = error;
    this.#end();
  }

  get hasStatus(): boolean {
    return this.#statusCode !== undefined;
  }

  /** As much of the answer as came; undefined when not even its status did. */
  answer(): Answer | undefined {
    if (this.#statusCode === undefined) return undefined;
    const responseHeaders = keptHeaders(this.#headers);
    const retryAfter = responseHeaders['retry-after'];
    return {
      statusCode: this.#statusCode,
      responseHeaders,
      responseBody: toText(Buffer.concat(this.#chunks)),
      ...(retryAfter !== undefined && { retryAfter }),
    };
  }
}

function keptHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = headers[name];
    if (value === undefined) continue;
    const text = typeof value === 'string' ? value : value.join(', ');
    kept[name] = text.slice(0, MAX_HEADER_CHARACTERS).toWellFormed();
  }
  return kept;
}

/** At most `MAX_BODY_BYTES` of valid UTF-8, without NUL, which PostgreSQL's text cannot hold. */
function toText(bytes: Buffer): string {
  if (bytes.byteLength === 0) return '';
  const text = decode(bytes.subarray(0, MAX_BODY_BYTES)).replaceAll('\u0000', '');
  // What is no UTF-8 grows when it is replaced.
  const encoded = Buffer.from(text);
  return encoded.byteLength <= MAX_BODY_BYTES ? text : decode(encoded.subarray(0, MAX_BODY_BYTES));
}

/** As a stream that goes on, so that a character cut in two at the end is left out. */
const decode = (bytes: Buffer): string => new TextDecoder().decode(bytes, { stream: true });
