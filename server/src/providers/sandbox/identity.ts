import type { IdentityApplication, IdentityDecision, IdentityVerifier } from '../../customers/provider.ts';

/** The sandbox's reviewer grants what it is asked, at once (get-started.md: endorsements are auto-approved). */
export class SandboxIdentityVerifier implements IdentityVerifier {
  readonly name = 'sandbox-identity';

  async review(application: IdentityApplication): Promise<IdentityDecision> {
    return this.decideAtOnce(application);
  }

  decideAtOnce(application: IdentityApplication): IdentityDecision {
    return {
      providerEventId: `${application.customerId}/${application.round}`,
      customerId: application.customerId,
      outcomes: application.endorsements.map((endorsement) => ({
        endorsement,
        outcome: 'granted',
        rejectionReasons: [],
      })),
    };
  }
}
