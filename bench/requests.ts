import { randomBytes } from 'node:crypto';
import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { BASE_PATH } from '@openoms/contract/operation.ts';
import { must } from '../server/src/kernel/assert.ts';
import { SandboxCashNetwork } from '../server/src/providers/sandbox/cash-network.ts';
import type { LoadRequest } from './load.ts';

/** Handed over at the till, in USD: small, so that the treasury's float lasts. */
export const CASH_AMOUNT = '20.00';

const [till] = new SandboxCashNetwork().nearest({
  latitude: 40.73,
  longitude: -73.99,
  provider: 'greendot',
  flow: 'cashIn',
  limit: 1,
});
const TILL = must(till, 'the sandbox has tills').location;

const post = (path: string, body: object) => ({
  path: BASE_PATH + path,
  body: JSON.stringify(body),
});

export const tokenRequest = (apiKey: string, apiSecret: string): LoadRequest =>
  post('/auth/token', { apiKey, apiSecret });

export const customerRequest = (): LoadRequest => post('/customers', EXAMPLE_CUSTOMER);

export const walletRequest = (customerId: string): LoadRequest =>
  post(`/customers/${customerId}/wallets`, { asset: 'usdc', chain: 'polygon' });

export const cashInRequest = (customerId: string, walletId: string): LoadRequest =>
  post('/cash-ins', {
    customerId,
    source: { asset: 'usd', indicatedAmount: CASH_AMOUNT },
    destination: { wallet: { wallet: walletId }, asset: 'usdc', network: 'polygon' },
    cash: { cashLocationId: TILL.locationId, cashLocationReference: TILL.reference },
  });

export const authorizationRequest = (code: string): LoadRequest =>
  post('/cash-ins/simulate/barcode-auth', { barcode: code, amount: CASH_AMOUNT });

/** `authorization` is what the till answered. */
export const commitRequest = (authorization: {
  readonly confirmationId: string;
  readonly accountNumber: string;
  readonly accountReferenceNumber: string;
}): LoadRequest =>
  post('/cash-ins/simulate/auth-commit', {
    originalConfirmationId: authorization.confirmationId,
    accountNumber: authorization.accountNumber,
    accountReferenceNumber: authorization.accountReferenceNumber,
    amount: CASH_AMOUNT,
  });

const USDC = { asset: 'usdc', network: 'polygon' } as const;

/** Of the least amount, so that a wallet's funds last, to an address outside. */
export const quoteRequest = ({ customerId, walletId }: PreparedCustomer): LoadRequest =>
  post('/quotes', {
    customerId,
    source: { walletId, ...USDC, amount: '0.01' },
    destination: { wallet: { blockchainAddress: `0x${randomBytes(20).toString('hex')}` }, ...USDC },
  });

export const paymentRequest = (quoteId: string) => post('/transactions', { quoteId });

/** A quote, and the transaction that it becomes. */
export const quoteAndPaymentRequest = (customer: PreparedCustomer): LoadRequest => ({
  ...quoteRequest(customer),
  followUp: paymentRequest('{id}'),
});

/** Sends requests, each once, and answers the bodies of their replies in the same order. */
export type SendAll = (requests: readonly LoadRequest[]) => Promise<readonly string[]>;

export interface PreparedCustomer {
  readonly customerId: string;
  readonly walletId: string;
}

const parsed = <T>(bodies: readonly string[]): T[] => bodies.map((body) => JSON.parse(body) as T);

/** New customers, each with a wallet. */
export async function prepareCustomers(sendAll: SendAll, count: number): Promise<PreparedCustomer[]> {
  const customers = parsed<{ id: string }>(await sendAll(Array.from({ length: count }, customerRequest)));
  const wallets = parsed<{ id: string; customerId: string }>(
    await sendAll(customers.map(({ id }) => walletRequest(id))),
  );
  return wallets.map(({ id, customerId }) => ({ customerId, walletId: id }));
}

/** A cash-in for each customer, its code read and its load authorized at a till; the commits that are left to do. */
export async function prepareCommits(
  sendAll: SendAll,
  customers: readonly PreparedCustomer[],
): Promise<LoadRequest[]> {
  const cashIns = parsed<{ depositInstructions: { code: string } }>(
    await sendAll(customers.map(({ customerId, walletId }) => cashInRequest(customerId, walletId))),
  );
  const authorizations = parsed<Parameters<typeof commitRequest>[0]>(
    await sendAll(cashIns.map(({ depositInstructions }) => authorizationRequest(depositInstructions.code))),
  );
  return authorizations.map(commitRequest);
}
