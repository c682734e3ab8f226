import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { checkedLookup, type EgressPolicy, urlIssue } from '../kernel/egress.ts';
import { assertOutsideTransaction } from '../kernel/outside.ts';

/** An endpoint has 15 seconds for its whole answer. */
const TIMEOUT_MS = 15_000;
/** What is kept of an answer, for the one who debugs the endpoint. */
const MAX_KEPT_BYTES = 1_024;

export interface AttemptResult {
  /** Undefined when no answer came. */
  readonly statusCode?: number;
  readonly responseBody?: string;
  /** Why no answer came. */
  readonly error?: string;
  readonly durationMs: number;
  readonly retryAfter?: string;
  readonly errorCode?: string;
  readonly responseHeaders?: Record<string, string>;
}

/** Posts one signed body. Never throws: whatever happens is the result. Follows no redirect. */
export async function send(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  policy: EgressPolicy,
): Promise<AttemptResult> {
  assertOutsideTransaction('a webhook endpoint');
  const startedAt = performance.now();
  const elapsedMs = (): number => Math.round(performance.now() - startedAt);
  const issue = urlIssue(url, policy);
  if (issue) return { error: `refused: the URL ${issue}`, durationMs: elapsedMs() };
  try {
    const { statusCode, text } = await post(new URL(url), body, headers, policy);
    return { statusCode, responseBody: text, durationMs: elapsedMs() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error), durationMs: elapsedMs() };
  }
}

function post(
  url: URL,
  body: string,
  headers: Readonly<Record<string, string>>,
  policy: EgressPolicy,
): Promise<{ statusCode: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      agent: false,
      lookup: checkedLookup(policy),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'user-agent': 'OpenOMS-Webhooks/1',
      },
    });
    request.on('error', (error) =>
      reject(error.name === 'AbortError' ? new Error(`no answer within ${TIMEOUT_MS / 1_000} s`) : error),
    );
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let kept = 0;
      const finish = (): void => {
        const text = Buffer.concat(chunks).subarray(0, MAX_KEPT_BYTES).toString().replaceAll('\u0000', '');
        resolve({ statusCode: response.statusCode ?? 0, text });
        request.destroy();
      };
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        kept += chunk.byteLength;
        if (kept >= MAX_KEPT_BYTES) finish();
      });
      response.on('end', finish);
      response.on('error', reject);
    });
    request.end(body);
  });
}

export class Sender {
  readonly #policy: EgressPolicy;
  constructor(options: { policy: EgressPolicy }) {
    this.#policy = options.policy;
  }
  send(d: { url: string; body: string; headers: Readonly<Record<string, string>> }): Promise<AttemptResult> {
    return send(d.url, d.body, d.headers, this.#policy);
  }
  async close(): Promise<void> {}
}
