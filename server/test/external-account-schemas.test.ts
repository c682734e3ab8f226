import type { ExternalAccountSchemas } from '@openoms/contract/external-accounts.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type RawReply, type World } from './world.ts';

type Schema = ExternalAccountSchemas['data'][number];
type Field = Schema['fields'][number];

let world: World;
let customerId: string;
beforeAll(async () => {
  world = await createWorld();
  customerId = (await world.client.customers.create({})).id;
});
afterAll(() => world.close());

const ADDRESS = '0x52908400098527886E0F7030069857D2E4169EE7';
const OWNER = { name: 'Alice Martin', type: 'individual' as const };

const create = (body: unknown) =>
  world.fetch('POST', `/v0.9/customers/${customerId}/external-accounts`, { body });
const fieldsOf = (reply: RawReply): string[] =>
  reply.json.details.map(({ field }: { field: string }) => field);

describe('the schemas', () => {
  const list = async (query = '') =>
    (await world.fetch('GET', `/v0.9/external-accounts/schemas${query}`)).json.data as Schema[];

  it('are filtered by country and currency', async () => {
    expect((await list('?country=DE')).map(({ fields }) => fields.map(({ name }) => name))).toEqual([
      ['iban', 'swiftCode', 'bankName'],
    ]);
    expect((await list('?country=CA'))[0]?.fields[0]).toMatchObject({ name: 'country', enum: ['CA'] });
    expect((await list('?currency=usdc')).map(({ type }) => type)).toEqual(['blockchainAddress']);
    expect(await list('?country=ZZ')).toEqual([]);
    expect(await list('?currency=xyz')).toEqual([]);
    expect(await list('?country=US&currency=usdc')).toEqual([]);
    expect((await list()).length).toBeGreaterThan(90);
    expect(await world.client.externalAccounts.schemas({ country: 'ZZ' })).toEqual({ data: [] });
  });

  it('are what a registration is checked by: examples', async () => {
    for (const schema of await list()) {
      if (schema.fields.some(({ required, example }) => required && example === undefined)) continue;
      const bankDetails = Object.fromEntries(schema.fields.map(({ name, example }) => [name, example]));
      const reply = await create({ type: schema.type, network: schema.network, owner: OWNER, bankDetails });
      expect(reply.status, reply.text).toBe(201);
    }
  });

  it('are what a registration is checked by: anything they allow is taken, anything else refused', async () => {
    const schemas = await list();
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc
          .constantFrom(...sampleOf(schemas))
          .chain((schema) => fc.tuple(fc.constant(schema), bodyOf(schema))),
        async ([schema, { bankDetails, wrong }]) => {
          const reply = await create({
            type: schema.type,
            network: schema.network,
            owner: OWNER,
            bankDetails,
          });
          seen.add(`${schema.type} ${reply.status}`);
          if (wrong.length === 0) expect(reply.status, reply.text).toBe(201);
          else expect(fieldsOf(reply).toSorted(), JSON.stringify(bankDetails)).toEqual(wrong.toSorted());
        },
      ),
      { numRuns: 200 },
    );
    expect(seen.size).toBe(8);
  });
});

/** Each rail as often as another, however many countries it is in. */
const sampleOf = (schemas: readonly Schema[]): Schema[] => {
  const byShape = Map.groupBy(schemas, ({ type, network, fields }) => `${type} ${network} ${fields.length}`);
  const most = Math.max(...[...byShape.values()].map(({ length }) => length));
  return [...byShape.values()].flatMap((group) =>
    Array.from({ length: most }, (_, index) => group[index % group.length] as Schema),
  );
};

interface Generated {
  readonly bankDetails: Record<string, unknown>;
  /** Paths of the fields that break the schema. */
  readonly wrong: readonly string[];
}

/** Details by nothing but the schema: of each field a right value, a wrong one or none. */
function bodyOf(schema: Schema): fc.Arbitrary<Generated> {
  const choices = schema.fields.map((field) => {
    const right = rightValue(field).map((value) => ({ field, value, isWrong: false as boolean }));
    const absent = fc.constant({ field, value: undefined, isWrong: field.required });
    const wrong = wrongValue(field).map((value) => ({ field, value, isWrong: true }));
    // Without its country, the details are those of another schema.
    if (field.name === 'country') return right;
    return fc.oneof(
      { weight: 4, arbitrary: right },
      { weight: 1, arbitrary: absent },
      { weight: 1, arbitrary: wrong },
    );
  });
  return fc.tuple(...choices).map((chosen) => ({
    bankDetails: Object.fromEntries(chosen.map(({ field, value }) => [field.name, value])),
    wrong: chosen.filter(({ isWrong }) => isWrong).map(({ field }) => field.path),
  }));
}

const matches = ({ pattern = '', maxLength = Infinity }: Field, value: string): boolean =>
  new RegExp(pattern, 'u').test(value) && [...value].length <= maxLength;
const hasForm = (field: Field, value: unknown): boolean =>
  typeof value === 'string' && (field.enum?.includes(value) ?? matches(field, value));

function rightValue(field: Field): fc.Arbitrary<string> {
  if (field.enum) return fc.constantFrom(...field.enum);
  // The years that a card can still be good for.
  if (field.name === 'expiryYear') return fc.integer({ min: 2060, max: 2099 }).map(String);
  if (field.name === 'bankName') return fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  const form = fc.stringMatching(new RegExp(field.pattern ?? ''));
  return field.check ? form.map((text) => withRightCheck(field.check, text)) : form;
}

function wrongValue(field: Field): fc.Arbitrary<unknown> {
  const texts = [fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[0-9A-Z]{0,36}$/)];
  if (field.pattern && !field.enum && field.name !== 'bankName') {
    texts.push(fc.stringMatching(new RegExp(field.pattern)).map((text) => `${text}0`));
    texts.push(fc.stringMatching(new RegExp(field.pattern)).map((text) => ` ${text}`));
  }
  const malformed = fc.oneof(...texts).filter((text) => !hasForm(field, text));
  const others = fc.oneof(malformed, fc.constantFrom<unknown>(null, 7, true, {}, ['x'], '\u0000'));
  if (!field.check || field.check === 'eip55-address') return others;
  const unchecked = rightValue(field).map((text) => withWrongCheck(field.check, text));
  return fc.oneof(others, unchecked);
}

/** By the definitions, written another way than the server's. */
const WEIGHTS = [3, 7, 1];
const routingSum = (digits: readonly number[]): number =>
  digits.reduce((sum, digit, index) => sum + digit * (WEIGHTS[index % 3] ?? 0), 0);
const DOUBLED = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
const cardSum = (digits: readonly number[]): number =>
  digits.toReversed().reduce((sum, digit, index) => sum + (index % 2 ? (DOUBLED[digit] ?? 0) : digit), 0);
const ibanRemainder = (text: string): bigint =>
  BigInt([...text.slice(4), ...text.slice(0, 4)].map((each) => Number.parseInt(each, 36)).join('')) % 97n;

const withIbanDigits = (text: string, digits: number): string =>
  text.slice(0, 2) + String(digits).padStart(2, '0') + text.slice(4);

/** The text with the check digits it should have. */
function withRightCheck(check: Field['check'], text: string): string {
  if (check === 'eip55-address') return /^0x0+$/.test(text) ? ADDRESS : text.toLowerCase();
  if (check === 'iban') return withIbanDigits(text, 98 - Number(ibanRemainder(withIbanDigits(text, 0))));
  const sum = check === 'card-number' ? cardSum : routingSum;
  const body = (/^0+$/.test(text) ? `01${text.slice(2)}` : text).slice(0, -1);
  return body + ((10 - (sum([...`${body}0`].map(Number)) % 10)) % 10);
}

/** Right but for its check digit, which is the next one: of an IBAN 02 to 98, of the others the last digit. */
function withWrongCheck(check: Field['check'], text: string): string {
  if (check === 'iban') return withIbanDigits(text, ((Number(text.slice(2, 4)) - 1) % 97) + 2);
  return text.slice(0, -1) + ((Number(text.slice(-1)) + 1) % 10);
}
