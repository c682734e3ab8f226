import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ErrorCode } from '@openoms/contract/errors.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** The vectors as they lie in contract/vectors; README.md there says what each field means. */

export interface Assertion {
  readonly at: string;
  readonly equals?: unknown;
  readonly type?: 'string' | 'number' | 'boolean' | 'object' | 'array' | 'null';
  readonly matches?: string;
  readonly present?: boolean;
  readonly length?: number;
  /** An element of the array has these members. */
  readonly some?: Readonly<Record<string, unknown>>;
}

export interface Expectation {
  readonly status: number | string;
  readonly code?: string;
  /** Exactly the fields that `details` names, in any order. */
  readonly details?: readonly string[] | string;
  /** Null: the header is absent. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: readonly Assertion[];
  /** Name of an earlier step, whose answer's text this one repeats. */
  readonly sameAs?: string;
}

export interface RequestStep {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the bearer token of the key. Null sends none. */
  readonly token?: string | null;
  readonly body?: unknown;
  /** Members added to the object `body`. */
  readonly bodyAlso?: Readonly<Record<string, unknown>>;
  /** Sent as it is, instead of `body`. */
  readonly text?: string;
  readonly expect: Expectation;
  readonly capture?: Readonly<Record<string, string>>;
  readonly until?: { readonly withinSeconds: number };
}

/** Runs a fixture anew; `capture` renames what it sets. */
export interface FixtureStep {
  readonly do: string;
  readonly capture?: Readonly<Record<string, string>>;
}

export type Step = RequestStep | FixtureStep;

interface Sequence {
  /** Fixtures that are run once for all who use them. */
  readonly uses?: readonly string[];
  readonly steps: readonly Step[];
}

export type Fixture = Sequence;

export type Case = Readonly<Record<string, unknown>>;

/** Rows of a table that have certain columns, lack others, and have these values. */
interface Selection {
  readonly table: string;
  readonly having?: readonly string[];
  readonly lacking?: readonly string[];
  readonly where?: Case;
}

export interface Vector extends Sequence {
  readonly name: string;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly cases?: readonly Case[] | Selection;
}

export interface NotProvokable {
  readonly codes: readonly ErrorCode[];
  readonly operations?: readonly string[];
  readonly reason: string;
}

interface VectorFile {
  readonly fixtures?: Readonly<Record<string, Fixture>>;
  readonly tables?: Readonly<Record<string, readonly Case[]>>;
  readonly vectors?: readonly Vector[];
  readonly notProvokable?: readonly NotProvokable[];
}

/** All files as one. */
export interface Suite {
  readonly fixtures: ReadonlyMap<string, Fixture>;
  readonly tables: ReadonlyMap<string, readonly Case[]>;
  readonly vectors: readonly (Vector & { readonly file: string })[];
  readonly notProvokable: readonly NotProvokable[];
}

const DIRECTORY = fileURLToPath(new URL('../../contract/vectors', import.meta.url));
const SCHEMA = 'vectors.schema.json';

const readJson = (name: string): unknown => JSON.parse(readFileSync(join(DIRECTORY, name), 'utf8'));

/** Reads contract/vectors. Throws naming the file and the place that is not of the schema, or a name used twice. */
export function loadSuite(): Suite {
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  const isVectorFile = ajv.compile<VectorFile>(readJson(SCHEMA) as object);
  const names = readdirSync(DIRECTORY).filter((name) => name.endsWith('.json') && name !== SCHEMA);
  const files = names.sort().map((name) => {
    const content = readJson(name);
    if (!isVectorFile(content)) throw new Error(`${name}: ${ajv.errorsText(isVectorFile.errors)}`);
    return { name: name.replace(/\.json$/, ''), content };
  });
  return {
    fixtures: merged(files.map(({ content }) => content.fixtures ?? {})),
    tables: merged(files.map(({ content }) => content.tables ?? {})),
    vectors: files.flatMap(({ name, content }) =>
      (content.vectors ?? []).map((vector) => ({ ...vector, file: name })),
    ),
    notProvokable: files.flatMap(({ content }) => content.notProvokable ?? []),
  };
}

function merged<T>(parts: readonly Readonly<Record<string, T>>[]): ReadonlyMap<string, T> {
  const all = new Map<string, T>();
  for (const [name, value] of parts.flatMap((part) => Object.entries(part))) {
    if (all.has(name)) throw new Error(`${name} is there twice`);
    all.set(name, value);
  }
  return all;
}

/** The cases of a vector: its own, the rows of a table that have certain columns, or one without variables. */
export function casesOf(suite: Suite, { name, cases }: Vector): readonly Case[] {
  if (cases === undefined) return [{}];
  if (!('table' in cases)) return cases;
  const rows = suite.tables.get(cases.table);
  if (!rows) throw new Error(`${name}: there is no table ${cases.table}`);
  return rows.filter(
    (row) =>
      (cases.having ?? []).every((column) => row[column] !== undefined) &&
      (cases.lacking ?? []).every((column) => row[column] === undefined) &&
      Object.entries(cases.where ?? {}).every(([column, value]) => row[column] === value),
  );
}
