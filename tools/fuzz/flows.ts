import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import type { OperationId } from '@openoms/contract/operations.ts';
import type { Source } from './generate.ts';
import type { Seen } from './pool.ts';

/** A request before it is text. */
export interface Draft {
  params: Record<string, unknown>;
  query: Record<string, unknown>;
  body?: Record<string, unknown>;
}

/** How often an operation is chosen; 1 unless named. */
export const WEIGHTS: Partial<Record<OperationId, number>> = {
  createToken: 0.3,
  createCustomer: 2,
  createWallet: 2,
  createCashIn: 3,
  simulateBarcodeAuth: 3,
  simulateAuthCommit: 3,
  createWebhook: 0.5,
  deleteWebhook: 2,
};

export const MAX_WEIGHT = 3;

type Flow = (
  source: Source,
  credentials: { apiKey: string; apiSecret: string },
) => Partial<Draft> | undefined;

const AMOUNTS = ['20.00', '50.00', '100.00', '137.55'];

/**
 * Bodies that lead somewhere: what earlier answers returned, put where the next request of a flow takes it. A new
 * operation needs an entry only when its body must fit together.
 */
export const FLOWS: Partial<Record<OperationId, Flow>> = {
  createToken: (_source, { apiKey, apiSecret }) => ({ body: { apiKey, apiSecret } }),
  createCustomer: () => ({ body: { ...EXAMPLE_CUSTOMER } }),
  createWallet: () => ({ body: { asset: 'usdc', chain: 'polygon' } }),
  listCashLocations: ({ random }) => ({
    query: { provider: 'greendot', latitude: random.int(25, 48), longitude: -random.int(70, 122) },
  }),
  createCashIn: ({ random, pool }) => {
    const wallet = pool.object('wallet', random);
    const location = pool.object('cashLocation', random);
    if (!wallet || !location) return undefined;
    return {
      body: {
        customerId: wallet.customerId,
        source: { asset: 'usd', indicatedAmount: random.pick(AMOUNTS) },
        destination: { wallet: { wallet: wallet.id }, asset: 'usdc', network: 'polygon' },
        cash: { cashLocationId: location.id, cashLocationReference: location.cashLocationReference },
      },
    };
  },
  simulateBarcodeAuth: ({ random, pool }) => {
    const instructions = pool.object('.depositInstructions', random);
    return instructions && { body: { barcode: instructions.code, amount: random.pick(AMOUNTS) } };
  },
  simulateAuthCommit: ({ random, pool }) => {
    const authorized: Seen | undefined = pool.object('simulateBarcodeAuth', random);
    if (!authorized) return undefined;
    const { accountNumber, accountReferenceNumber, confirmationId, authorizedAmount } = authorized;
    return {
      body: {
        accountNumber,
        accountReferenceNumber,
        originalConfirmationId: confirmationId,
        amount: random.chance(0.8) ? authorizedAmount : random.pick(AMOUNTS),
      },
    };
  },
  // Few are switched on: each event is delivered to each of them.
  createWebhook: ({ random }) => ({
    body: {
      url: 'http://127.0.0.1:9/hook',
      events: random.pick([[], ['cashIn.*'], ['transaction.*.failed']]),
      enabled: random.chance(0.05),
    },
  }),
};
