import type { BodyOf } from '@openoms/contract/operation.ts';
import {
  DECISION_FIELDS,
  type EndorsementSimulation,
  type simulateEndorsements,
} from '@openoms/contract/simulations.ts';
import type {
  CustomerParts,
  Customers,
  EndorsementName,
  EndorsementStatus,
  IdentityOutcome,
} from '../../customers/service.ts';
import type { Tx } from '../../db/database.ts';
import type { Events } from '../../events/events.ts';
import { toIsoSeconds } from '../../kernel/clock.ts';
import { ApiError, type ErrorDetail, validationError } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { ProviderEvents } from '../provider-events.ts';
import { toCausedEvent } from './caused.ts';
import { decisionId, SANDBOX_REVIEWER } from './identity.ts';

type Body = BodyOf<typeof simulateEndorsements>;
type Decision = Body['event'];

interface IdentityHandsDeps {
  readonly ids: Ids;
  readonly events: Events;
  readonly providerEvents: ProviderEvents;
  readonly customers: Customers;
}

const ALL: readonly EndorsementName[] = ['basic', 'cryptoCustody', 'usd'];
const OUTCOMES = {
  granted: 'granted',
  rejected: 'denied',
  documentsRequested: 'documentsRequested',
  revoked: 'revoked',
} as const satisfies Record<Decision, IdentityOutcome['outcome']>;
/** From which statuses each decision is made, and in which it has been made before. */
const DECIDABLE: Readonly<
  Record<
    Decision,
    { readonly from: readonly (EndorsementStatus | 'ABSENT')[]; readonly done: EndorsementStatus }
  >
> = {
  granted: { from: ['ABSENT', 'PENDING', 'REJECTED'], done: 'ACTIVE' },
  rejected: { from: ['ABSENT', 'PENDING', 'ACTIVE'], done: 'REJECTED' },
  documentsRequested: { from: ['ABSENT', 'PENDING', 'REJECTED'], done: 'PENDING' },
  revoked: { from: ['ACTIVE'], done: 'REVOKED' },
};
const BY_HAND = { developerReason: 'simulated', reason: 'The sandbox was told so.' };

/** Decides as the reviewer of the sandbox does, by the same door. */
export class IdentityHands {
  readonly #deps: IdentityHandsDeps;

  constructor(deps: IdentityHandsDeps) {
    this.#deps = deps;
  }

  /** Throws 404 for a customer that is not there, 409 `invalid_state` naming each endorsement that does not allow it. */
  async decide(tx: Tx, customerId: string, body: Body): Promise<EndorsementSimulation> {
    const { customers, events } = this.#deps;
    requireFields(body);
    await customers.lock(tx, [customerId]);
    const names = chosen(await customers.get(tx, customerId), body);
    const caused = events.watch(tx);
    await customers.applyIdentityDecision(tx, SANDBOX_REVIEWER, {
      customerId,
      outcomes: await this.#outcomes(tx, customerId, names, body),
    });
    return {
      customerId,
      event: body.event,
      status: 'submitted',
      submittedAt: toIsoSeconds(tx.now()),
      endorsements: customers.endorsementsOf(await customers.get(tx, customerId)),
      events: (await caused()).map(toCausedEvent),
    };
  }

  /**
   * The first decision of a round takes the place of the one that the sandbox would make by itself, which comes too late
   * then; later ones have names of their own.
   */
  async #outcomes(
    tx: Tx,
    customerId: string,
    names: readonly EndorsementName[],
    { event, rejectionReasons, missing, issues }: Body,
  ): Promise<IdentityOutcome[]> {
    const { customers, ids, providerEvents } = this.#deps;
    const { row } = await customers.get(tx, customerId);
    const ofRound = names.map((name) => decisionId(customerId, row.review_round, name));
    const known = await providerEvents.known(tx, SANDBOX_REVIEWER, ofRound);
    const told = rejectionReasons?.map(({ reason, developerReason = reason }) => ({
      developerReason,
      reason,
    }));
    const takesReasons = event === 'rejected' || event === 'revoked';
    return names.map((endorsement, index) => {
      const id = ofRound[index] ?? '';
      return {
        providerEventId: known.has(id) ? `${id}/${ids.next('review', tx)}` : id,
        endorsement,
        outcome: OUTCOMES[event],
        ...(takesReasons && { rejectionReasons: told ?? [BY_HAND] }),
        ...(missing && { missing }),
        ...(issues && { issues }),
      };
    });
  }
}

/** The endorsements that are decided on. Throws 409 when one that is named does not allow it, or none does. */
function chosen({ endorsements }: CustomerParts, { event, endorsements: named }: Body): EndorsementName[] {
  const { from, done } = DECIDABLE[event];
  const statusOf = (name: EndorsementName) =>
    endorsements.find(({ type }) => type === name)?.status ?? 'ABSENT';
  const isOpen = (name: EndorsementName) => from.includes(statusOf(name)) || statusOf(name) === done;
  const all = endorsements.length > 0 ? endorsements.map(({ type }) => type) : ALL;
  const refused = (named ?? all).filter((name) => !isOpen(name));
  const open = (named ?? all).filter(isOpen);
  if (open.length > 0 && (named === undefined || refused.length === 0)) return open;
  throw new ApiError(409, 'invalid_state', 'The status of an endorsement does not allow this decision.', {
    details: refused.map((name) => ({ field: 'endorsements', issue: `${name} is ${statusOf(name)}` })),
  });
}

/** The schema says what each field is; a decision says which it takes. */
function requireFields({ event, ...fields }: Body): void {
  const taken: readonly string[] = DECISION_FIELDS[event];
  const details: ErrorDetail[] = (['rejectionReasons', 'missing', 'issues'] as const)
    .filter((field) => fields[field] !== undefined && !taken.includes(field))
    .map((field) => ({ field, issue: `is not taken by ${event}` }));
  if (event === 'documentsRequested' && !fields.missing && !fields.issues) {
    details.push({ field: 'missing', issue: `or issues is required with ${event}` });
  }
  if (details.length > 0) throw validationError(details);
}
