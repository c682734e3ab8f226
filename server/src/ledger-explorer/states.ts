import type { LedgerVerification } from '@openoms/contract/console/ledger.ts';

export type VerificationStatus = LedgerVerification['status'];

/** From each status, where a verification may go. `failed`: it could not be carried through, and says nothing. */
export const TRANSITIONS: Readonly<Record<VerificationStatus, readonly VerificationStatus[]>> = {
  running: ['holds', 'broken', 'failed'],
  holds: [],
  broken: [],
  failed: [],
};
