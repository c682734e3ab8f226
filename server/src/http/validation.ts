import type { DETAIL_CHECKS } from '@openoms/contract/external-account-rails.ts';
import { EVIDENCE_KEYWORD } from '@openoms/contract/operation.ts';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fastJsonStringify from 'fast-json-stringify';
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';
import { readEvmAddress } from '../chain/token/evm-address.ts';
import { isAbaRoutingNumber, isCardNumber, isIban } from '../kernel/check-digits.ts';
import { oncePer } from '../kernel/once-per.ts';
import type { SchemaFailure } from './errors.ts';

/** `strictNumbers`: JSON's 1e999 is no number, though a parser makes it Infinity. */
const OPTIONS = { allErrors: true, strict: false, strictNumbers: true, useDefaults: true } as const;

/**
 * Query and path parts arrive as text and are coerced; a body must have the right types already. A schema is compiled
 * when the first request needs it: all of them would take most of a start.
 */
export function schemaCompiler(): FastifySchemaCompiler<object> {
  const exact = compiling(OPTIONS);
  const coercing = compiling({ ...OPTIONS, coerceTypes: true });
  return ({ schema, httpPart }) => {
    const validatorOf = httpPart === 'body' ? exact : coercing;
    return (data: unknown) => {
      const validate = validatorOf(schema);
      if (validate(data)) return { value: data };
      return { error: Object.assign(new SchemaViolation(), { failures: validate.errors ?? [] }) };
    };
  };
}

/** Replies as their schema has them, which drops whatever it does not declare; compiled like those of requests. */
export function replyCompiler(): FastifySerializerCompiler<object> {
  const serializerOf = oncePer((schema: object) => fastJsonStringify(schema));
  return ({ schema }) =>
    (data) =>
      serializerOf(schema)(data);
}

/** Carries the failures of one part of a request to the error handler. */
export class SchemaViolation extends Error {
  readonly failures: readonly SchemaFailure[] = [];
}

/** The contract's own formats: check digits and checksums, which no pattern can say. */
const FORMATS: Readonly<Record<(typeof DETAIL_CHECKS)[number], (text: string) => boolean>> = {
  'routing-number': isAbaRoutingNumber,
  iban: isIban,
  'card-number': isCardNumber,
  'eip55-address': (text) => readEvmAddress(text).address !== undefined,
};

function compiling(options: ConstructorParameters<typeof Ajv2020>[0]): (schema: object) => ValidateFunction {
  const ajv = new Ajv2020(options);
  ajv.addKeyword(EVIDENCE_KEYWORD);
  addFormats.default(ajv);
  for (const [name, validate] of Object.entries(FORMATS)) ajv.addFormat(name, validate);
  return oncePer((schema: object) => ajv.compile(schema));
}
