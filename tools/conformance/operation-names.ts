import { DIALECT_OPERATIONS } from '@openoms/contract/dialect.ts';
import { BASE_PATH, DIALECT_PATH, type Operation } from '@openoms/contract/operation.ts';
import { OPERATIONS } from '@openoms/contract/operations.ts';

const dialectName = (operationId: string): string => `${DIALECT_PATH.slice(1)} ${operationId}`;

/** Every operation by the name that vectors and reports give it: `createQuote`, `v0.11 createQuote`. */
export const NAMED_OPERATIONS: Readonly<Record<string, Operation>> = {
  ...OPERATIONS,
  ...Object.fromEntries(
    Object.values(DIALECT_OPERATIONS).map((operation) => [dialectName(operation.operationId), operation]),
  ),
};

const NAMES = new Map(Object.entries(NAMED_OPERATIONS).map(([name, operation]) => [operation, name]));

export const nameOf = (operation: Operation): string => NAMES.get(operation) ?? operation.operationId;

export const isOfDialect = (name: string): boolean => name.startsWith(dialectName(''));

/** What of an API's URL stands before the version. */
export const rootOf = (baseUrl: string): string =>
  [BASE_PATH, DIALECT_PATH].reduce(
    (url, prefix) => (url.endsWith(prefix) ? url.slice(0, -prefix.length) : url),
    baseUrl.replace(/\/+$/, ''),
  );

const placeOf = ({ method, path }: Operation): string => `${method} ${path}`;
const CHANGED = new Set(Object.values(DIALECT_OPERATIONS).map(placeOf));

/** What the later dialect serves: its own operations, and those of v0.9 whose method and path it leaves alone. */
export const isServedInDialect = (operation: Operation): boolean =>
  isOfDialect(nameOf(operation)) || !CHANGED.has(placeOf(operation));
