import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { checkedLookup, type EgressPolicy, urlIssue } from '../../kernel/egress.ts';
import { assertOutsideTransaction } from '../../kernel/outside.ts';
import type { RateFeed } from '../../rates/provider.ts';

const TIMEOUT_MS = 5_000;

/** A URL of the operator's that answers the feed; plain http and private addresses for trusted hosts only. */
export function httpRates(url: string, maxBytes: number, egress: EgressPolicy): RateFeed {
  const lookup = checkedLookup(egress);
  return {
    kind: 'feed',
    name: 'http',
    read: async () => {
      assertOutsideTransaction('the source of rates');
      const issue = urlIssue(url, egress);
      if (issue) throw new Error(`the URL of the rates ${issue}`);
      return get(new URL(url), maxBytes, lookup);
    },
  };
}

/** Follows no redirect. */
function get(url: URL, maxBytes: number, lookup: LookupFunction): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      agent: false,
      lookup,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { accept: 'application/json', 'user-agent': 'OpenOMS-Rates/1' },
    });
    const fail = (error: Error): void => {
      reject(error.name === 'AbortError' ? new Error(`no answer within ${TIMEOUT_MS / 1_000} s`) : error);
      request.destroy();
    };
    request.on('error', fail);
    request.on('response', (response) => {
      if (response.statusCode === 200) readAll(response, maxBytes).then(resolve, fail);
      else fail(new Error(`the source of rates answered ${response.statusCode}`));
    });
    request.end();
  });
}

async function readAll(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error(`the source of rates answered more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
