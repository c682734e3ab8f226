import { BASE_PATH, type Operation } from '@openoms/contract/operation.ts';
import { OPERATIONS } from '@openoms/contract/operations.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../src/kernel/assert.ts';
import {
  KINDS,
  makeThings,
  type Owner,
  REQUESTS,
  type Request,
  ROWS,
  type Row,
  type Things,
} from './authorization-rows.ts';
import { createWorld, type Project, type RawReply, type World } from './world.ts';

/** Of an `Id(prefix)` or `PathId(prefix)` of the contract. */
const ID_EXAMPLE = /^([A-Za-z]+)_01H9Xa…$/;

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly examples?: readonly unknown[];
}

/** Places of ids below a schema, with their prefixes. */
function idsIn(schema: Schema | undefined, at: string): (readonly [at: string, prefix: string])[] {
  if (!schema) return [];
  const prefix = schema.examples?.map((example) => ID_EXAMPLE.exec(String(example))?.[1]).find(Boolean);
  return [
    ...(prefix === undefined ? [] : [[at, prefix] as const]),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, member]) => idsIn(member, `${at}.${name}`)),
    ...idsIn(schema.items, `${at}.0`),
    ...(schema.anyOf ?? []).flatMap((each) => idsIn(each, at)),
  ];
}

const idsOf = ({ params, query, body }: Operation) => [
  ...idsIn(params, 'params'),
  ...idsIn(query, 'query'),
  ...idsIn(body, 'body'),
];

/** Values that are the id of nothing. `own` and `theirs` are of the kind that is asked for. */
const MALFORMED: Readonly<Record<string, (theirs: string, own: Things) => string>> = {
  garbage: () => '###',
  'an id of another kind': (theirs, own) => (theirs.startsWith('wlt_') ? own.cst : own.wlt) ?? '',
  'the id of another tenant in upper case': (theirs) => theirs.toUpperCase(),
  'the id of another tenant with a letter more': (theirs) => `${theirs}0`,
  'the id of another tenant cut short': (theirs) => theirs.slice(0, -1),
  'a wildcard of LIKE': () => '%',
  'SQL that is always true': () => "' or '1'='1",
  'SQL that ends a statement': () => "x'; delete from customers; --",
  'a way up': () => '..%2f..',
  'too long a text': () => 'x'.repeat(5_000),
  'a NUL': () => 'cst_\u0000',
  'letters of many scripts': () => 'ідентифікатор-標識符-🪪',
  'text that says null': () => 'null',
};

interface Case {
  readonly row: Row;
  readonly kind: string;
  readonly value: Owner | string;
  readonly isMalformed: boolean;
}

const CASES: readonly Case[] = ROWS.flatMap((row) => {
  const kind = row.kind ?? must(prefixOf(row), `${row.operation} has no id at ${row.at}`);
  const owners = must(KINDS[kind], `KINDS has ${kind}`).filter(
    (owner) => owner !== 'another customer' || row.ofCustomer,
  );
  return [
    ...owners.map((value) => ({ row, kind, value, isMalformed: false })),
    ...Object.keys(MALFORMED).map((value) => ({ row, kind, value, isMalformed: true })),
  ];
});

function prefixOf({ operation, at }: Row): string | undefined {
  return idsOf(OPERATIONS[operation]).find(([place]) => place === at)?.[1];
}

let world: World;
const things: Record<Owner | 'own', Things> = {
  own: {},
  'another tenant': {},
  'the other mode': {},
  'another customer': {},
  deleted: {},
};
let owners: readonly Project[];
let before: readonly string[];

beforeAll(async () => {
  world = await createWorld();
  const stranger = await world.newProject();
  const live = await world.newProject({ mode: 'live' });
  owners = [world.project, stranger, live];
  things.own = await makeThings(world, world.project);
  things['another customer'] = await makeThings(world, world.project);
  things['another tenant'] = await makeThings(world, stranger);
  things['the other mode'] = await makeThings(world, live, false);
  const deleted = await world.client.webhooks.create({ url: 'https://hooks.example.com/', enabled: false });
  await world.client.webhooks.delete(deleted.id);
  const closed = await world.client.virtualAccounts.create(things.own.cst ?? '', {
    source: { asset: 'usd', network: 'usBank' },
    destination: { wallet: { wallet: things.own.wlt ?? '' }, asset: 'usdc', network: 'polygon' },
  });
  await world.client.virtualAccounts.delete(closed.id);
  things.deleted = { whk: deleted.id, va: closed.id };
  await world.drain();
  before = await everything();
});
afterAll(() => world.close());

/** All that the projects can see of themselves. */
async function everything(): Promise<string[]> {
  const lists = Object.values(OPERATIONS).filter(
    (operation: Operation) => operation.method === 'GET' && !/:|cash-locations/.test(operation.path),
  );
  const replies = owners.flatMap((as) =>
    lists.map(async ({ path }) => (await world.fetch('GET', `${BASE_PATH}${path}?limit=100`, { as })).text),
  );
  return Promise.all(replies);
}

/** One's own request, with the value at the row's place. */
function requestWith(row: Row, value: string): Request {
  const operation: Operation = OPERATIONS[row.operation];
  const own = REQUESTS[row.operation]?.(things.own) ?? {};
  const params = Object.fromEntries(
    idsIn(operation.params, '').map(([at, prefix]) => [at.slice(1), things.own[prefix] ?? '']),
  );
  const request = structuredClone({ ...own, params: { ...params, ...own.params } }) as Record<
    string,
    unknown
  >;
  if (row.instead) put(request, row.instead.split('.'), undefined);
  put(request, row.at.split('.'), value);
  return request;
}

function put(target: Record<string, unknown>, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  target[name] ??= {};
  put(target[name] as Record<string, unknown>, rest, value);
}

async function ask(row: Row, value: string): Promise<RawReply> {
  const { method, path }: Operation = OPERATIONS[row.operation];
  const { params = {}, query = {}, body } = requestWith(row, value);
  const filled = path.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = Object.entries(query).map(([name, each]) => `${name}=${encodeURIComponent(each)}`);
  return world.fetch(method, `${BASE_PATH}${filled}${search.length > 0 ? `?${search.join('&')}` : ''}`, {
    headers: { 'idempotency-key': world.key() },
    ...(body && { body }),
  });
}

/** Of this kind and nobody's. */
function unknownOf(kind: string): string {
  const sample = things.own[kind] ?? '';
  if (kind in things.own && !sample.includes('_'))
    return sample.replaceAll(/\d/g, '0').replaceAll(/[A-Z]/g, 'Z');
  return `${kind}_01h455vb4pex5vsknk084sn02q`;
}

const shown = ({ json: { requestId: _, ...body } }: RawReply) => body;

function idOf({ kind, value, isMalformed }: Case): string {
  const theirs = things['another tenant'][kind] ?? unknownOf(kind);
  if (isMalformed) return must(MALFORMED[value], value)(theirs, things.own);
  return must(things[value as Owner][kind], `${value} has a ${kind}`);
}

function expectRefusal(reply: RawReply, nobodys: RawReply, { row, isMalformed }: Case): void {
  if (isMalformed && reply.status === 400) {
    const field = row.at.replace(/^\w+\./, '');
    expect(reply.json).toMatchObject({ code: 'validation_error', details: [{ field }] });
    return;
  }
  expect(reply.status).toBe(nobodys.status);
  // The router, which knows no kinds, refuses a path segment that is too long.
  if (isMalformed && reply.status === 404) expect(reply.json.code).toBe('not_found');
  else expect(shown(reply)).toEqual(shown(nobodys));
}

describe(`${CASES.length} requests for what is not one’s own`, () => {
  it('are of every id that the contract’s requests carry', () => {
    const operations: readonly Operation[] = Object.values(OPERATIONS);
    const places = operations.flatMap((operation) =>
      idsOf(operation).map(([at]) => `${operation.operationId} ${at}`),
    );
    const rows = ROWS.map(({ operation, at }) => `${operation} ${at}`);
    expect(places.filter((place) => !rows.includes(place))).toEqual([]);
    expect(rows).toEqual([...new Set(rows)]);
    expect(CASES.length).toBeGreaterThan(500);
  });

  describe.each(ROWS.map((row) => [row.operation, row.at, row] as const))('%s %s', (_operation, _at, row) => {
    const cases = CASES.filter((each) => each.row === row);
    let nobodys: RawReply;
    beforeAll(async () => {
      nobodys = await ask(row, unknownOf(must(cases[0], 'a case').kind));
    });

    it('of nobody', () => {
      if (row.outcome === 'absent') expect(shown(nobodys)).toMatchObject({ code: 'not_found', details: [] });
      else expect(nobodys.status).toBe(200);
      if (row.outcome === 'empty') expect(nobodys.json.data).toEqual([]);
    });

    it.each(cases.map((each) => [each.value, each] as const))('of %s', async (_value, each) => {
      expectRefusal(await ask(row, idOf(each)), nobodys, each);
    });
  });

  it('leave everything as it was, and are no defect of the server', async () => {
    expect(await everything()).toEqual(before);
    expect(world.logged.filter((line) => line.includes('request failed'))).toEqual([]);
  });

  it('would have found one’s own: nothing but the id was wrong', async () => {
    // The till first, as refreshing a code voids it.
    const inOrder = ROWS.toSorted((a, b) => Number(isOfTill(b)) - Number(isOfTill(a)));
    for (const row of inOrder) {
      const own =
        things.own[
          must(
            CASES.find((each) => each.row === row),
            'a case',
          ).kind
        ];
      if (own === undefined) continue;
      const reply = await ask(row, own);
      expect([200, 201, 204, 409], `${row.operation} ${row.at}: ${reply.text}`).toContain(reply.status);
      if (row.outcome === 'empty') expect(reply.json.data, row.at).not.toEqual([]);
    }
  });
});

const isOfTill = ({ operation }: Row): boolean => operation.startsWith('simulate');
