import type { Tx } from '../db/database.ts';
import type { EndorsementName } from './endorsement-store.ts';

export type { EndorsementName };

/** What a reviewer is asked to decide. `round` counts a customer's reviews; one decision per round and endorsement. */
export interface IdentityApplication {
  readonly projectId: string;
  readonly customerId: string;
  readonly round: number;
  readonly endorsements: readonly EndorsementName[];
}

export interface RejectionReason {
  readonly developerReason: string;
  readonly reason: string;
}

export interface IdentityOutcome {
  /** Unique per provider: an outcome that arrives twice is applied once. */
  readonly providerEventId: string;
  readonly endorsement: EndorsementName;
  readonly outcome: 'granted' | 'denied' | 'documentsRequested' | 'revoked';
  /** Of `denied` and `revoked`. */
  readonly rejectionReasons?: readonly RejectionReason[];
  /** Of `documentsRequested`: what the customer has to bring, and what is wrong with what there is. */
  readonly missing?: readonly string[];
  readonly issues?: readonly string[];
}

export interface IdentityDecision {
  readonly customerId: string;
  readonly outcomes: readonly IdentityOutcome[];
}

/** The port to whoever verifies identities. */
export interface IdentityVerifier {
  readonly name: string;
  /** Submits an application, repeatably; a decision that is known already, or undefined when it arrives later. */
  review(application: IdentityApplication): Promise<IdentityDecision | undefined>;
  /** The decision of a reviewer that needs to ask nobody (the sandbox's), in the caller's transaction. */
  decideAtOnce?(tx: Tx, application: IdentityApplication): Promise<IdentityDecision | undefined>;
}
