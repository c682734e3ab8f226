import { DIALECT_OPERATIONS } from '@openoms/contract/dialect.ts';
import { ERRORS, ErrorBody, type ErrorCode } from '@openoms/contract/errors.ts';
import { BASE_PATH, DIALECT_PATH, EVIDENCE_KEYWORD, type Operation } from '@openoms/contract/operation.ts';
import { HEALTH_OPERATIONS, OPERATIONS } from '@openoms/contract/operations.ts';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { assert } from '../src/kernel/assert.ts';

/** What a request without an operation may be answered. */
const UNBOUND_CODES: readonly string[] = ['not_found', 'method_not_allowed', 'invalid_request'];

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addKeyword(EVIDENCE_KEYWORD);
addFormats.default(ajv);
const isErrorBody = ajv.compile(ErrorBody);
const compiled = new Map<Operation, ValidateFunction>();

interface Bound {
  readonly operation: Operation;
  readonly pattern: RegExp;
}

const toPattern = (path: string): RegExp => new RegExp(`^${path.replace(/:[A-Za-z]+/g, '[^/]+')}/?$`);

/** Fixed segments before parameters, as the router prefers them. */
const BOUND: readonly Bound[] = [
  ...Object.values(OPERATIONS).map((operation: Operation) => ({
    operation,
    pattern: toPattern(BASE_PATH + operation.path),
  })),
  ...Object.values({ ...OPERATIONS, ...DIALECT_OPERATIONS }).map((operation: Operation) => ({
    operation,
    pattern: toPattern(DIALECT_PATH + operation.path),
  })),
  ...Object.values(HEALTH_OPERATIONS).map((operation: Operation) => ({
    operation,
    pattern: toPattern(operation.path),
  })),
].sort((a, b) => a.operation.path.split(':').length - b.operation.path.split(':').length);

const operationOf = (method: string, path: string): Operation | undefined =>
  BOUND.find(({ operation, pattern }) => operation.method === method && pattern.test(path))?.operation;

/** Throws unless the answer is one that the contract declares for the operation of this method and path. */
export function checkConformance(method: string, url: string, response: Response, text: string): void {
  const { pathname } = new URL(url);
  const operation = operationOf(method, pathname);
  const what = `${method} ${pathname} answered ${response.status} ${text.slice(0, 500)}`;
  assert(response.headers.get('x-request-id')?.startsWith('req_'), `no X-Request-Id: ${what}`);
  if (response.status >= 400) checkError(operation, response, text, what);
  else checkSuccess(operation, response, text, what);
}

function checkSuccess(
  operation: Operation | undefined,
  response: Response,
  text: string,
  what: string,
): void {
  assert(operation && response.status === operation.success.status, `undeclared success: ${what}`);
  if (!operation.success.schema) {
    assert(text === '', `an undeclared body: ${what}`);
    return;
  }
  let isValid = compiled.get(operation);
  if (!isValid) {
    isValid = ajv.compile(operation.success.schema);
    compiled.set(operation, isValid);
  }
  assert(isValid(JSON.parse(text)), `${ajv.errorsText(isValid.errors)}: ${what}`);
}

function checkError(operation: Operation | undefined, response: Response, text: string, what: string): void {
  const body: unknown = JSON.parse(text);
  assert(isErrorBody(body), `not an error body: ${what}`);
  const { code, requestId } = body as ErrorBody;
  // A replayed refusal is the first one byte for byte, so it names the first request.
  const isReplayed = response.headers.has('idempotent-replayed');
  assert(
    isReplayed || requestId === response.headers.get('x-request-id'),
    `requestId is not X-Request-Id: ${what}`,
  );
  assert(ERRORS[code].status === response.status, `not the status of its code: ${what}`);
  const declared: readonly string[] = operation?.errors ?? UNBOUND_CODES;
  assert(declared.includes(code satisfies ErrorCode), `undeclared code: ${what}`);
}
