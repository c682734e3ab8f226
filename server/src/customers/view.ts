import type { Customer, Endorsement } from '@openoms/contract/customers.ts';
import type { EndorsementEventData } from '@openoms/contract/event-data.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import type { EndorsementRow } from './endorsement-store.ts';
import type { CustomerRow } from './store.ts';

export type CustomerWallet = Customer['wallets'][number];

/** A customer with what is shown beside it. */
export interface CustomerParts {
  readonly row: CustomerRow;
  readonly endorsements: readonly EndorsementRow[];
  readonly wallets: readonly CustomerWallet[];
}

/** A field that was never set is absent, except `middleName`, which the documents show as null. */
function toFields({ row, wallets }: CustomerParts): Omit<Customer, 'endorsements'> {
  return {
    id: row.customer_id,
    object: 'customer',
    type: row.type,
    ...(row.first_name !== null && { firstName: row.first_name }),
    middleName: row.middle_name,
    ...(row.last_name !== null && { lastName: row.last_name }),
    ...(row.email !== null && { email: row.email }),
    ...(row.phone !== null && { phone: row.phone }),
    ...(row.nationality !== null && { nationality: row.nationality }),
    ...(row.external_id !== null && { externalId: row.external_id }),
    status: row.status,
    signedAgreement: row.signed_agreement_at !== null,
    signedAgreementAt: row.signed_agreement_at && toIsoSeconds(row.signed_agreement_at),
    wallets: [...wallets],
    metadata: row.metadata,
    createdAt: toIsoSeconds(row.created_at),
    updatedAt: toIsoSeconds(row.updated_at),
  };
}

function toEndorsement(endorsement: EndorsementRow, missing: readonly string[]): Endorsement {
  const needsIdentity = endorsement.type === 'usd';
  return {
    type: endorsement.type,
    status: endorsement.status,
    rejectionReasons: endorsement.rejection_reasons,
    requirements: {
      complete: [],
      pending: endorsement.status === 'PENDING' ? ['review'] : [],
      missing: [...(needsIdentity ? missing : []), ...endorsement.missing],
      issues: [...endorsement.rejection_reasons.map(({ reason }) => reason), ...endorsement.issues],
    },
  };
}

export const toEndorsements = ({ row, endorsements }: CustomerParts): Endorsement[] =>
  endorsements.map((endorsement) => toEndorsement(endorsement, row.missing_identity));

export const toCustomer = (parts: CustomerParts): Customer => ({
  ...toFields(parts),
  endorsements: toEndorsements(parts),
});

/** The endorsement events name the active endorsements as plain strings (contract 9, row 3). */
export const toEndorsementEvent = (parts: CustomerParts): EndorsementEventData => ({
  ...toFields(parts),
  endorsements: parts.endorsements.filter(({ status }) => status === 'ACTIVE').map(({ type }) => type),
  endorsementDetails: toEndorsements(parts),
});
