import { contractFindings, operationOf } from '../../tools/conformance/contract-check.ts';
import { assert } from '../src/kernel/assert.ts';

/** Throws unless the answer is one that the contract declares for the operation of this method and path. */
export function checkConformance(method: string, url: string, response: Response, text: string): void {
  const { pathname } = new URL(url);
  const { status, headers } = response;
  const findings = contractFindings(operationOf(method, pathname), { status, headers, text });
  const what = `${method} ${pathname} answered ${status} ${text.slice(0, 500)}`;
  assert(findings.length === 0, `${findings.join('; ')}: ${what}`);
  assert(headers.get('x-request-id')?.startsWith('req_'), `no X-Request-Id of ours: ${what}`);
}
