import { isIP } from 'node:net';
import type { IdentifyingInformation, ResidentialAddress } from '@openoms/contract/customers.ts';
import type { ErrorDetail } from '../kernel/errors.ts';

/** What a fiat account needs to know of a customer (get-started.md, step 2). */
export interface Identity {
  readonly phone?: string | undefined;
  readonly birthDate?: string | undefined;
  readonly nationality?: string | undefined;
  readonly residentialAddress?: ResidentialAddress | undefined;
  readonly identifyingInformation?: readonly IdentifyingInformation[] | undefined;
}

const US_TAX_IDS: readonly string[] = ['ssn', 'itin'];

/** The fields still missing, by their names in the API; empty when a fiat account can be provisioned. */
export function missingIdentity(identity: Identity): string[] {
  const missing: string[] = [];
  if (!identity.residentialAddress) missing.push('residentialAddress');
  if (!identity.phone) missing.push('phone');
  if (!identity.birthDate) missing.push('birthDate');
  if (!hasGovernmentId(identity)) missing.push('identifyingInformation');
  return missing;
}

/** For US customers, an ssn or itin; any government id for others. */
function hasGovernmentId(identity: Identity): boolean {
  const ids = identity.identifyingInformation ?? [];
  const isUs = identity.residentialAddress?.country === 'US' || identity.nationality === 'US';
  return isUs ? ids.some((id) => US_TAX_IDS.includes(id.type)) : ids.length > 0;
}

/** A birth date that is no day of the calendar, or not past, in schema-valid form. */
export function birthDateIssues(birthDate: string | undefined, now: Date): ErrorDetail[] {
  if (birthDate === undefined) return [];
  const day = new Date(`${birthDate}T00:00:00Z`);
  const exists = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(birthDate);
  if (!exists) return [{ field: 'birthDate', issue: 'is not a day of the calendar' }];
  if (day >= now || birthDate < '1900')
    return [{ field: 'birthDate', issue: 'must be a past date since 1900' }];
  return [];
}

export const ipAddressIssues = (ipAddress: string | undefined): ErrorDetail[] =>
  ipAddress === undefined || isIP(ipAddress)
    ? []
    : [{ field: 'ipAddress', issue: 'is not an IPv4 or IPv6 address' }];
