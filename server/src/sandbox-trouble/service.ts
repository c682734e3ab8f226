import type { Tx } from '../db/database.ts';
import { ApiError, validationError } from '../kernel/errors.ts';
import type { RuleRow } from '../trouble/store.ts';
import type { NewRule, Trouble } from '../trouble/trouble.ts';
import { TROUBLED_OPERATIONS } from '../trouble/troubled.ts';
import type { Webhooks } from '../webhooks/service.ts';

export interface SandboxTroublesDeps {
  readonly trouble: Trouble;
  readonly webhooks: Pick<Webhooks, 'get'>;
  /** Whether the instance runs its chain itself, and can do as it likes with it. */
  readonly hasOwnChain: boolean;
}

/** The rules that a sandbox project makes; `Trouble` says when they hit. */
export class SandboxTroubles {
  readonly #deps: SandboxTroublesDeps;

  constructor(deps: SandboxTroublesDeps) {
    this.#deps = deps;
  }

  /** Refuses what makes no sense: a rule that could never hit is a test that proves nothing. */
  async create(tx: Tx, rule: NewRule): Promise<RuleRow> {
    const { trouble, webhooks, hasOwnChain } = this.#deps;
    const { operationId, webhookId } = rule.parameters;
    if (typeof operationId === 'string' && !TROUBLED_OPERATIONS.has(operationId)) {
      throw validationError([{ field: 'operationId', issue: 'is not an operation that can be troubled' }]);
    }
    if (typeof webhookId === 'string') await webhooks.get(tx, webhookId);
    if (rule.kind.startsWith('chain.') && !hasOwnChain) {
      throw new ApiError(409, 'invalid_state', 'This instance uses a chain that is not its own to trouble.');
    }
    return trouble.create(tx, rule);
  }
}
