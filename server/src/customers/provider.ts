import type { EndorsementName } from './endorsement-store.ts';

/** What a reviewer is asked to decide. `round` counts a customer's reviews; one decision per round. */
export interface IdentityApplication {
  readonly customerId: string;
  readonly round: number;
  readonly endorsements: readonly EndorsementName[];
}

export interface IdentityDecision {
  /** Unique per provider: a decision that arrives twice is applied once. */
  readonly providerEventId: string;
  readonly customerId: string;
  readonly outcomes: readonly {
    readonly endorsement: EndorsementName;
    readonly outcome: 'granted' | 'denied';
    readonly rejectionReasons: readonly { readonly developerReason: string; readonly reason: string }[];
  }[];
}

/** The port to whoever verifies identities. */
export interface IdentityVerifier {
  readonly name: string;
  /** Submits an application, repeatably; a decision that is known already, or undefined when it arrives later. */
  review(application: IdentityApplication): Promise<IdentityDecision | undefined>;
  /** The decision of a reviewer that needs to ask nobody (the sandbox's); safe inside a transaction. */
  decideAtOnce?(application: IdentityApplication): IdentityDecision;
}
