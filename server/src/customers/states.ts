import type { EndorsementStatus } from './endorsement-store.ts';

/** A revoked one is pending again when it is asked for anew; no decision reaches it before. */
export const ENDORSEMENT_TRANSITIONS: Readonly<Record<EndorsementStatus, readonly EndorsementStatus[]>> = {
  PENDING: ['ACTIVE', 'REJECTED'],
  ACTIVE: ['REJECTED', 'REVOKED'],
  REJECTED: ['PENDING', 'ACTIVE'],
  REVOKED: ['PENDING'],
};

/** Where a decision finds an endorsement that the customer does not have yet. */
export const FIRST_STATUSES: readonly EndorsementStatus[] = ['PENDING', 'ACTIVE', 'REJECTED'];

/** True when a decision may take an endorsement to the status; an absent one has no status. */
export const canDecide = (from: EndorsementStatus | undefined, to: EndorsementStatus): boolean => {
  if (from === undefined) return FIRST_STATUSES.includes(to);
  return from !== 'REVOKED' && ENDORSEMENT_TRANSITIONS[from].includes(to);
};
