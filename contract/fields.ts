import Type, { type Static } from 'typebox';
import type { Evidence } from './operation.ts';

/** Options of a field: its annotation, and its evidence when no document states it. */
interface FieldOptions {
  readonly description?: string;
  readonly default?: string;
  readonly 'x-evidence'?: Evidence;
}

export const INFERRED = { 'x-evidence': 'inferred' } as const;
export const THIRD_PARTY = { 'x-evidence': 'third-party' } as const;
export const PROPOSAL = { 'x-evidence': 'proposal' } as const;

/** PostgreSQL stores any text but U+0000, so no request field accepts it. */
export const NO_NUL = '^[^\\u0000]*$';

/** Free text of at most `maxLength` characters. */
export const Text = (maxLength: number, options: FieldOptions = {}) =>
  Type.String({ maxLength, pattern: NO_NUL, ...options });

/** Free text of 1 to `maxLength` characters. */
export const RequiredText = (maxLength: number, options: FieldOptions = {}) =>
  Type.String({ minLength: 1, maxLength, pattern: NO_NUL, ...options });

/** One of the given strings; carries `type`, so that validators and serialisers need not guess. */
export const OneOf = <const Values extends readonly string[]>(values: Values, options: FieldOptions = {}) =>
  Type.Unsafe<Values[number]>({ type: 'string', enum: values, ...options });

/** A string or null. */
export const NullableString = (options: FieldOptions = {}) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], ...options });

const MAX_ID_LENGTH = 100;

/** An id of a resource: opaque, so that an unknown or malformed one is simply not found (contract 1.3). */
export const Id = (prefix: string, options: FieldOptions = {}) =>
  Type.String({
    minLength: 1,
    maxLength: MAX_ID_LENGTH,
    pattern: NO_NUL,
    examples: [`${prefix}_01H9Xa…`],
    ...options,
  });

/** An id in the path. Its length is the router's business: too long a path segment is not found. */
export const PathId = (prefix: string) =>
  Type.String({ minLength: 1, pattern: NO_NUL, examples: [`${prefix}_01H9Xa…`] });

/** Digits before and after the point are bounded so that any amount fits `numeric(38,0)` minor units. */
export const AMOUNT_PATTERN = '^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,18})?$';

/** A decimal string such as "100.00": no sign, exponent or leading zero; a JSON number is refused. */
export const Amount = (options: FieldOptions = {}) =>
  Type.String({ pattern: AMOUNT_PATTERN, maxLength: 34, examples: ['100.00'], ...options });

/** A share as a decimal string: "0.015" is 1.5 %. */
export const Rate = (options: FieldOptions = {}) => Type.String({ examples: ['0.015'], ...options });

export const Timestamp = (options: FieldOptions = {}) =>
  Type.String({ format: 'date-time', examples: ['2024-01-15T10:00:00Z'], ...options });

export const NullableTimestamp = (options: FieldOptions = {}) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time', ...options });

/** ISO 3166-1 alpha-2, upper case. */
export const CountryCode = (options: FieldOptions = {}) =>
  Type.String({ pattern: '^[A-Z]{2}$', maxLength: 2, examples: ['US'], ...options });

/** E.164: plus sign, then 7 to 15 digits (ITU-T E.164 allows 15). */
export const Phone = (options: FieldOptions = {}) =>
  Type.String({ pattern: '^\\+[1-9][0-9]{6,14}$', maxLength: 16, examples: ['+12125551234'], ...options });

/** `YYYY-MM-DD`; that the day exists and is past is checked by the server. */
export const DateOfBirth = (options: FieldOptions = {}) =>
  Type.String({
    pattern: '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$',
    maxLength: 10,
    examples: ['1990-05-15'],
    ...options,
  });

/** RFC 5321 limits an address to 254 characters. */
export const Email = (options: FieldOptions = {}) =>
  Type.String({ format: 'email', maxLength: 254, examples: ['jane@example.com'], ...options });

/** A 20-byte EVM address, any letter case. */
export const EvmAddress = (options: FieldOptions = {}) =>
  Type.String({ pattern: '^0x[0-9a-fA-F]{40}$', maxLength: 42, ...options });

export type MetadataValue = string | number | boolean | null;

/** Up to 20 pairs (contract 1.4) of a key and a string, number, boolean or null. */
export const Metadata = (options: FieldOptions = {}) =>
  Type.Unsafe<Record<string, MetadataValue>>({
    type: 'object',
    maxProperties: 20,
    propertyNames: { type: 'string', minLength: 1, maxLength: 64, pattern: NO_NUL },
    additionalProperties: {
      type: ['string', 'number', 'boolean', 'null'],
      maxLength: 500,
      pattern: NO_NUL,
    },
    description: 'Your own key-value pairs: up to 20 keys of 64 characters, values up to 500 characters.',
    ...options,
  });

export const FeesDeducted = Type.Object(
  {
    total: Amount({ description: '`developer + oms + gas`.' }),
    developer: Amount(),
    oms: Amount(),
    gas: Amount(),
  },
  { title: 'FeesDeducted' },
);

export const Rates = Type.Object(
  {
    pair: Type.Optional(Type.String({ examples: ['usd/usdc'] })),
    exchangeRate: Rate({
      description: 'Spot rate: `source.amountNet × exchangeRate = destination.amountGross`.',
    }),
    effectiveRate: Rate({ description: 'Rate after fees: `destination.amountNet / source.amountGross`.' }),
  },
  { title: 'Rates' },
);

export const DeveloperFee = Type.Object(
  {
    id: Type.Optional(Type.String()),
    amount: Type.Optional(Amount()),
    flatFee: Type.Optional(Amount()),
    percentage: Type.Optional(Rate()),
    wallet: Type.Optional(Type.String()),
  },
  { title: 'DeveloperFee' },
);

export const Failure = Type.Object(
  {
    code: Type.String(),
    message: Type.String(),
    recoverable: Type.Optional(
      Type.Boolean({
        description: 'Whether the same payment may succeed when asked for again.',
        ...PROPOSAL,
      }),
    ),
  },
  { title: 'Failure', description: 'Why it failed; present only once it did.' },
);
export type Failure = Static<typeof Failure>;
