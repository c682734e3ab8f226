import type { CashNetwork } from '../cash-ins/provider.ts';
import type { IdentityVerifier } from '../customers/provider.ts';
import { SandboxCashNetwork } from './sandbox/cash-network.ts';
import { SandboxIdentityVerifier } from './sandbox/identity.ts';

/** Who stands behind each port. */
export interface Providers {
  readonly identityVerifier: IdentityVerifier;
  readonly cashNetwork: CashNetwork;
}

export const sandboxProviders = (): Providers => ({
  identityVerifier: new SandboxIdentityVerifier(),
  cashNetwork: new SandboxCashNetwork(),
});
