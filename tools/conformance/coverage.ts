import { ERRORS, type ErrorCode } from '@openoms/contract/errors.ts';
import type { Operation } from '@openoms/contract/operation.ts';
import { OPERATIONS } from '@openoms/contract/operations.ts';
import type { NotProvokable } from './vectors.ts';

/** A documented answer: an operation with a status, and the codes it has there (none for the success). */
export interface Pair {
  readonly operationId: string;
  readonly status: number;
  readonly codes: readonly ErrorCode[];
}

export interface Coverage {
  readonly covered: readonly Pair[];
  /** Not seen and not excused. */
  readonly missing: readonly Pair[];
  readonly excused: readonly (Pair & { readonly reason: string })[];
  /** Codes of covered pairs that no vector met, nor excuses. */
  readonly unmetCodes: readonly { readonly operationId: string; readonly code: ErrorCode }[];
}

/** Every pair of the operations table. */
export function documentedPairs(): Pair[] {
  return Object.values(OPERATIONS).flatMap(({ operationId, success, errors }: Operation) => {
    const byStatus = Map.groupBy(new Set(errors), (code) => ERRORS[code].status);
    return [
      { operationId, status: success.status, codes: [] },
      ...[...byStatus].map(([status, codes]) => ({ operationId, status, codes })),
    ];
  });
}

/** What was seen: `operationId status` and `operationId code`. */
export class Seen {
  readonly #keys = new Set<string>();

  add(operationId: string, statusOrCode: number | string): void {
    this.#keys.add(`${operationId} ${statusOrCode}`);
  }

  has(operationId: string, statusOrCode: number | string): boolean {
    return this.#keys.has(`${operationId} ${statusOrCode}`);
  }
}

/** A pair is excused when each of its codes is one that a black box cannot provoke there. */
export function coverageOf(seen: Seen, excuses: readonly NotProvokable[]): Coverage {
  const pairs = documentedPairs();
  const reasonsOf = ({ operationId, codes }: Pair): (string | undefined)[] =>
    codes.map((code) => excuseOf(excuses, operationId, code)?.reason);
  const [covered, unseen] = [true, false].map((wanted) =>
    pairs.filter(({ operationId, status }) => seen.has(operationId, status) === wanted),
  ) as [Pair[], Pair[]];
  const isExcused = (pair: Pair): boolean =>
    pair.codes.length > 0 && reasonsOf(pair).every((reason) => reason !== undefined);
  return {
    covered,
    missing: unseen.filter((pair) => !isExcused(pair)),
    excused: unseen
      .filter(isExcused)
      .map((pair) => ({ ...pair, reason: [...new Set(reasonsOf(pair))].join(' ') })),
    unmetCodes: covered.flatMap(({ operationId, codes }) =>
      codes
        .filter((code) => !seen.has(operationId, code) && !excuseOf(excuses, operationId, code))
        .map((code) => ({ operationId, code })),
    ),
  };
}

const excuseOf = (
  excuses: readonly NotProvokable[],
  operationId: string,
  code: ErrorCode,
): NotProvokable | undefined =>
  excuses.find(
    ({ codes, operations }) =>
      codes.includes(code) && (operations === undefined || operations.includes(operationId)),
  );
