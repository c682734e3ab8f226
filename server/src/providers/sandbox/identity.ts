import type {
  EndorsementName,
  IdentityApplication,
  IdentityDecision,
  IdentityOutcome,
  IdentityVerifier,
} from '../../customers/provider.ts';
import type { Database, Tx } from '../../db/database.ts';
import { assertOutsideTransaction } from '../../kernel/outside.ts';
import type { Settings } from '../../settings/service.ts';
import { identityMagic } from './magic-values.ts';
import type { Scenarios } from './scenarios.ts';

interface ReviewerDeps {
  readonly db: Database;
  readonly settings: Pick<Settings, 'get'>;
  readonly scenarios: Pick<Scenarios, 'find'>;
  /** Of the customer who is reviewed. */
  readonly lastName: (tx: Tx, customerId: string) => Promise<string | null>;
}

type Verdict = Omit<IdentityOutcome, 'providerEventId' | 'endorsement'>;

const VERDICTS: Readonly<Record<'granted' | 'rejected' | 'documentsRequested', Verdict>> = {
  granted: { outcome: 'granted' },
  rejected: {
    outcome: 'denied',
    rejectionReasons: [{ developerReason: 'magic value', reason: 'The identity could not be verified.' }],
  },
  documentsRequested: {
    outcome: 'documentsRequested',
    missing: ['proofOfAddress'],
    issues: ['The photo of the document cannot be read.'],
  },
};

export const SANDBOX_REVIEWER = 'sandbox-identity';

/** By which a decision is known that ends the round for an endorsement, whoever made it. */
export const decisionId = (customerId: string, round: number, endorsement: EndorsementName): string =>
  `${customerId}/${round}/${endorsement}`;

/**
 * The sandbox's reviewer grants what it is asked, at once (get-started.md: endorsements are auto-approved), unless the
 * customer was made with a scenario or has a last name that is a magic value. With the pace `manual` it decides nothing: `simulateEndorsements` does.
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
    const { mode, pace } = await this.#deps.settings.get(tx);
    if (pace === 'manual') return undefined;
    const { customerId, round, endorsements } = application;
    const magic = mode === 'sandbox' ? await this.#magic(tx, customerId) : undefined;
    if (magic?.decision === 'none') return undefined;
    const verdict = VERDICTS[magic?.decision ?? 'granted'];
    return {
      customerId,
      outcomes: endorsements.map((endorsement) => ({
        providerEventId: decisionId(customerId, round, endorsement),
        endorsement,
        ...verdict,
      })),
    };
  }

  async #magic(tx: Tx, customerId: string): Promise<ReturnType<typeof identityMagic>> {
    const { scenarios, lastName } = this.#deps;
    return identityMagic(await scenarios.find(tx, [customerId]), await lastName(tx, customerId));
  }
}
