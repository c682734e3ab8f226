import { PEOPLE_OPERATIONS, PROJECT_OPERATIONS } from '@openoms/contract/console/operations.ts';
import { DIALECT_OPERATIONS } from '@openoms/contract/dialect.ts';
import type { Operation } from '@openoms/contract/operation.ts';
import { OPERATIONS } from '@openoms/contract/operations.ts';
import { describe, expect, it } from 'vitest';
import { replyCompiler, schemaCompiler } from './validation.ts';

const compileRequest = schemaCompiler();
const compileReply = replyCompiler();

/** What the first request of each kind would do. */
function compileAll({ method, path, params, query, body, success }: Operation): void {
  const parts = { params, querystring: query, body };
  for (const [httpPart, schema] of Object.entries(parts)) {
    if (schema) void compileRequest({ schema, method, url: path, httpPart })({});
  }
  if (!success.schema) return;
  try {
    compileReply({ schema: success.schema, method, url: path, httpStatus: String(success.status) })({});
  } catch (error) {
    // What a reply must have is not in an empty one; a schema that does not compile fails in another way.
    if (!String(error).includes('is required!')) throw error;
  }
}

describe.each(Object.entries({ OPERATIONS, DIALECT_OPERATIONS, PEOPLE_OPERATIONS, PROJECT_OPERATIONS }))(
  'the schemas of %s',
  (_name, operations) => {
    it.each(Object.entries<Operation>(operations))('compile for %s', (_id, operation) => {
      expect(() => compileAll(operation)).not.toThrow();
    });
  },
);
