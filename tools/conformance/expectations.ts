import { isDeepStrictEqual } from 'node:util';
import { parsed, type WireReply } from './contract-check.ts';
import { atPointer } from './template.ts';
import type { Assertion, Expectation } from './vectors.ts';

/** What of an answer is not as expected; every placeholder is filled already. */
export function unmet(
  expect: Expectation,
  reply: WireReply,
  earlier: ReadonlyMap<string, WireReply>,
): string[] {
  const body = parsed(reply.text);
  const found: string[] = [];
  if (reply.status !== Number(expect.status)) found.push(`status ${reply.status}, not ${expect.status}`);
  if (expect.code !== undefined && atPointer(body, '/code') !== expect.code) {
    found.push(`code ${String(atPointer(body, '/code'))}, not ${expect.code}`);
  }
  if (expect.details !== undefined) found.push(...unmetDetails([expect.details].flat(), body));
  for (const [name, value] of Object.entries(expect.headers ?? {})) {
    const actual = reply.headers.get(name);
    if (actual !== value) found.push(`header ${name} is ${actual}, not ${value}`);
  }
  if (expect.sameAs !== undefined && earlier.get(expect.sameAs)?.text !== reply.text) {
    found.push(`not the same text as the answer of: ${expect.sameAs}`);
  }
  return [...found, ...(expect.body ?? []).flatMap((assertion) => unmetAssertion(assertion, body))];
}

function unmetDetails(expected: readonly string[], body: unknown): string[] {
  const details = atPointer(body, '/details');
  const fields = Array.isArray(details) ? details.map((each) => String(atPointer(each, '/field'))) : [];
  const [actual, wanted] = [fields.toSorted().join(), expected.toSorted().join()];
  return actual === wanted ? [] : [`details name ${actual || 'nothing'}, not ${wanted}`];
}

function unmetAssertion(assertion: Assertion, body: unknown): string[] {
  const actual = atPointer(body, assertion.at);
  const shown = `${assertion.at || 'the body'} is ${JSON.stringify(actual)?.slice(0, 200)}`;
  const found: string[] = [];
  if ('equals' in assertion && !isDeepStrictEqual(actual, assertion.equals)) {
    found.push(`${shown}, not ${JSON.stringify(assertion.equals)}`);
  }
  if (assertion.present !== undefined && (actual !== undefined) !== assertion.present) {
    found.push(assertion.present ? `${assertion.at} is absent` : `${shown}, not absent`);
  }
  if (assertion.type !== undefined && typeOf(actual) !== assertion.type) {
    found.push(`${shown}, not of type ${assertion.type}`);
  }
  if (assertion.matches !== undefined && !new RegExp(assertion.matches, 'u').test(String(actual))) {
    found.push(`${shown}, which does not match ${assertion.matches}`);
  }
  if (assertion.length !== undefined && atPointer(actual, '/length') !== assertion.length) {
    found.push(`${shown}, not of length ${assertion.length}`);
  }
  const { some } = assertion;
  if (some !== undefined && !(Array.isArray(actual) && actual.some((each) => hasMembers(each, some)))) {
    found.push(`no element of ${assertion.at} has ${JSON.stringify(some)}`);
  }
  return found;
}

const hasMembers = (value: unknown, members: Readonly<Record<string, unknown>>): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(members).every(([name, member]) =>
    isDeepStrictEqual((value as Readonly<Record<string, unknown>>)[name], member),
  );

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
