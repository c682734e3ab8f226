import { readEvmAddress } from '../chain/token/evm-address.ts';
import type { ErrorDetail } from '../kernel/errors.ts';

/** Where a payment goes; `field` is the name under which the client said so. */
export type Target = { readonly field: string } & (
  | { readonly kind: 'wallet'; readonly walletId: string }
  /** In EIP-55 form. */
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'externalAccount'; readonly externalAccountId: string }
);

/** The documents have several names for an OMS wallet and an external account; each operation takes some of them. */
export type TargetName =
  | 'wallet'
  | 'id'
  | 'walletId'
  | 'blockchainAddress'
  | 'externalAccount'
  | 'externalAccountId';

const FIELD = 'destination.wallet';

/** Reads a schema-valid `destination.wallet`, which names exactly one target; else says in `issues` what is wrong. */
export function readTarget(
  given: Readonly<Partial<Record<TargetName, string | undefined>>>,
  names: readonly TargetName[],
  issues: ErrorDetail[],
): Target | undefined {
  const [name, ...more] = names.filter((each) => given[each] !== undefined);
  const value = name && given[name];
  if (name === undefined || value === undefined || more.length > 0) {
    issues.push({ field: FIELD, issue: `takes exactly one of ${names.join(', ')}` });
    return undefined;
  }
  const field = `${FIELD}.${name}`;
  if (name === 'externalAccount' || name === 'externalAccountId') {
    return { kind: 'externalAccount', externalAccountId: value, field };
  }
  if (name !== 'blockchainAddress') return { kind: 'wallet', walletId: value, field };
  const { address, issue } = readEvmAddress(value);
  if (address !== undefined) return { kind: 'address', address, field };
  issues.push({ field, issue });
  return undefined;
}

/** The value under the first of the names that is used; one has to be, and all that are used have to agree. */
export function readOneOf<Name extends string>(
  from: Readonly<Partial<Record<Name, string | undefined>>>,
  names: readonly [Name, ...Name[]],
  prefix: string,
  issues: ErrorDetail[],
): string | undefined {
  const used = names.filter((name) => from[name] !== undefined);
  const [first] = used;
  if (first === undefined) {
    issues.push({ field: prefix + names[0], issue: 'is required' });
    return undefined;
  }
  for (const name of used) {
    if (from[name] !== from[first]) {
      issues.push({ field: prefix + name, issue: `differs from ${prefix}${first}` });
    }
  }
  return from[first];
}
