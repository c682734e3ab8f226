import type { SettingsChange } from '@openoms/contract/settings.ts';
import type { OpenOMS } from '@openoms/sdk';
import { isRefusal } from '../connection.ts';
import { untilIdle } from '../idle.ts';
import { requireKnown, type SeedDocument } from './document.ts';
import { type Making, SECTIONS } from './sections.ts';
import type { MadeOf, World } from './seed.ts';

const SETUP = ['seed', 'clock', 'settings'] as const;
type SectionName = keyof MadeOf;
const SECTION_NAMES = Object.keys(SECTIONS) as SectionName[];
const isSection = (name: string): name is SectionName => Object.hasOwn(SECTIONS, name);

/** Names are parts of references and of idempotency keys. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const REFERENCE = /^\$([A-Za-z]+)\.([A-Za-z0-9_-]+)$/;

type Path = readonly (string | number)[];
type Fields = Readonly<Record<string, unknown>>;

/** What was made so far: its id by its place, `wallets.main`. */
type Ids = ReadonlyMap<string, string>;

export interface Plant {
  readonly client: OpenOMS;
  readonly document: SeedDocument;
  /** Told of each thing as it is made. */
  readonly onMade?: (place: string, id: string) => void;
}

/**
 * Makes in a sandbox project what the seed says, in its order, by calls that any client could make. Done again, it makes
 * nothing twice, or, when it begins with a `seed`, the same anew. Throws `SeedError`; what can be checked is checked before
 * anything is made.
 */
export async function plant({ client, document, onMade = () => undefined }: Plant): Promise<World> {
  check(document);
  const ids = new Map<string, string>();
  const world: Record<SectionName, Record<string, unknown>> = {
    keys: {},
    webhooks: {},
    customers: {},
    wallets: {},
    externalAccounts: {},
    virtualAccounts: {},
    depositAddresses: {},
  };
  for (const [section, content] of Object.entries(document.value)) {
    if (!isSection(section)) {
      await told(document, [section], () => setUp(client, section as (typeof SETUP)[number], content));
      continue;
    }
    for (const [name, fields] of Object.entries(content as Record<string, Fields | null>)) {
      const making = makingOf(client, document, ids, [section, name], fields ?? {});
      const made = await SECTIONS[section].make(making);
      const id = 'id' in made ? made.id : made.apiKey;
      world[section][name] = made;
      ids.set(`${section}.${name}`, id);
      onMade(`${section}.${name}`, id);
    }
  }
  return world as World;
}

async function setUp(client: OpenOMS, section: (typeof SETUP)[number], content: unknown): Promise<void> {
  if (section === 'settings') {
    await client.settings.update(content as SettingsChange);
    return;
  }
  if (section === 'seed') {
    await client.sandbox.reset({ seed: String(content) });
    return;
  }
  const advanceTo = String(content);
  const clock = await client.sandbox.clock.set({ freeze: true });
  if (Date.parse(clock.now) !== Date.parse(advanceTo)) await client.sandbox.clock.set({ advanceTo });
}

function makingOf(
  client: OpenOMS,
  document: SeedDocument,
  ids: Ids,
  path: readonly [string, string],
  given: Fields,
): Making {
  const { customer, ...fields } = given;
  return {
    client,
    name: path[1],
    fields: resolved(fields, ids) as Fields,
    customerId: ids.get(`customers.${customer}`) ?? '',
    call: (field, call) =>
      told(document, [...path, ...field], async () => {
        const made = await call({ idempotencyKey: ['seed', ...path, ...field].join('.') });
        await untilIdle(client);
        return made;
      }),
  };
}

function resolved(value: unknown, ids: Ids): unknown {
  if (typeof value === 'string') return ids.get(placeOf(value) ?? '') ?? value;
  if (Array.isArray(value)) return value.map((item) => resolved(item, ids));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, resolved(field, ids)]));
}

/** What a reference refers to, `wallets.main`; undefined for any other text. */
function placeOf(text: string): string | undefined {
  const [, section, name] = REFERENCE.exec(text) ?? [];
  return section === undefined ? undefined : `${section}.${name}`;
}

/** A refusal of the API is told of the field that it names. */
async function told<T>(document: SeedDocument, path: Path, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const [detail] = error.details;
    if (!detail) throw document.error(path, `is refused: ${error.code}: ${error.message}`, error);
    const field = detail.field === 'body' || detail.field === '' ? [] : detail.field.split('.');
    throw document.error([...path, ...field], detail.issue, error);
  }
}

/** Names, fields and references. */
function check(document: SeedDocument): void {
  const known = new Set<string>();
  const sections = Object.entries(document.value);
  if (sections.findIndex(([section]) => section === 'seed') > 0)
    throw document.error(['seed'], 'stands before all else: it empties the project.');
  for (const [section, content] of sections) {
    requireKnown(document, [section], [...SETUP, ...SECTION_NAMES]);
    if (!isSection(section)) continue;
    if (!isMapping(content)) throw document.error([section], 'is a mapping of names.');
    for (const [name, entry] of Object.entries(content)) {
      checkEntry(document, [section, name], entry, known);
      known.add(`${section}.${name}`);
    }
  }
}

function checkEntry(
  document: SeedDocument,
  path: readonly [SectionName, string],
  entry: unknown,
  known: ReadonlySet<string>,
): void {
  const [section, name] = path;
  const { fields, isOwned } = SECTIONS[section];
  if (!NAME.test(name)) throw document.error(path, 'is no name: letters, digits, - and _, at most 64.');
  if (entry !== null && !isMapping(entry)) throw document.error(path, 'is a mapping of fields.');
  for (const field of Object.keys(entry ?? {}))
    requireKnown(document, [...path, field], isOwned ? ['customer', ...fields] : fields);
  if (isOwned) checkReference(document, [...path, 'customer'], `customers.${entry?.customer}`, known);
  for (const [at, text] of textsOf(entry, path)) {
    const place = placeOf(text);
    if (place !== undefined) checkReference(document, at, place, known);
  }
}

function checkReference(document: SeedDocument, path: Path, place: string, known: ReadonlySet<string>): void {
  if (!known.has(place)) throw document.error(path, `refers to ${place}, which does not stand before it.`);
}

function textsOf(value: unknown, path: Path): (readonly [path: Path, text: string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  const items: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return items.flatMap(([step, item]) => textsOf(item, [...path, step]));
}

const isMapping = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
