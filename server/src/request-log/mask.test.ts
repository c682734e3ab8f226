import { PROJECT_OPERATIONS } from '@openoms/contract/console/operations.ts';
import { DIALECT_OPERATIONS } from '@openoms/contract/dialect.ts';
import type { Operation } from '@openoms/contract/operation.ts';
import { OPERATIONS } from '@openoms/contract/operations.ts';
import { describe, expect, it } from 'vitest';
import { isClassified, MASK, masked, type Shape, shapeOf } from './mask.ts';

/** Those whose requests are logged: all of API keys, and of members those that change something. */
const LOGGED: readonly Operation[] = [
  ...Object.values(OPERATIONS),
  ...Object.values(DIALECT_OPERATIONS),
  ...Object.values(PROJECT_OPERATIONS).filter(({ method }) => method !== 'GET'),
];

function* unclassified(shape: Shape, parent: string, name: string, depth = 0): Generator<string> {
  if (depth > 20) return;
  if (shape.isLeaf && name !== '' && !isClassified(parent, name)) yield `${parent}.${name}`;
  for (const [key, field] of shape.fields) yield* unclassified(field, name, key, depth + 1);
  if (shape.items) yield* unclassified(shape.items, parent, name, depth + 1);
}

describe('what the request log keeps', () => {
  it('is decided for each text and number of each operation', () => {
    const undecided = LOGGED.flatMap((operation) =>
      [operation.params, operation.query, operation.body, operation.success.schema].flatMap((schema) => {
        const shape = shapeOf(schema);
        return shape
          ? [...unclassified(shape, '', '')].map((field) => `${operation.operationId}: ${field}`)
          : [];
      }),
    );
    expect(undecided).toEqual([]);
  });

  const text = { type: 'string' };
  const shape = shapeOf({
    type: 'object',
    properties: {
      customerId: text,
      asset: { type: 'string', enum: ['usd', 'usdc'] },
      url: text,
      owner: { type: 'object', properties: { name: text } },
      metadata: { type: 'object', additionalProperties: text },
      events: { type: 'array', items: text },
    },
  });

  it('is what the contract knows, in the form that it has there', () => {
    const id = 'cst_01h455vb4pex5vsknk084sn02q';
    expect(
      masked(shape, { customerId: id, asset: 'usd', events: ['cashIn.*'], url: 'https://a.example/x' }),
    ).toEqual({
      customerId: id,
      asset: 'usd',
      events: ['cashIn.*'],
      url: 'https://a.example/x',
    });
    expect(
      masked(shape, {
        customerId: 'Jane Smith',
        asset: 'Jane',
        events: ['Jane Smith'],
        url: 'https://a.example/?t=1',
      }),
    ).toEqual({ customerId: MASK, asset: MASK, events: [MASK], url: MASK });
  });

  it('is nothing of people, and of unknown fields their names if they are names of programs', () => {
    expect(
      masked(shape, {
        owner: { name: 'Jane Smith' },
        metadata: { order: 'Jane', 'Jane Smith': 1 },
        fristName: 'Jane',
        'jane@example.com': { deep: ['Jane', true] },
      }),
    ).toEqual({
      owner: { name: MASK },
      metadata: { order: MASK, [MASK]: MASK },
      fristName: MASK,
      [MASK]: { deep: [MASK, MASK] },
    });
  });
});
