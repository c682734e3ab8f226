import type { EventName } from '@openoms/contract/events.ts';
import type { Recipe } from './recipe.ts';
import { AUTHORIZATION_MINUTES, type Steps } from './steps.ts';

/** Customers, and the accounts and addresses they have. */

export const CUSTOMER_RECIPES = {
  'customer.endorsement.granted': {
    does: 'Registers a customer.',
    run: async (steps) => (await steps.customer()).id,
  },
  'customer.endorsement.updated': {
    does: 'Asks for one more endorsement of a customer.',
    run: async (steps) => {
      const { id } = await steps.client.customers.create({ endorsements: ['basic'] });
      await steps.client.customers.update(id, { endorsements: ['usd'] });
      return id;
    },
  },
  'customer.endorsement.denied': {
    does: 'Has the reviewer reject a customer.',
    run: async (steps) => {
      const { id } = await steps.client.customers.create({ endorsements: ['basic'] });
      await steps.client.simulate.endorsements(id, { event: 'rejected' });
      return id;
    },
  },
} satisfies Partial<Record<EventName, Recipe>>;

const bankAccount = {
  does: 'Registers a bank account.',
  run: async (steps: Steps): Promise<string> => (await steps.bankAccount()).id,
} as const;

export const EXTERNAL_ACCOUNT_RECIPES = {
  'externalAccount.created': bankAccount,
  'externalAccount.verified': bankAccount,
  'externalAccount.updated': {
    does: 'Pays to a bank account, whose bank corrects its number.',
    run: async (steps) => {
      const payout = await steps.settledPayout();
      const corrected = { accountNumber: '000123459876' };
      const event = 'notificationOfChange';
      await steps.client.simulate.transaction(payout.id, { event, code: 'C01', corrected });
      return payout.destination.externalAccountId ?? '';
    },
  },
  'externalAccount.deleted': {
    does: 'Registers a bank account and deletes it.',
    run: async (steps) => {
      const { id } = await steps.bankAccount();
      await steps.client.externalAccounts.delete(id);
      return id;
    },
  },
} satisfies Partial<Record<EventName, Recipe>>;

export const VIRTUAL_ACCOUNT_RECIPES = {
  'virtualAccount.provisioned': {
    does: 'Opens a virtual account.',
    run: async (steps) => (await steps.virtualAccount()).id,
  },
  'virtualAccount.updated': {
    does: 'Changes the label of a virtual account.',
    run: async (steps) => {
      const { id } = await steps.virtualAccount();
      return (await steps.client.virtualAccounts.update(id, { label: 'Payroll' })).id;
    },
  },
  'virtualAccount.deleted': {
    does: 'Opens a virtual account and closes it.',
    run: async (steps) => {
      const { id } = await steps.virtualAccount();
      await steps.client.virtualAccounts.delete(id);
      return id;
    },
  },
  'virtualAccount.deposit.received': {
    does: 'Has money come in over a bank.',
    run: async (steps) => (await steps.bankDeposit(await steps.virtualAccount(), 'delivered')).id,
  },
  'virtualAccount.deposit.held': {
    does: 'Has money come in for a paused virtual account.',
    run: async (steps) => (await heldBankDeposit(steps)).id,
  },
  'virtualAccount.deposit.settled': {
    does: 'Has money come in over a bank, and waits for its delivery.',
    run: async (steps) => (await steps.bankDeposit(await steps.virtualAccount(), 'delivered')).id,
  },
  'virtualAccount.deposit.returned': {
    does: 'Closes a virtual account that holds money.',
    run: async (steps) => {
      const held = await heldBankDeposit(steps);
      await steps.client.virtualAccounts.delete(held.virtualAccountId);
      return held.id;
    },
  },
} satisfies Partial<Record<EventName, Recipe>>;

async function heldBankDeposit(steps: Steps) {
  const account = await steps.virtualAccount();
  await steps.client.virtualAccounts.update(account.id, { status: 'paused' });
  return steps.bankDeposit(account, 'held');
}

const changedAddress =
  (body: Parameters<Steps['client']['depositAddresses']['update']>[1]) =>
  async (steps: Steps): Promise<string> => {
    const { id } = await steps.depositAddress();
    return (await steps.client.depositAddresses.update(id, body)).id;
  };

export const DEPOSIT_ADDRESS_RECIPES = {
  'depositAddress.active': {
    does: 'Makes a deposit address.',
    run: async (steps) => (await steps.depositAddress()).id,
  },
  'depositAddress.paused': {
    does: 'Pauses a deposit address.',
    run: changedAddress({ status: 'paused' }),
  },
  'depositAddress.updated': {
    does: 'Changes the label of a deposit address.',
    run: changedAddress({ label: 'Invoices' }),
  },
  'depositAddress.deleted': {
    does: 'Makes a deposit address and deletes it.',
    run: async (steps) => {
      const { id } = await steps.depositAddress();
      await steps.client.depositAddresses.delete(id);
      return id;
    },
  },
} satisfies Partial<Record<EventName, Recipe>>;

const deliveredDeposit = async (steps: Steps): Promise<string> =>
  (await steps.cryptoDeposit(await steps.depositAddress(), 'delivered')).id;

/** What came to the address went to a bank, which sends it back. */
async function returnedDeposit(steps: Steps, beforeReturn: (address: string) => Promise<void>) {
  const address = await steps.depositAddressOfBank();
  await steps.client.depositAddresses.simulate(address.id, { amount: { value: '20.00' } });
  const sent = await steps.until(`the deposit to ${address.id} is sent on`, async () => {
    const [latest] = await steps.client.depositAddresses.deposits(address.id).take(1);
    return latest?.transactionId === undefined ? undefined : latest;
  });
  const transactionId = sent.transactionId ?? '';
  await steps.settleAtBank(transactionId);
  await beforeReturn(address.source.depositInstructions.address);
  await steps.client.simulate.transaction(transactionId, { event: 'payoutReturned', returnCode: 'R01' });
  return sent;
}

export const CRYPTO_DEPOSIT_RECIPES = {
  'deposit_address.crypto_deposit.pending': {
    does: 'Sends tokens to a deposit address.',
    run: deliveredDeposit,
  },
  'deposit_address.crypto_deposit.settled': {
    does: 'Sends tokens to a deposit address.',
    run: deliveredDeposit,
  },
  'deposit_address.crypto_deposit.processing': {
    does: 'Sends tokens to a deposit address.',
    run: deliveredDeposit,
  },
  'deposit_address.crypto_deposit.delivered': {
    does: 'Sends tokens to a deposit address, and waits for their delivery.',
    run: deliveredDeposit,
  },
  'deposit_address.crypto_deposit.held': {
    does: 'Sends tokens to a paused deposit address.',
    run: async (steps) => {
      const address = await steps.depositAddress();
      await steps.client.depositAddresses.update(address.id, { status: 'paused' });
      return (await steps.cryptoDeposit(address, 'held')).id;
    },
  },
  'deposit_address.crypto_deposit.returning': {
    does: 'Sends tokens to a deposit address that pays out to a bank, which sends the payout back.',
    run: async (steps) => (await returnedDeposit(steps, async () => undefined)).id,
  },
  'deposit_address.crypto_deposit.failed': {
    does: 'The same, while the token refuses transfers to the deposit address.',
    takesMinutes: AUTHORIZATION_MINUTES,
    beyondClients: 'Only the owner of the token can have it refuse transfers to a deposit address.',
    run: async (steps) => {
      const sent = await returnedDeposit(steps, (address) => steps.outside.refuseTransfersTo(address));
      return (await steps.cryptoDepositWith('failed', sent.depositAddressId, AUTHORIZATION_MINUTES)).id;
    },
  },
} satisfies Partial<Record<EventName, Recipe>>;
