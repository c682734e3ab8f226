import { BODY_ERRORS, ERRORS, ErrorBody, type ErrorCode } from '@openoms/contract/errors.ts';
import { BASE_PATH, DIALECT_PATH, EVIDENCE_KEYWORD, type Operation } from '@openoms/contract/operation.ts';
import { HEALTH_OPERATIONS, OPERATIONS } from '@openoms/contract/operations.ts';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { isServedInDialect, NAMED_OPERATIONS } from './operation-names.ts';

/** An answer as it came over the wire. */
export interface WireReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What a request without an operation may be answered. */
const UNBOUND_CODES: readonly string[] = [
  'not_found',
  'method_not_allowed',
  'invalid_request',
  ...BODY_ERRORS,
];

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addKeyword(EVIDENCE_KEYWORD);
addFormats.default(ajv);
const isErrorBody = ajv.compile<ErrorBody>(ErrorBody);
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
  ...Object.values(NAMED_OPERATIONS)
    .filter(isServedInDialect)
    .map((operation) => ({ operation, pattern: toPattern(DIALECT_PATH + operation.path) })),
  ...Object.values(HEALTH_OPERATIONS).map((operation: Operation) => ({
    operation,
    pattern: toPattern(operation.path),
  })),
].sort((a, b) => a.operation.path.split(':').length - b.operation.path.split(':').length);

/** The operation of a method and a path with its version prefix; undefined when the contract has none. */
export const operationOf = (method: string, pathname: string): Operation | undefined =>
  BOUND.find(({ operation, pattern }) => operation.method === method && pattern.test(pathname))?.operation;

/** What of an answer the contract does not declare for this operation; empty when it conforms. */
export function contractFindings(operation: Operation | undefined, reply: WireReply): string[] {
  const findings = reply.headers.get('x-request-id') ? [] : ['no X-Request-Id'];
  return [...findings, ...(reply.status >= 400 ? ofError : ofSuccess)(operation, reply)];
}

function ofSuccess(operation: Operation | undefined, { status, text }: WireReply): string[] {
  if (!operation || status !== operation.success.status) return [`undeclared success ${status}`];
  if (!operation.success.schema) return text === '' ? [] : ['an undeclared body'];
  let isValid = compiled.get(operation);
  if (!isValid) {
    isValid = ajv.compile(operation.success.schema);
    compiled.set(operation, isValid);
  }
  const body = parsed(text);
  if (body === undefined) return ['the body is no JSON'];
  return isValid(body) ? [] : [`not of the schema: ${ajv.errorsText(isValid.errors)}`];
}

function ofError(operation: Operation | undefined, { status, headers, text }: WireReply): string[] {
  const body = parsed(text);
  if (!isErrorBody(body)) return [`not an error body: ${ajv.errorsText(isErrorBody.errors)}`];
  const findings: string[] = [];
  // A replayed refusal is the first one byte for byte, so it names the first request.
  if (!headers.has('idempotent-replayed') && body.requestId !== headers.get('x-request-id')) {
    findings.push('requestId is not X-Request-Id');
  }
  if (ERRORS[body.code].status !== status) findings.push(`${status} is not the status of ${body.code}`);
  const declared: readonly string[] = operation?.errors ?? UNBOUND_CODES;
  if (!declared.includes(body.code satisfies ErrorCode)) findings.push(`undeclared code ${body.code}`);
  return findings;
}

/** The value of a JSON text; undefined when it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
