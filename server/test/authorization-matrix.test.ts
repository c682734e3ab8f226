import { BASE_PATH, DIALECT_PATH, type Operation } from '@openoms/contract/operation.ts';
import { OPERATIONS } from '@openoms/contract/operations.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOfDialect, NAMED_OPERATIONS } from '../../tools/conformance/operation-names.ts';
import { must } from '../src/kernel/assert.ts';
import { REQUESTS, type Request, ROWS, type Row } from './authorization-rows.ts';
import { deletableThings, KINDS, makeThings, type Owner, type Things } from './authorization-things.ts';
import { createWorld, type Project, type RawReply, type World } from './world.ts';

/** On a busy machine; otherwise some 20 s. */
const SETUP_MS = 180_000;
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

function operationNamed(name: string): Operation {
  return must(NAMED_OPERATIONS[name], name);
}

function prefixOf({ operation, at }: Row): string | undefined {
  return idsOf(operationNamed(operation)).find(([place]) => place === at)?.[1];
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
  things.deleted = await makeDeleted();
  await world.drain();
  before = await everything();
}, SETUP_MS);
afterAll(() => world.close());

/** Of one's own customer, and gone. */
async function makeDeleted(): Promise<Things> {
  const { client } = world;
  const made = await makeThings(world, world.project, false);
  const { whk = '', whd = '', tested = '', va = '', cpUsBank = '', cpBcAddr = '' } = made;
  await client.webhooks.delete(whk);
  await client.virtualAccounts.delete(va);
  for (const id of [cpUsBank, cpBcAddr]) await client.externalAccounts.delete(id);
  return { whk, whd, tested, va, cpUsBank, cpBcAddr };
}

/** All that the projects can see of themselves. */
async function everything(): Promise<string[]> {
  const lists = Object.values(OPERATIONS).filter(
    (operation: Operation) =>
      operation.method === 'GET' && !operation.sandboxOnly && !/:|cash-locations/.test(operation.path),
  );
  const replies = owners.flatMap((as) =>
    lists.map(async ({ path }) => {
      const { text, json } = await world.fetch('GET', `${BASE_PATH}${path}?limit=100`, { as });
      return path === '/audit-entries' ? JSON.stringify(json.data.filter(isNoReplay)) : text;
    }),
  );
  return Promise.all(replies);
}

/** To have nothing replayed to one's own webhook is an act like any other. */
const isNoReplay = ({ action }: { action: string }): boolean => action !== 'webhook.replayed';

/** One's own request, with the value at the row's place. */
function requestWith(row: Row, value: string): Request {
  const operation = operationNamed(row.operation);
  const own = (row.request ?? REQUESTS[row.operation])?.(things.own) ?? {};
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
  const { method, path } = operationNamed(row.operation);
  const { params = {}, query = {}, body } = requestWith(row, value);
  const filled = path.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = Object.entries(query).map(([name, each]) => `${name}=${encodeURIComponent(each)}`);
  const version = isOfDialect(row.operation) ? DIALECT_PATH : BASE_PATH;
  return world.fetch(method, `${version}${filled}${search.length > 0 ? `?${search.join('&')}` : ''}`, {
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
    const places = Object.entries(NAMED_OPERATIONS).flatMap(([name, operation]) =>
      idsOf(operation).map(([at]) => `${name} ${at}`),
    );
    const rows = ROWS.map(({ operation, at }) => `${operation} ${at}`);
    expect(places.filter((place) => !rows.includes(place))).toEqual([]);
    expect(rows).toEqual([...new Set(rows)]);
    expect(CASES.length).toBeGreaterThan(1_700);
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
      if (row.outcome === 'nothing') expect(nobodys.json.deliveries).toBe(0);
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
    // The till first, as refreshing a code voids it; what deletes last.
    const inOrder = ROWS.toSorted((a, b) => turnOf(a) - turnOf(b));
    for (const row of inOrder) {
      if (isDeletion(row))
        things.own = { ...things.own, ...(await deletableThings(world.client, ownWallet())) };
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
      if (row.outcome === 'nothing') expect(reply.json.deliveries, row.at).toBeGreaterThan(0);
    }
  });
});

const ownWallet = () => ({ id: things.own.wlt ?? '', customerId: things.own.cst ?? '' });
const isDeletion = ({ operation }: Row): boolean => operationNamed(operation).method === 'DELETE';
const turnOf = (row: Row): number => {
  if (row.operation.startsWith('simulate')) return 0;
  return isDeletion(row) ? 2 : 1;
};
