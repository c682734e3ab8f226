import { EVIDENCE_KEYWORD, type Operation } from '@openoms/contract/operation.ts';
import { OPERATIONS } from '@openoms/contract/operations.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { NAMED_OPERATIONS } from '../conformance/operation-names.ts';
import { FLOWS } from './flows.ts';
import { generate, type JsonSchema } from './generate.ts';
import { mutate, type Shape } from './mutate.ts';
import { Pool } from './pool.ts';
import { Random } from './random.ts';

const ajv = new Ajv2020({ strict: false });
ajv.addKeyword(EVIDENCE_KEYWORD);
addFormats.default(ajv);

const TIMES = 200;
/** The rest breaks conditions between fields, which generation does not look at. */
const SHARE_OF_VALID = 0.5;

const schemas = Object.entries(NAMED_OPERATIONS).flatMap(
  ([name, { params, query, body }]: [string, Operation]) =>
    Object.entries({ params, query, body }).flatMap(([part, schema]) =>
      schema ? [[name, part, schema as object] as const] : [],
    ),
);

describe('what is generated', () => {
  // What `allOf` demands of the fields together is the flows' business.
  it.each(schemas.filter(([, , schema]) => !('allOf' in schema)))(
    '%s %s is mostly of its schema',
    (_operation, _part, schema) => {
      const isValid = ajv.compile(schema);
      const source = { random: new Random(7), pool: new Pool() };
      const made = Array.from({ length: TIMES }, () => generate(schema as JsonSchema, source));
      const valid = made.filter((each) => isValid(each));
      expect(valid.length, JSON.stringify(made.find((each) => !isValid(each)))).toBeGreaterThan(
        TIMES * SHARE_OF_VALID,
      );
    },
  );

  it('is the same for the same seed', () => {
    const all = (seed: number) => {
      const source = { random: new Random(seed), pool: new Pool() };
      return JSON.stringify(schemas.map(([, , schema]) => generate(schema as JsonSchema, source)));
    };
    expect(all(1)).toBe(all(1));
    expect(all(1)).not.toBe(all(2));
  });

  it('takes ids from answers before, and keeps the latest of an object', () => {
    const pool = new Pool();
    const id = 'cst_01h455vb4pex5vsknk084sn02q';
    pool.learn('getCustomer', { id, object: 'customer', n: 1 });
    pool.learn('listCustomers', { data: [{ id, object: 'customer', n: 2 }], nextCursor: 'c' });
    const random = new Random(1);
    expect(pool.id('cst', random)).toBe(id);
    expect(pool.object('customer', random)).toMatchObject({ n: 2 });
    expect(pool.cursor(random)).toBe('c');
    expect(pool.object('wallet', random)).toBeUndefined();
  });

  it('has accounts of every rail that are of their schema', () => {
    const isValid = ajv.compile(OPERATIONS.createExternalAccount.body);
    const source = { random: new Random(5), pool: new Pool() };
    source.pool.learn('getCustomer', { id: 'cst_01h455vb4pex5vsknk084sn02q', object: 'customer' });
    const flows = Array.from({ length: TIMES }, () =>
      FLOWS.createExternalAccount?.(source, { apiKey: '', apiSecret: '' }),
    );
    expect(flows.filter((flow) => !isValid(flow?.body))).toEqual([]);
    expect(new Set(flows.map((flow) => flow?.body?.network)).size).toBe(5);
  });

  it('leads no webhook out of this machine', () => {
    const source = { random: new Random(3), pool: new Pool() };
    const flow = FLOWS.createWebhook?.(source, { apiKey: '', apiSecret: '' });
    for (let time = 0; time < TIMES * 10; time++) {
      const draft = {
        params: {},
        query: {},
        body: generate(OPERATIONS.createWebhook.body as JsonSchema, source) as Record<string, unknown>,
        ...(time % 2 === 0 && structuredClone(flow)),
      };
      const shape: Shape = { method: 'POST', draft, headers: {} };
      mutate(shape, source.random);
      const { url } = draft.body;
      const host = URL.parse(String(url))?.hostname ?? 'localhost';
      expect(['127.0.0.1', 'localhost', 'example.invalid'], String(url)).toContain(host);
    }
  });
});
