import { EVENTS } from '@openoms/contract/events.ts';
import { AMOUNT_PATTERN, NO_NUL } from '@openoms/contract/fields.ts';
import fc from 'fast-check';
import type { Pool } from './pool.ts';
import type { Random } from './random.ts';

/** As much of JSON Schema as the contract uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly examples?: readonly unknown[];
}

export interface Source {
  readonly random: Random;
  readonly pool: Pool;
}

type Make = (source: Source) => unknown;

const ID_EXAMPLE = /^([A-Za-z]+)_01H9Xa…$/;
const UNKNOWN_ID = '01h455vb4pex5vsknk084sn02q';
const DEFAULT_MAX_LENGTH = 60;
const SHARE_OF_OPTIONAL = 0.5;
const SHARE_OF_KNOWN_IDS = 0.9;

const WORDS = [
  'Jane',
  'Smith',
  '123 Main St',
  "O'Brien",
  'Zoë',
  '北京市',
  'Ærøskøbing',
  '🪙🧾',
  'مرحبا',
  'a"b\\c',
  '%_',
  "'; drop table customers; --",
  '<b>x</b>',
  '\u202eabc',
  'e\u0301',
  '\t\n',
  ' ',
];

/** Strings of a known form, by their pattern. */
const BY_PATTERN: Readonly<Record<string, Make>> = {
  [AMOUNT_PATTERN]: ({ random }) => amount(random),
  '^(1(\\.0{1,6})?|0\\.(?!0{1,6}$)[0-9]{1,6})$': ({ random }) => random.pick(['1', '0.5', '0.000001']),
  '^[A-Z]{2}$': ({ random }) => random.pick(['US', 'US', 'DE', 'BR', 'ZZ']),
  '^\\+[1-9][0-9]{6,14}$': ({ random }) => `+1${random.digits(random.int(6, 14))}`,
  '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$': ({ random }) =>
    random.pick(['1990-05-15', '2000-02-29', '1900-01-01', '2001-02-29', '2999-12-31']),
  '^(\\*|[A-Za-z]+)(\\.(\\*|[A-Za-z]+)){0,3}$': ({ random }) =>
    random.pick(['*', 'cashIn.*', 'transaction.*.failed', 'no.such', ...Object.keys(EVENTS)]),
  '^0x[0-9a-fA-F]{40}$': ({ random }) => `0x${random.digits(40)}`,
};

/** Nothing that is sent may leave the machine: the loopback's discard port, and a name that no one can have. */
const URLS = ['http://127.0.0.1:9/hook', 'http://localhost:9/', 'https://example.invalid/hook'];

const BY_FORMAT: Readonly<Record<string, Make>> = {
  email: ({ random }) => `jane${random.digits(3)}@example.com`,
  uri: ({ random }) => random.pick(URLS),
  'date-time': ({ random }) =>
    random.pick([
      '2024-01-15T10:00:00Z',
      '2999-01-01T00:00:00.123456789Z',
      '0001-01-01T00:00:00+14:00',
      '2016-12-31T23:59:60Z',
    ]),
};

const BY_TYPE: Readonly<Record<string, (schema: JsonSchema, source: Source) => unknown>> = {
  string: text,
  integer: ({ minimum = -1000, maximum = 1000 }, { random }) => random.int(minimum, maximum),
  number: ({ minimum = -1000, maximum = 1000 }, { random }) => minimum + random.next() * (maximum - minimum),
  boolean: (_schema, { random }) => random.chance(0.5),
  null: () => null,
  array: ({ items = {}, maxItems = 3 }, source) => {
    const made = Array.from({ length: source.random.int(0, Math.min(3, maxItems)) }, () =>
      generate(items, source),
    );
    return [...new Map(made.map((each) => [JSON.stringify(each), each])).values()];
  },
  object: objectOf,
};

/** A value that is of the schema, but for what only the server can know. */
export function generate(schema: JsonSchema, source: Source): unknown {
  const { random, pool } = source;
  if ('const' in schema) return schema.const;
  if (schema.enum) return random.pick(schema.enum);
  if (schema.anyOf) return generate(random.pick(schema.anyOf), source);
  const prefix = idPrefixOf(schema);
  if (prefix !== undefined) {
    const known = random.chance(SHARE_OF_KNOWN_IDS) ? pool.id(prefix, random) : undefined;
    return known ?? `${prefix}_${UNKNOWN_ID}`;
  }
  const type = typeof schema.type === 'string' ? schema.type : random.pick(schema.type ?? ['string']);
  const make = BY_TYPE[type];
  if (!make) throw new Error(`no values of type ${type}`);
  return make(schema, source);
}

/** The prefix of the ids that a schema stands for. */
const idPrefixOf = ({ examples = [] }: JsonSchema): string | undefined =>
  examples.map((example) => ID_EXAMPLE.exec(String(example))?.[1]).find(Boolean);

function objectOf(schema: JsonSchema, source: Source): Record<string, unknown> {
  const { random } = source;
  if (!schema.properties) return metadata(source);
  const { required = [] } = schema;
  const chosen = Object.entries(schema.properties).filter(
    ([name]) => required.includes(name) || random.chance(SHARE_OF_OPTIONAL),
  );
  return Object.fromEntries(chosen.map(([name, member]) => [name, generate(member, source)]));
}

function metadata({ random }: Source): Record<string, unknown> {
  const values = [null, true, 0, -0, 1.5, 1e308, Number.MAX_SAFE_INTEGER, '', ...WORDS];
  return Object.fromEntries(
    Array.from({ length: random.int(0, 4) }, (_, index) => [
      random.pick([`k${index}`, ...WORDS, 'constructor', 'toString']),
      random.pick(values),
    ]),
  );
}

function text(schema: JsonSchema, source: Source): unknown {
  const { random } = source;
  const { pattern, format, minLength = 0, maxLength = DEFAULT_MAX_LENGTH, examples } = schema;
  const make = BY_PATTERN[pattern ?? ''] ?? BY_FORMAT[format ?? ''];
  if (make) return make(source);
  if (pattern !== undefined && pattern !== NO_NUL) return matching(pattern, random);
  if (examples && random.chance(0.5)) return random.pick(examples);
  if (random.chance(0.05)) return random.pick(['x', '😀']).repeat(maxLength);
  const word = random.pick(WORDS).slice(0, maxLength);
  return word.isWellFormed() && word.length >= minLength ? word : 'x'.repeat(Math.max(minLength, 1));
}

/** Of a form that is not known here: any text that matches, but for what a look ahead forbids. */
function matching(pattern: string, random: Random): string {
  const texts = matchers.get(pattern) ?? fc.stringMatching(new RegExp(pattern.replace(LOOK_AHEAD, '^')));
  matchers.set(pattern, texts);
  const [text = ''] = fc.sample(texts, { seed: random.int(0, MAX_SEED), numRuns: 1 });
  return text;
}
const LOOK_AHEAD = /^\^\(\?!([^()]|\([^()]*\))*\)/;
const matchers = new Map<string, fc.Arbitrary<string>>();
const MAX_SEED = 2 ** 31 - 1;

const amount = (random: Random): string =>
  random.pick([
    `${random.int(20, 500)}.00`,
    `${random.int(20, 500)}.${random.digits(2)}`,
    '0.00',
    '0.01',
    '19.99',
    '500.01',
    '999999999999999.99',
    `1.${random.digits(18)}`,
  ]);
