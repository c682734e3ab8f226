import type { Customer } from '@openoms/contract/customers.ts';
import type { DepositAddress } from '@openoms/contract/deposit-addresses.ts';
import type { ExternalAccount } from '@openoms/contract/external-accounts.ts';
import type { BodyOf, ReplyOf } from '@openoms/contract/operation.ts';
import type { OperationId, Operations } from '@openoms/contract/operations.ts';
import type { VirtualAccount } from '@openoms/contract/virtual-accounts.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import type { WebhookWithSecret } from '@openoms/contract/webhooks.ts';

type Body<Id extends OperationId> = BodyOf<Operations[Id]>;
type Named<Fields> = Readonly<Record<string, Fields>>;
/** The name of a customer of the seed. */
interface Owned {
  readonly customer: string;
}

/**
 * A world to begin with. What is made has a name, and the fields of the request that makes it; `$wallets.main` stands for
 * the id of what was made before it. Sections are carried out in the order in which they stand.
 */
export interface Seed {
  /** First of all: the project is emptied, and ids, codes and addresses follow from this; its clock stands. */
  readonly seed?: string;
  /** The project's clock stands there. */
  readonly clock?: string;
  readonly settings?: Body<'updateSettings'>;
  /** Further API keys. */
  readonly keys?: Named<Partial<Body<'createSandboxApiKey'>>>;
  readonly webhooks?: Named<Body<'createWebhook'>>;
  /** What is left out is as in the reference's example. */
  readonly customers?: Named<
    Partial<Body<'createCustomer'>> & { readonly decisions?: readonly Body<'simulateEndorsements'>[] }
  >;
  /** USDC on Polygon. `balance` comes by a transfer from outside: an amount such as `250.00`. */
  readonly wallets?: Named<Owned & Partial<Body<'createWallet'>> & { readonly balance?: string }>;
  /** What is left out is as in the reference's example. */
  readonly externalAccounts?: Named<Owned & Partial<Body<'createExternalAccount'>>>;
  readonly virtualAccounts?: Named<Owned & Body<'createVirtualAccount'>>;
  readonly depositAddresses?: Named<Owned & Body<'createDepositAddress'>>;
}

/** What the API answers of each thing that has a name. */
export interface MadeOf {
  readonly keys: ReplyOf<Operations['createSandboxApiKey']>;
  readonly webhooks: WebhookWithSecret;
  readonly customers: Customer;
  readonly wallets: Wallet;
  readonly externalAccounts: ExternalAccount;
  readonly virtualAccounts: VirtualAccount;
  readonly depositAddresses: DepositAddress;
}

/** All that was made, by its section and name. */
export type World<S = Seed> = {
  readonly [Section in keyof MadeOf]: {
    readonly [Name in keyof (Section extends keyof S ? NonNullable<S[Section]> : object)]: MadeOf[Section];
  };
};
