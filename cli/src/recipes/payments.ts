import type { CashIn } from '@openoms/contract/cash-ins.ts';
import type { EventName } from '@openoms/contract/events.ts';
import type { Transaction } from '@openoms/contract/transactions.ts';
import type { Recipe } from './recipe.ts';
import { AUTHORIZATION_MINUTES, CODE_MINUTES, type Steps } from './steps.ts';

/** Cash-ins, transactions and what reaches wallets. */

/** Of a moment: the one that is looked for is among them. */
const MAX_REVIEWS = 100;

type TransactionType = Transaction['type'];

const failedCashIn = {
  does: 'Pays cash in for an address that the token refuses.',
  takesMinutes: AUTHORIZATION_MINUTES,
} as const;

/** The event is of the transaction that the cash-in led to. */
const transactionOf =
  (run: (steps: Steps) => Promise<CashIn>) =>
  async (steps: Steps): Promise<string> => {
    const { id, transactionId } = await run(steps);
    if (transactionId === null) throw new TypeError(`${id} has no transaction.`);
    return transactionId;
  };

const paidCashIn = async (steps: Steps) => steps.completedCashIn(await steps.wallet());

export const CASH_IN_RECIPES = {
  'cashIn.created': {
    does: 'Makes a deposit code.',
    run: async (steps) => (await steps.cashIn(await steps.wallet())).id,
  },
  'cashIn.processing': {
    does: 'Hands over cash at a till.',
    run: async (steps) => (await paidCashIn(steps)).id,
  },
  'cashIn.completed': {
    does: 'Hands over cash at a till, and waits for its delivery.',
    run: async (steps) => (await paidCashIn(steps)).id,
  },
  'cashIn.expired': {
    does: 'Makes a deposit code, and lets its hour pass.',
    takesMinutes: CODE_MINUTES,
    run: async (steps) => {
      const cashIn = await steps.cashIn(await steps.wallet());
      return (await steps.cashInWith('expired', cashIn, CODE_MINUTES)).id;
    },
  },
  'cashIn.failed': { ...failedCashIn, run: async (steps) => (await steps.failedCashIn()).id },
} satisfies Partial<Record<EventName, Recipe>>;

export const TRANSACTION_RECIPES = {
  'transaction.fiatToCrypto.processing': {
    does: 'Hands over cash at a till.',
    run: transactionOf(paidCashIn),
  },
  'transaction.fiatToCrypto.completed': {
    does: 'Hands over cash at a till, and waits for its delivery.',
    run: transactionOf(paidCashIn),
  },
  'transaction.fiatToCrypto.failed': { ...failedCashIn, run: transactionOf((steps) => steps.failedCashIn()) },
  'transaction.cryptoToCrypto.processing': {
    does: 'Pays to the wallet of another customer.',
    run: async (steps) => (await steps.send({ id: (await steps.wallet()).id })).id,
  },
  'transaction.cryptoToCrypto.completed': {
    does: 'Pays to the wallet of another customer, and waits for its delivery.',
    run: async (steps) => {
      const { id } = await steps.send({ id: (await steps.wallet()).id });
      return (await steps.transactionWith('completed', id)).id;
    },
  },
  'transaction.cryptoToCrypto.failed': {
    does: 'Pays to an address that the token refuses.',
    takesMinutes: AUTHORIZATION_MINUTES,
    run: async (steps) => {
      const { id } = await steps.send({ blockchainAddress: await steps.refusedAddress() });
      return (await steps.transactionWith('failed', id, AUTHORIZATION_MINUTES)).id;
    },
  },
  'transaction.cryptoToFiat.processing': {
    does: 'Pays to a bank account.',
    run: async (steps) => (await steps.payout()).id,
  },
  'transaction.cryptoToFiat.cashPickupReady': {
    does: 'Has cash made ready at a machine.',
    run: async (steps) => (await steps.transactionWith('cashPickupReady', (await steps.cashOut()).id)).id,
  },
  'transaction.cryptoToFiat.completed': {
    does: 'Pays to a bank account, and waits for its arrival.',
    run: async (steps) => (await steps.settledPayout()).id,
  },
  'transaction.cryptoToFiat.failed': {
    does: 'Asks a machine for cash that is out of it.',
    run: async (steps) => {
      const { id } = await steps.cashOut('a machine out of cash');
      return (await steps.transactionWith('failed', id)).id;
    },
  },
  'transaction.cryptoToFiat.returned': {
    does: 'Pays to a bank account, whose bank sends it back.',
    run: async (steps) => (await steps.returnedPayout()).id,
  },
  'transaction.cryptoToFiat.refunded': {
    does: 'Pays to a bank account, whose bank sends it back, and waits for the refund.',
    run: async (steps) => {
      const { id } = await steps.returnedPayout();
      await steps.until(`${id} is refunded`, async () => {
        const { refund } = await steps.client.transactions.get(id);
        return refund?.status === 'completed' ? refund : undefined;
      });
      return id;
    },
  },
} satisfies Partial<Record<EventName, Recipe>>;

/** The review has an id of its own, which its event alone tells. */
const underReview = (
  name: `transaction.${TransactionType}.underReview`,
  transactionOf: (steps: Steps) => Promise<string>,
) => ({
  does: 'Has screening look at a transaction. Told to compliance alone: subscribe to it by name.',
  run: async (steps: Steps): Promise<string> => {
    const transactionId = await transactionOf(steps);
    await steps.client.simulate.transaction(transactionId, { event: 'underReview' });
    const event = await steps.until(`${transactionId} has ${name}`, async () => {
      const latest = await steps.client.events.list({ type: name }).take(MAX_REVIEWS);
      return latest.find(({ data }) => 'id' in data && data.id === transactionId);
    });
    return event.resourceId;
  },
});

export const REVIEW_RECIPES = {
  'transaction.fiatToCrypto.underReview': underReview(
    'transaction.fiatToCrypto.underReview',
    transactionOf(paidCashIn),
  ),
  'transaction.cryptoToCrypto.underReview': underReview(
    'transaction.cryptoToCrypto.underReview',
    TRANSACTION_RECIPES['transaction.cryptoToCrypto.processing'].run,
  ),
  'transaction.cryptoToFiat.underReview': underReview(
    'transaction.cryptoToFiat.underReview',
    TRANSACTION_RECIPES['transaction.cryptoToFiat.processing'].run,
  ),
} satisfies Partial<Record<EventName, Recipe>>;

/** Whoever pays to the address of a wallet, and not to the wallet, is a stranger to it. */
const strangersTransfer = {
  does: 'Sends tokens to the address of a wallet, as a stranger would.',
  run: async (steps: Steps): Promise<string> => {
    const wallet = await steps.wallet();
    const { id } = await steps.send({ blockchainAddress: wallet.address });
    await steps.transactionWith('completed', id);
    return wallet.id;
  },
} as const;

export const WALLET_RECIPES = {
  'wallet.depositDetected': strangersTransfer,
  'wallet.depositCredited': strangersTransfer,
} satisfies Partial<Record<EventName, Recipe>>;
