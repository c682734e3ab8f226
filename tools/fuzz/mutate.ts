import type { Draft } from './flows.ts';
import type { Random } from './random.ts';

/** A request as it will be sent: the pieces that a mutation may spoil. */
export interface Shape {
  method: string;
  draft: Draft;
  headers: Record<string, string>;
  /** Sent instead of the draft's body. */
  text?: string;
}

const LONG = 10_000;
const HUGE_BODY = 300_000;
const DEPTH = 200;

const deep = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

/** Values that fit nowhere, or only just. */
const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 1,
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '😀'.repeat(101),
  'x'.repeat(101),
  'x'.repeat(256),
  'x'.repeat(LONG),
  '\u202e\u200b\ufeff',
  'NaN',
  '-0.00',
  '1e2',
  '0x10',
  '١٠٠',
  '00.01',
  '99999999999999999999.99',
  '2024-02-30T00:00:00Z',
  [],
  {},
  [null],
  [[]],
  { a: { b: { c: {} } } },
  { $ne: null },
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{}}}'),
  deep(DEPTH),
];

/** A copy, as later mutations may reach into it. */
const odd = (random: Random): unknown => structuredClone(random.pick(ODD));

type Mutation = (shape: Shape, random: Random) => void;

const MUTATIONS: readonly Mutation[] = [
  ({ draft }, random) => spoil(draft.body, random),
  ({ draft }, random) => spoil(draft.body, random),
  ({ draft }, random) => drop(draft.body, random),
  ({ draft }, random) => spoil(draft.query, random),
  ({ draft }, random) => spoil(draft.params, random),
  ({ draft }, random) => {
    draft.query[random.pick(['limit', 'startingAfter', 'endingBefore', 'createdAfter', 'x', '__proto__'])] =
      odd(random);
  },
  ({ draft }, random) => {
    if (draft.body) draft.body[random.pick(['x', 'constructor', 'toString', '\u0000', '😀'])] = odd(random);
  },
  (shape, random) => {
    shape.text = random.pick([
      '',
      'null',
      '[]',
      '"x"',
      '7',
      '{',
      '{"a":1,}',
      '{}{}',
      '\u0000',
      '{"a":"\\ud800"}',
    ]);
  },
  (shape) => {
    shape.text = `{"a":"${'x'.repeat(HUGE_BODY)}"}`;
  },
  ({ headers }, random) => {
    headers['content-type'] = random.pick([
      'text/plain',
      'application/xml',
      'x',
      'application/json; charset=utf-16',
    ]);
  },
  ({ headers }, random) => {
    const key = random.pick(['', undefined, 'x'.repeat(256), 'same-key', 'a\tb', ' ']);
    if (key === undefined) delete headers['idempotency-key'];
    else headers['idempotency-key'] = key;
  },
  ({ headers }, random) => {
    const token = random.pick([undefined, 'Bearer', 'Bearer x', 'Basic eDp5', 'Bearer e30.e30.e30']);
    if (token === undefined) delete headers.authorization;
    else headers.authorization = token;
  },
  (shape, random) => {
    shape.method = random.pick(['PUT', 'DELETE', 'PATCH', 'POST', 'GET']);
  },
];

/** Makes one to three things of the request wrong, or at least odd. */
export function mutate(shape: Shape, random: Random): void {
  for (let count = random.int(1, 3); count > 0; count--) random.pick(MUTATIONS)(shape, random);
}

/** Puts something odd at a place below the object. */
function spoil(target: object | undefined, random: Random): void {
  const place = placeIn(target, random);
  if (place) place.holder[place.name] = odd(random);
}

function drop(target: object | undefined, random: Random): void {
  const place = placeIn(target, random);
  if (place && !Array.isArray(place.holder)) delete place.holder[place.name];
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly name: string;
}

/** Any member, however deep; undefined when there is none. */
function placeIn(target: unknown, random: Random): Place | undefined {
  if (typeof target !== 'object' || target === null) return undefined;
  const names = Object.keys(target);
  if (names.length === 0) return undefined;
  const place = { holder: target as Record<string, unknown>, name: random.pick(names) };
  const below = random.chance(0.5) ? placeIn(place.holder[place.name], random) : undefined;
  return below ?? place;
}
