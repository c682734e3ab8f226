import { readFileSync } from 'node:fs';
import { ERRORS, type ErrorCode } from '@openoms/contract/errors.ts';
import type { Operation } from '@openoms/contract/operation.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { coverageOf, documentedPairs, excuses, Seen } from './coverage.ts';
import { unmet } from './expectations.ts';
import { NAMED_OPERATIONS } from './operation-names.ts';
import { atPointer, fill, UnknownVariable } from './template.ts';
import { casesOf, loadSuite, type Step } from './vectors.ts';

const suite = loadSuite();
const rows = suite.tables.get('operations') ?? [];
const allSteps: readonly Step[] = [...suite.vectors, ...suite.fixtures.values()].flatMap(
  ({ steps }) => steps,
);

describe('the vectors', () => {
  it('are of their schema, which is one', () => {
    const schema = JSON.parse(
      readFileSync(new URL('../../contract/vectors/vectors.schema.json', import.meta.url), 'utf8'),
    );
    expect(new Ajv2020({ strict: true, allowUnionTypes: true }).validateSchema(schema)).toBe(true);
    const isVectorFile = new Ajv2020({ allowUnionTypes: true }).compile(schema);
    const step = { name: 'x', method: 'GET', path: '/customers', expect: { status: 200 } };
    const fileOf = (each: object) => ({ about: 'x', vectors: [{ name: 'x', steps: [each] }] });
    expect(isVectorFile(fileOf(step))).toBe(true);
    for (const wrong of [{}, { ...step, path: 'customers' }, { ...step, expected: {} }, { do: 1 }]) {
      expect(isVectorFile(fileOf(wrong)), JSON.stringify(wrong)).toBe(false);
    }
  });

  it('have a row for every operation, with its method and all that follows from the contract', () => {
    const operations: readonly [string, Operation][] = Object.entries(NAMED_OPERATIONS);
    for (const [name, { method, success, idempotency, auth, errors }] of operations) {
      const row = rows.find(({ operation }) => operation === name);
      const mayAnswer = (code: ErrorCode) =>
        errors.includes(code) && !suite.notProvokable.some((excuse) => excuses(excuse, name, code));
      expect(row, `${name} needs a row in contract/vectors/operations.json`).toMatchObject({
        method,
        status: success.status,
        ...(auth === 'bearer' && { bearer: true }),
        ...(idempotency !== 'none' && { keyed: idempotency }),
        ...(mayAnswer('validation_error') && { bad: expect.anything() }),
        ...(mayAnswer('not_found') && { absent: expect.anything() }),
        ...(errors.includes('payload_too_large') && { takesBody: true }),
      });
    }
    expect(rows).toHaveLength(Object.keys(NAMED_OPERATIONS).length);
  });

  it('name fixtures, tables and codes that exist, and vectors once', () => {
    for (const vector of suite.vectors) expect(casesOf(suite, vector).length, vector.name).toBeGreaterThan(0);
    const used = [...suite.vectors, ...suite.fixtures.values()].flatMap(({ uses = [] }) => uses);
    const done = allSteps.flatMap((step) => ('do' in step ? [step.do] : []));
    for (const name of [...used, ...done]) expect([...suite.fixtures.keys()]).toContain(name);
    const names = suite.vectors.map(({ file, name }) => `${file} ${name}`);
    expect(names).toEqual([...new Set(names)]);
    for (const { codes, operations = [] } of suite.notProvokable) {
      for (const code of codes) expect(Object.keys(ERRORS)).toContain(code);
      for (const operation of operations) expect(Object.keys(NAMED_OPERATIONS)).toContain(operation);
    }
  });
});

describe('coverage', () => {
  const pair = (operation: string, status: number) =>
    documentedPairs().find((each) => each.operation === operation && each.status === status);

  it('asks for every status an operation declares', () => {
    expect(pair('createCustomer', 201)).toMatchObject({ codes: [] });
    expect(pair('createWallet', 422)?.codes).toContain('unsupported_asset_network');
    expect(pair('v0.11 createQuote', 201)).toMatchObject({ codes: [] });
    expect(documentedPairs().length).toBeGreaterThan(250);
  });

  it('excuses a pair only when each of its codes is excused', () => {
    const { missing, excused } = coverageOf(new Seen(), suite.notProvokable);
    expect(missing).toContainEqual(pair('createWallet', 422));
    expect(excused.map(({ operation, status }) => `${operation} ${status}`)).toContain('createCustomer 422');
    expect(missing).toContainEqual(pair('createCustomer', 201));
  });

  it('counts what was seen', () => {
    const seen = new Seen();
    seen.add('createWallet', 422);
    const { covered, missing, unmetCodes } = coverageOf(seen, []);
    expect(covered).toEqual([pair('createWallet', 422)]);
    expect(missing).not.toContainEqual(pair('createWallet', 422));
    expect(unmetCodes).toContainEqual({ operation: 'createWallet', code: 'unsupported_asset_network' });
  });
});

describe('placeholders', () => {
  const scope = new Map<string, unknown>([
    ['id', 'cst_1'],
    ['row', { body: { a: [1] }, path: '/x' }],
  ]);

  it.each([
    ['/customers/{{id}}', '/customers/cst_1'],
    ['{{row.body}}', { a: [1] }],
    [{ a: '{{none|}}', b: ['{{id}}'] }, { b: ['cst_1'] }],
    ['{{none|row.path}}', '/x'],
    ['{{filler:3}}', 'xxx'],
  ])('%j becomes %j', (template, filled) => expect(fill(template, scope)).toEqual(filled));

  it('that nothing has set are refused', () => {
    expect(() => fill({ a: '{{none}}' }, scope)).toThrow(UnknownVariable);
  });

  it('of uuid and random differ each time', () => {
    expect(fill('{{uuid}}', scope)).not.toBe(fill('{{uuid}}', scope));
    expect(fill('{{random}}', scope)).not.toBe(fill('{{random}}', scope));
  });

  it('are apart from pointers, which lead into answers', () => {
    expect(atPointer({ 'a/b': [{ c: 1 }] }, '/a~1b/0/c')).toBe(1);
    expect(atPointer({}, '/constructor')).toBeUndefined();
  });
});

describe('an expectation', () => {
  const reply = {
    status: 400,
    headers: new Headers({ a: '1' }),
    text: '{"code":"x","details":[{"field":"b"},{"field":"a"}],"list":[1,2]}',
  };
  it.each([
    [{ status: 400, code: 'x', details: ['a', 'b'], headers: { a: '1', b: null } }, 0],
    [{ status: 200, code: 'y', details: ['a'], headers: { a: null } }, 4],
    [{ status: 400, body: [{ at: '/list', length: 2, type: 'array', equals: [1, 2] }] } as const, 0],
    [{ status: 400, body: [{ at: '/list', length: 1, type: 'string', equals: [] }] } as const, 3],
    [
      {
        status: 400,
        body: [
          { at: '/code', matches: '^x$', present: true },
          { at: '/no', present: false },
        ],
      },
      0,
    ],
    [
      {
        status: 400,
        body: [
          { at: '/code', matches: '^y$', present: false },
          { at: '/no', present: true },
        ],
      },
      3,
    ],
    [{ status: 400, body: [{ at: '/details', some: { field: 'a' } }] }, 0],
    [{ status: 400, body: [{ at: '/details', some: { field: 'c' } }] }, 1],
    [{ status: 400, body: [{ at: '/code', some: { field: 'a' } }] }, 1],
    [{ status: 400, sameAs: 'first' }, 0],
    [{ status: 400, sameAs: 'other' }, 1],
  ])('%j has %i faults', (expectation, count) => {
    const earlier = new Map([
      ['first', reply],
      ['other', { ...reply, text: '{}' }],
    ]);
    expect(unmet(expectation, reply, earlier)).toHaveLength(count);
  });
});
