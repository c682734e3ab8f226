import { expect, it } from 'vitest';
import { isTouched } from '../src/api/touched.ts';

it.each([
  ['GET /transactions/:transactionId', 'transaction.fiatToCrypto.completed', true],
  ['GET /customers/:customerId/balance', 'transaction.cryptoToFiat.failed', true],
  ['GET /transactions', 'cashIn.completed', true],
  ['GET /overview', 'customer.endorsement.granted', true],
  ['GET /events', 'webhook.disabled', true],
  ['GET /transactions', 'webhook.disabled', false],
  ['GET /api-keys', 'transaction.fiatToCrypto.completed', false],
  ['GET /settings', 'cashIn.created', false],
  ['GET /settings', 'somethingNew.happened', true],
])('%s is read anew after %s: %s', (route, event, expected) => {
  expect(isTouched(route, event)).toBe(expected);
});
