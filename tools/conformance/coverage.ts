import { ERRORS, type ErrorCode } from '@openoms/contract/errors.ts';
import type { Operation } from '@openoms/contract/operation.ts';
import { NAMED_OPERATIONS } from './operation-names.ts';
import type { NotProvokable } from './vectors.ts';

/** A documented answer: an operation by its name, a status, and the codes it has there (none for the success). */
export interface Pair {
  readonly operation: string;
  readonly status: number;
  readonly codes: readonly ErrorCode[];
}

export interface Coverage {
  readonly covered: readonly Pair[];
  /** Not seen and not excused. */
  readonly missing: readonly Pair[];
  readonly excused: readonly (Pair & { readonly reason: string })[];
  /** Codes of covered pairs that no vector met, nor excuses. */
  readonly unmetCodes: readonly { readonly operation: string; readonly code: ErrorCode }[];
}

/** Every pair of the operations tables. */
export function documentedPairs(): Pair[] {
  return Object.entries(NAMED_OPERATIONS).flatMap(([operation, { success, errors }]: [string, Operation]) => {
    const byStatus = Map.groupBy(new Set(errors), (code) => ERRORS[code].status);
    return [
      { operation, status: success.status, codes: [] },
      ...[...byStatus].map(([status, codes]) => ({ operation, status, codes })),
    ];
  });
}

/** What was seen: `operation status` and `operation code`. */
export class Seen {
  readonly #keys = new Set<string>();

  add(operation: string, statusOrCode: number | string): void {
    this.#keys.add(`${operation} ${statusOrCode}`);
  }

  has(operation: string, statusOrCode: number | string): boolean {
    return this.#keys.has(`${operation} ${statusOrCode}`);
  }
}

/** A pair is excused when each of its codes is one that a black box cannot provoke there. */
export function coverageOf(seen: Seen, notProvokable: readonly NotProvokable[]): Coverage {
  const pairs = documentedPairs();
  const reasonsOf = ({ operation, codes }: Pair): (string | undefined)[] =>
    codes.map((code) => excuseOf(notProvokable, operation, code)?.reason);
  const [covered, unseen] = [true, false].map((wanted) =>
    pairs.filter(({ operation, status }) => seen.has(operation, status) === wanted),
  ) as [Pair[], Pair[]];
  const isExcused = (pair: Pair): boolean =>
    pair.codes.length > 0 && reasonsOf(pair).every((reason) => reason !== undefined);
  return {
    covered,
    missing: unseen.filter((pair) => !isExcused(pair)),
    excused: unseen
      .filter(isExcused)
      .map((pair) => ({ ...pair, reason: [...new Set(reasonsOf(pair))].join(' ') })),
    unmetCodes: covered.flatMap(({ operation, codes }) =>
      codes
        .filter((code) => !seen.has(operation, code) && !excuseOf(notProvokable, operation, code))
        .map((code) => ({ operation, code })),
    ),
  };
}

const excuseOf = (
  all: readonly NotProvokable[],
  operation: string,
  code: ErrorCode,
): NotProvokable | undefined => all.find((excuse) => excuses(excuse, operation, code));

export const excuses = ({ codes, operations }: NotProvokable, operation: string, code: ErrorCode): boolean =>
  codes.includes(code) && (operations === undefined || operations.includes(operation));
