import { NOT_PROVISIONED_MESSAGE } from '@openoms/contract/errors.ts';
import { ApiError } from '../kernel/errors.ts';

/** Clients match on this text (contract 1.7); `details` lists what is missing. */
export const notProvisioned = (missing: readonly string[]): ApiError =>
  new ApiError(422, 'provider_account_not_provisioned', NOT_PROVISIONED_MESSAGE, {
    details: missing.map((field) => ({ field, issue: 'required' })),
  });

export const endorsementRequired = (endorsements: readonly string[]): ApiError =>
  new ApiError(
    403,
    'endorsement_required',
    `The customer lacks an active endorsement: ${endorsements.join(', ')}.`,
    {
      details: endorsements.map((name) => ({ field: 'endorsements', issue: `${name} is not ACTIVE` })),
    },
  );

export const customerInactive = (): ApiError =>
  new ApiError(403, 'customer_inactive', 'The customer is inactive.');
