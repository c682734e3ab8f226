import type {
  EndorsementName,
  IdentityApplication,
  IdentityDecision,
  IdentityVerifier,
} from '../../customers/provider.ts';
import type { Database, Tx } from '../../db/database.ts';
import { assertOutsideTransaction } from '../../kernel/outside.ts';
import type { BankPace } from './bank-store.ts';

interface ReviewerDeps {
  readonly db: Database;
  readonly pace: (tx: Tx) => Promise<BankPace>;
}

export const SANDBOX_REVIEWER = 'sandbox-identity';

/** By which a decision is known that ends the round for an endorsement, whoever made it. */
export const decisionId = (customerId: string, round: number, endorsement: EndorsementName): string =>
  `${customerId}/${round}/${endorsement}`;

/**
 * The sandbox's reviewer grants what it is asked, at once (get-started.md: endorsements are auto-approved). With the
 * pace `manual` it decides nothing: `simulateEndorsements` does.
 */
export class SandboxIdentityVerifier implements IdentityVerifier {
  readonly name = SANDBOX_REVIEWER;
  readonly #deps: ReviewerDeps;

  constructor(deps: ReviewerDeps) {
    this.#deps = deps;
  }

  async review(application: IdentityApplication): Promise<IdentityDecision | undefined> {
    assertOutsideTransaction('the identity reviewer');
    return this.#deps.db.tx(application.projectId, (tx) => this.decideAtOnce(tx, application));
  }

  async decideAtOnce(tx: Tx, application: IdentityApplication): Promise<IdentityDecision | undefined> {
    if ((await this.#deps.pace(tx)) === 'manual') return undefined;
    const { customerId, round, endorsements } = application;
    return {
      customerId,
      outcomes: endorsements.map((endorsement) => ({
        providerEventId: decisionId(customerId, round, endorsement),
        endorsement,
        outcome: 'granted',
      })),
    };
  }
}
