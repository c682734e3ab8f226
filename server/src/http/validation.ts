import type { DETAIL_CHECKS } from '@openoms/contract/external-account-rails.ts';
import { EVIDENCE_KEYWORD } from '@openoms/contract/operation.ts';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';
import { readEvmAddress } from '../chain/token/evm-address.ts';
import { isAbaRoutingNumber, isCardNumber, isIban } from '../kernel/check-digits.ts';
import type { SchemaFailure } from './errors.ts';

/** `strictNumbers`: JSON's 1e999 is no number, though a parser makes it Infinity. */
const OPTIONS = { allErrors: true, strict: false, strictNumbers: true, useDefaults: true } as const;

/** Query and path parts arrive as text and are coerced; a body must have the right types already. */
export function schemaCompiler(): FastifySchemaCompiler<object> {
  const exact = withFormats(new Ajv2020(OPTIONS));
  const coercing = withFormats(new Ajv2020({ ...OPTIONS, coerceTypes: true }));
  return ({ schema, httpPart }) => {
    const validate: ValidateFunction = (httpPart === 'body' ? exact : coercing).compile(schema);
    return (data: unknown) => {
      if (validate(data)) return { value: data };
      return { error: Object.assign(new SchemaViolation(), { failures: validate.errors ?? [] }) };
    };
  };
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

function withFormats(ajv: Ajv2020): Ajv2020 {
  ajv.addKeyword(EVIDENCE_KEYWORD);
  addFormats.default(ajv);
  for (const [name, validate] of Object.entries(FORMATS)) ajv.addFormat(name, validate);
  return ajv;
}
