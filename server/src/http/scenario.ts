import { SCENARIO_HEADER, scenariosOf } from '@openoms/contract/magic-values.ts';
import type { Tx } from '../db/database.ts';
import { type ApiError, validationError } from '../kernel/errors.ts';

/** Remembers the scenario of a request for what it made: the outside world meets that later. */
export interface ScenarioKeeper {
  /** Of the resources with these ids, `tx.scenario`; nothing without one. */
  keep(tx: Tx, resourceIds: readonly string[]): Promise<void>;
}

/** The scenario that a sandbox's request names. Throws 400 for a name that no request of the operation takes. */
export function readScenario(operationId: string, header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const names = scenariosOf(operationId);
  if (typeof header === 'string' && names.includes(header)) return header;
  throw unknownScenario(names);
}

function unknownScenario(names: readonly string[]): ApiError {
  const issue = names.length > 0 ? `must be one of ${names.join(', ')}` : 'is not taken by this operation';
  return validationError([
    { field: SCENARIO_HEADER, issue: `${issue}; GET /sandbox/magic-values lists them` },
  ]);
}

/** What a handler's answer names as the resource; several answers, several of them. */
export const resourceIdsOf = (answers: readonly unknown[]): string[] =>
  answers.flatMap((answer) => {
    const isResource = typeof answer === 'object' && answer !== null && 'id' in answer;
    return isResource && typeof answer.id === 'string' ? [answer.id] : [];
  });
