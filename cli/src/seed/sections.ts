import { setTimeout as delay } from 'node:timers/promises';
import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { EXAMPLE_EXTERNAL_ACCOUNT } from '@openoms/contract/external-accounts.ts';
import type { BodyOf } from '@openoms/contract/operation.ts';
import { OPERATIONS, type OperationId, type Operations } from '@openoms/contract/operations.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import type { OpenOMS } from '@openoms/sdk';
import type { MadeOf } from './seed.ts';

/** How one thing of the seed is made. */
export interface Making {
  readonly client: OpenOMS;
  readonly name: string;
  /** The fields that the seed gives, ids in the place of names. */
  readonly fields: Fields;
  /** The id of the customer that `customer` names. */
  readonly customerId: string;
  /** Makes a call under a key that follows from the thing's name; its refusal is told of these fields. */
  call<T>(field: readonly (string | number)[], call: (options: Keyed) => Promise<T>): Promise<T>;
}

type Fields = Readonly<Record<string, unknown>>;
interface Keyed {
  readonly idempotencyKey: string;
}

/** A section of things with names. */
interface Section<Made> {
  readonly fields: readonly string[];
  /** Whether each belongs to a customer. */
  readonly isOwned: boolean;
  make(making: Making): Promise<Made>;
}

type Body<Id extends OperationId> = BodyOf<Operations[Id]>;

const CREDITED_TIMEOUT_MS = 30_000;
const CREDITED_POLL_MS = 50;

/** What a request may say. The API checks how. */
const fieldsOf = (
  operation:
    | 'createSandboxApiKey'
    | 'createWebhook'
    | 'createCustomer'
    | 'createWallet'
    | 'createExternalAccount'
    | Destined,
): string[] => Object.keys(OPERATIONS[operation].body.properties);
type Destined = 'createVirtualAccount' | 'createDepositAddress';

/** Every section of things; in the seed they may stand in any order. */
export const SECTIONS: { readonly [Name in keyof MadeOf]: Section<MadeOf[Name]> } = {
  keys: {
    fields: fieldsOf('createSandboxApiKey'),
    isOwned: false,
    make: ({ client, name, fields, call }) =>
      call([], (options) => client.sandbox.apiKeys.create({ name, ...fields }, options)),
  },
  webhooks: {
    fields: fieldsOf('createWebhook'),
    isOwned: false,
    make: ({ client, fields, call }) =>
      call([], (options) => client.webhooks.create(fields as Body<'createWebhook'>, options)),
  },
  customers: {
    fields: [...fieldsOf('createCustomer'), 'decisions'],
    isOwned: false,
    make: async ({ client, fields: { decisions = [], ...given }, call }) => {
      const body = { ...EXAMPLE_CUSTOMER, ...given } as Body<'createCustomer'>;
      const customer = await call([], (options) => client.customers.create(body, options));
      const bodies = (Array.isArray(decisions) ? decisions : [decisions]) as Body<'simulateEndorsements'>[];
      for (const [place, decision] of bodies.entries()) {
        await call(['decisions', place], (options) =>
          client.simulate.endorsements(customer.id, decision, options),
        );
      }
      return customer;
    },
  },
  wallets: {
    fields: [...fieldsOf('createWallet'), 'balance'],
    isOwned: true,
    make: async ({ client, customerId, fields: { balance, ...given }, call }) => {
      const body = { asset: 'usdc', chain: 'polygon', ...given } as Body<'createWallet'>;
      const wallet = await call([], (options) => client.wallets.create(customerId, body, options));
      if (balance === undefined) return wallet;
      const amount = { value: balance as string };
      await call(['balance'], (options) => client.simulate.walletDeposit(wallet.id, { amount }, options));
      await credited(client, wallet);
      return wallet;
    },
  },
  externalAccounts: {
    fields: fieldsOf('createExternalAccount'),
    isOwned: true,
    make: ({ client, customerId, fields, call }) => {
      const body = { ...EXAMPLE_EXTERNAL_ACCOUNT, ...fields } as Body<'createExternalAccount'>;
      return call([], (options) => client.externalAccounts.create(customerId, body, options));
    },
  },
  virtualAccounts: {
    fields: fieldsOf('createVirtualAccount'),
    isOwned: true,
    make: ({ client, customerId, fields, call }) =>
      call([], (options) =>
        client.virtualAccounts.create(customerId, fields as Body<'createVirtualAccount'>, options),
      ),
  },
  depositAddresses: {
    fields: fieldsOf('createDepositAddress'),
    isOwned: true,
    make: ({ client, customerId, fields, call }) =>
      call([], (options) =>
        client.depositAddresses.create(customerId, fields as Body<'createDepositAddress'>, options),
      ),
  },
};

/** One after the other: which of two comes first must not depend on how fast a machine is. */
async function credited(client: OpenOMS, { id }: Wallet): Promise<void> {
  const endMs = performance.now() + CREDITED_TIMEOUT_MS;
  for (;;) {
    const [event] = await client.events.list({ resource: id, type: 'wallet.depositCredited' }).take(1);
    if (event) return;
    if (performance.now() >= endMs) throw new Error(`${id} got no balance within ${CREDITED_TIMEOUT_MS} ms`);
    await delay(CREDITED_POLL_MS);
  }
}
