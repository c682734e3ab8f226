/** First segments of the routes that any change may show in. */
const ALWAYS = ['overview', 'events', 'webhooks', 'ledger', 'sandbox'];
/** By the first segment of the event's name. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  transaction: ['transactions', 'cash-ins', 'wallets', 'customers', 'deposit-addresses', 'virtual-accounts'],
  cashIn: ['cash-ins', 'transactions', 'wallets', 'customers'],
  customer: ['customers'],
  wallet: ['wallets', 'customers', 'transactions'],
  virtual_account: ['virtual-accounts', 'customers', 'transactions'],
  virtualAccount: ['virtual-accounts', 'customers'],
  deposit_address: ['deposit-addresses', 'customers', 'transactions', 'wallets'],
  depositAddress: ['deposit-addresses', 'customers'],
  externalAccount: ['external-accounts', 'customers'],
  webhook: ['webhooks'],
};

/** Whether what was read by the route (`GET /customers/:customerId`) may look different after the event. */
export function isTouched(route: string, eventType: string): boolean {
  const segment = route.split('/')[1] ?? '';
  const also = ALSO[eventType.split('.')[0] ?? ''];
  return also === undefined || ALWAYS.includes(segment) || also.includes(segment);
}
