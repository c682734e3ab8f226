import { readFileSync } from 'node:fs';
import Type, { type TSchema } from 'typebox';
import { Check, Errors } from 'typebox/schema';
import { describe, expect, it } from 'vitest';
import { EVENTS } from './events.ts';
import { buildOpenApiDocument } from './openapi-document.ts';
import type { Operation } from './operation.ts';
import { HEALTH_OPERATIONS, OPERATIONS } from './operations.ts';

const operations: readonly Operation[] = [...Object.values(OPERATIONS), ...Object.values(HEALTH_OPERATIONS)];
const document = buildOpenApiDocument(operations);

function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(refsIn)];
}

function resolve(ref: string): unknown {
  let node: unknown = document;
  for (const segment of ref.slice('#/'.length).split('/')) {
    node = (node as Record<string, unknown> | undefined)?.[segment];
  }
  return node;
}

describe('the OpenAPI document', () => {
  it('is the committed one', () => {
    const committed = readFileSync(new URL('./openapi.json', import.meta.url), 'utf8');
    expect(JSON.parse(committed)).toEqual(document);
  });

  it('resolves every reference', () => {
    const refs = new Set(refsIn(document));
    expect(refs.size).toBeGreaterThan(20);
    expect([...refs].filter((ref) => resolve(ref) === undefined)).toEqual([]);
  });

  it.each(operations.map((operation) => [operation.operationId, operation] as const))(
    'has %s',
    (_, operation) => {
      const path = operation.path.replace(/:([A-Za-z]+)/g, '{$1}');
      const described = document.paths[path]?.[operation.method.toLowerCase()] as Record<string, unknown>;
      expect(described).toMatchObject({ operationId: operation.operationId, tags: [operation.tag] });
      const parameters = described.parameters as { in?: string; name?: string }[];
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      expect(inPath).toEqual(path.match(/\{[A-Za-z]+\}/g) ?? []);
      expect(Object.keys(described.responses as object)).toContain(String(operation.success.status));
    },
  );

  it('describes every event', () => {
    expect(Object.keys(document.webhooks)).toEqual(Object.keys(EVENTS));
  });

  it('refuses two different schemas under one title', () => {
    const { getWallet } = OPERATIONS;
    const success = { ...getWallet.success, schema: Type.Object({}, { title: 'Wallet' }) };
    const clash: Operation = { ...getWallet, path: '/clash', success };
    expect(() => buildOpenApiDocument([...operations, clash])).toThrow(
      'two different schemas are titled Wallet',
    );
  });
});

describe('the operations', () => {
  it('are filed under their operationId', () => {
    for (const [name, operation] of Object.entries(OPERATIONS)) expect(operation.operationId).toBe(name);
  });

  it('demand an Idempotency-Key on every POST but the token exchange, external accounts, simulators and what is sent to webhooks again', () => {
    const lenient = Object.values<Operation>(OPERATIONS)
      .filter((operation) => operation.method === 'POST' && operation.idempotency !== 'required')
      .map((operation) => operation.operationId);
    expect(lenient).toEqual([
      'createToken',
      'createExternalAccount',
      'simulateBarcodeAuth',
      'simulateAuthCommit',
      'simulateTransaction',
      'simulateEndorsements',
      'simulateRate',
      'simulateCashIn',
      'simulateStatementLine',
      'setSandboxClock',
      'createSandboxProjects',
      'createSandboxApiKey',
      'createSandboxTrouble',
      'resetSandbox',
      'createSandboxSnapshot',
      'restoreSandboxSnapshot',
      'simulateVirtualAccountDeposit',
      'testWebhook',
      'retryWebhookDelivery',
      'replayWebhook',
    ]);
  });

  const examples = operations.flatMap(({ operationId, body, success, example }) => [
    ...(example?.request === undefined ? [] : [[`${operationId} request`, body, example.request] as const]),
    ...(example?.response === undefined
      ? []
      : [[`${operationId} response`, success.schema, example.response] as const]),
  ]);

  it.each(examples)('accept their own example: %s', (_, schema, value) => {
    expect(errorsOf(schema, value)).toEqual([]);
  });
});

const errorsOf = (schema: TSchema | undefined, value: unknown): unknown =>
  schema && !Check(schema, value) ? Errors(schema, value)[1] : [];

describe('request schemas', () => {
  const customer = OPERATIONS.createCustomer.body;
  const cashIn = OPERATIONS.createCashIn.body;
  const cashInRequest = OPERATIONS.createCashIn.example.request;

  it.each([
    ['nothing (custodial quickstart)', {}],
    ['an unknown field', { favouriteColour: 'blue' }],
    ['a null middle name', { middleName: null }],
    ['an SSN without dashes', identified('ssn', '123456789')],
    ['a passport number with letters', identified('passport', 'C01X00T47')],
  ])('accept a customer with %s', (_, body) => {
    expect(Check(customer, body)).toBe(true);
  });

  it.each([
    ['a business', { type: 'business' }],
    ['a null first name', { firstName: null }],
    ['a name of 101 characters', { firstName: 'a'.repeat(101) }],
    ['a NUL character', { firstName: 'a\u0000' }],
    ['a national phone number', { phone: '2125551234' }],
    ['a lower-case country', { nationality: 'us' }],
    ['an address in one line', { residentialAddress: '123 Main St, New York' }],
    ['a thirteenth month', { birthDate: '1990-13-01' }],
    ['an SSN of 8 digits', identified('ssn', '12345678')],
    ['an unknown endorsement', { endorsements: ['gold'] }],
    [
      '21 metadata keys',
      { metadata: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, i])) },
    ],
  ])('refuse a customer with %s', (_, body) => {
    expect(Check(customer, body)).toBe(false);
  });

  it.each(['0.00', '100', '100.00', '0.000001', '999999999999999'])('accept the amount %s', (amount) => {
    expect(Check(cashIn, { ...cashInRequest, source: { asset: 'usd', indicatedAmount: amount } })).toBe(true);
  });

  it.each([100, '-1', '+1', '1e2', '01.00', '.5', '1.', ' 1', '1,000', '١', '1\n', null])(
    'refuse the amount %j',
    (amount) => {
      expect(Check(cashIn, { ...cashInRequest, source: { asset: 'usd', indicatedAmount: amount } })).toBe(
        false,
      );
    },
  );
});

function identified(type: string, number: string): object {
  return { identifyingInformation: [{ type, issuingCountry: 'US', number }] };
}
