import { KEPT_FIELDS, type LoggedForm, MASKED_FIELDS } from '@openoms/contract/console/logged-fields.ts';

/** In the place of what is not kept. */
export const MASK = '•••';

const MAX_TEXT_LENGTH = 500;
const MAX_ITEMS = 100;
const MAX_DEPTH = 20;

const FORMS: Readonly<Record<LoggedForm, RegExp>> = {
  id: /^[A-Za-z]{1,20}_[A-Za-z0-9_]{1,80}$/,
  word: /^[A-Za-z0-9][A-Za-z0-9_.:*/-]{0,99}$/,
  amount: /^-?[0-9]{1,40}(\.[0-9]{1,20})?$/,
  number: /^-?[0-9]{1,40}$/,
  time: /^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{5,20}(Z|[+-][0-9:]{2,6})?$/i,
  address: /^0x[0-9a-fA-F]{40}$/,
  hash: /^(0x)?[0-9a-fA-F]{64}$/,
  url: /^https?:\/\/[^?#@\s]{1,500}$/,
  cursor: /^[A-Za-z0-9_-]{1,200}$/,
  text: /^/,
};

const FORM_OF = new Map(
  Object.entries(KEPT_FIELDS).flatMap(([form, names]) => names.map((name) => [name, form as LoggedForm])),
);
const MASKED = new Set(MASKED_FIELDS);

/** Names of fields as programs have them, and of headers of ours; another may be a person's. */
const FIELD_NAME = /^[a-z][A-Za-z0-9_]{0,49}$/;
const FIELD_PATH = /^([a-z0-9][A-Za-z0-9_]{0,49}(\.|$)){1,20}$|^(Idempotency-Key|OMS-[A-Za-z-]{1,40})$/;

/** What is kept of a field, told by its name and the name of what it is in; undefined: nothing. */
function formOf(parent: string, name: string): LoggedForm | undefined {
  const qualified = `${parent}.${name}`;
  if (MASKED.has(qualified)) return undefined;
  return FORM_OF.get(qualified) ?? (MASKED.has(name) ? undefined : FORM_OF.get(name));
}

/** Whether somebody has decided what is kept of the field. */
export const isClassified = (parent: string, name: string): boolean =>
  [`${parent}.${name}`, name].some((each) => FORM_OF.has(each) || MASKED.has(each));

/** What the contract knows of a value: a schema without what does not matter here. */
export interface Shape {
  readonly fields: Map<string, Shape>;
  items: Shape | undefined;
  /** The values it may have, where the contract lists them all. */
  values: Set<unknown> | undefined;
  isLeaf: boolean;
}

const newShape = (): Shape => ({
  fields: new Map(),
  items: undefined,
  values: undefined,
  isLeaf: false,
});

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly if?: Schema;
  readonly then?: Schema;
  readonly else?: Schema;
}

export function shapeOf(schema: object | undefined): Shape | undefined {
  if (!schema) return undefined;
  const shape = newShape();
  addTo(shape, schema as Schema);
  return shape;
}

/** Alternatives are put together: a field is known if one of them has it. */
function addTo(shape: Shape, schema: Schema): void {
  const { anyOf = [], oneOf = [], allOf = [] } = schema;
  for (const each of [...anyOf, ...oneOf, ...allOf, schema.if, schema.then, schema.else])
    if (each) addTo(shape, each);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const own = shape.fields.get(name) ?? newShape();
    shape.fields.set(name, own);
    addTo(own, field);
  }
  if (schema.items) {
    shape.items ??= newShape();
    addTo(shape.items, schema.items);
  }
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (values) shape.values = new Set([...(shape.values ?? []), ...values]);
  const types = [schema.type ?? []].flat();
  const isText = types.some((type) => type === 'string' || type === 'number' || type === 'integer');
  if (isText || values?.some((value) => typeof value !== 'boolean')) shape.isLeaf = true;
  if (!values && types.includes('string') && !anyOf.length && !oneOf.length) shape.values = undefined;
}

/** A copy of which nothing is left but what the contract knows, and says to be kept. */
export function masked(shape: Shape | undefined, value: unknown): unknown {
  return maskedValue(shape, value, '', '', 0);
}

function maskedValue(
  shape: Shape | undefined,
  value: unknown,
  parent: string,
  name: string,
  depth: number,
): unknown {
  if (value === null || value === undefined) return null;
  if (!shape || depth > MAX_DEPTH) return maskedUnknown(value, depth);
  if (Array.isArray(value)) {
    return value
      .slice(0, MAX_ITEMS)
      .map((item) => maskedValue(shape.items ?? shape, item, parent, name, depth + 1));
  }
  if (typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        FIELD_NAME.test(key) ? key : MASK,
        maskedValue(shape.fields.get(key), member, name, key, depth + 1),
      ]),
    );
  }
  if (typeof value === 'boolean') return value;
  return isKept(shape, value, parent, name) ? value : MASK;
}

function isKept(shape: Shape, value: unknown, parent: string, name: string): boolean {
  const form = formOf(parent, name);
  if (form === undefined) return false;
  const text = String(value);
  if (text.length > MAX_TEXT_LENGTH || !FORMS[form].test(text)) return false;
  return shape.values === undefined || shape.values.has(value);
}

/** Its form is kept, so that a wrong name is found, and nothing that it says. */
function maskedUnknown(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return MASK;
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => maskedUnknown(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      FIELD_NAME.test(key) ? key : MASK,
      maskedUnknown(member, depth + 1),
    ]),
  );
}

interface ErrorAnswer {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly details?: unknown;
  readonly requestId?: unknown;
}

/** Codes and texts of errors are ours; the name of a field in them may be the client's. */
export function maskedError(answer: ErrorAnswer): object {
  const details = Array.isArray(answer.details) ? answer.details : [];
  return {
    code: String(answer.code),
    message: String(answer.message).slice(0, MAX_TEXT_LENGTH),
    details: details.slice(0, MAX_ITEMS).map((detail: { field?: unknown; issue?: unknown }) => ({
      field: FIELD_PATH.test(String(detail.field)) ? detail.field : MASK,
      issue: String(detail.issue).slice(0, MAX_TEXT_LENGTH),
    })),
    requestId: answer.requestId ?? null,
  };
}
