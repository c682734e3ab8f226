import type { EventData, EventName } from '@openoms/contract/events.ts';

/** Makes an id of the form that the API gives, such as `txn_01…`. */
export type NewId = (prefix: string) => string;

/** The events that the exam sends, as OpenOMS makes them. */
export type SampleName = Extract<
  EventName,
  | 'cashIn.completed'
  | 'transaction.cryptoToFiat.processing'
  | 'transaction.cryptoToFiat.completed'
  | 'transaction.fiatToCrypto.failed'
  | 'customer.endorsement.granted'
  | 'wallet.depositDetected'
>;

/** `data` of an event that happened at that time. */
export const SAMPLES: { readonly [Name in SampleName]: (id: NewId, at: string) => EventData<Name> } = {
  'cashIn.completed': cashIn,
  'transaction.cryptoToFiat.processing': (id, at) => payout(id, at),
  'transaction.cryptoToFiat.completed': (id, at) => ({
    ...payout(id, at),
    status: 'completed',
    subStatus: 'settled',
    completedAt: at,
  }),
  'transaction.fiatToCrypto.failed': failedPurchase,
  'customer.endorsement.granted': endorsedCustomer,
  'wallet.depositDetected': walletDeposit,
};

function cashIn(id: NewId, at: string): EventData<'cashIn.completed'> {
  return {
    id: id('ci'),
    object: 'cashIn',
    type: 'fiatToCrypto',
    customerId: id('cst'),
    status: 'completed',
    source: { asset: 'usd', network: 'cash', indicatedAmount: '100.00', amount: '100.00' },
    destination: { wallet: { id: id('wlt') }, asset: 'usdc', network: 'polygon' },
    cash: { locationId: id('loc'), locationReference: 'R1JFRU5ET1QtMjQzNDpsYXQ9NDAuNzU' },
    location: { name: 'Retail Partner #4521', address: '123 Main St, New York, NY 10001' },
    fixedAmountSide: 'source',
    transactionId: id('txn'),
    metadata: {},
    createdAt: at,
    updatedAt: at,
    completedAt: at,
  };
}

function payout(id: NewId, at: string): EventData<'transaction.cryptoToFiat.processing'> {
  return {
    id: id('txn'),
    object: 'transaction',
    type: 'cryptoToFiat',
    status: 'processing',
    customerId: id('cst'),
    quoteId: id('qt'),
    source: {
      walletId: id('wlt'),
      asset: 'usdc',
      network: 'polygon',
      amountGross: '50.00',
      amountNet: '49.25',
      feesDeducted: { total: '0.75', developer: '0.00', oms: '0.75', gas: '0.00' },
    },
    destination: {
      externalAccountId: id('cpUsBank'),
      bankDetails: { accountNumber: '****6789', routingNumber: '021000021', bankName: 'Chase' },
      asset: 'usd',
      network: 'ach',
      amountGross: '49.25',
      amountNet: '49.25',
    },
    rates: { pair: 'usdc/usd', exchangeRate: '1.0', effectiveRate: '0.985' },
    fixedAmountSide: 'source',
    metadata: { invoice: 'INV-2047' },
    createdAt: at,
    updatedAt: at,
  };
}

function failedPurchase(id: NewId, at: string): EventData<'transaction.fiatToCrypto.failed'> {
  return {
    id: id('txn'),
    object: 'transaction',
    type: 'fiatToCrypto',
    status: 'failed',
    cashInId: id('ci'),
    source: { asset: 'usd', network: 'cash', amountGross: '100.00', amountNet: '98.00' },
    destination: {
      wallet: { walletId: id('wlt') },
      asset: 'usdc',
      network: 'polygon',
      amountGross: '98.00',
      amountNet: '98.00',
    },
    error: { code: 'delivery_failed', message: 'The tokens could not be delivered.', recoverable: true },
    metadata: {},
    createdAt: at,
    updatedAt: at,
  };
}

function endorsedCustomer(id: NewId, at: string): EventData<'customer.endorsement.granted'> {
  return {
    id: id('cst'),
    object: 'customer',
    type: 'individual',
    firstName: 'Jane',
    middleName: null,
    lastName: 'Smith',
    email: 'jane@example.com',
    phone: '+12125551234',
    nationality: 'US',
    status: 'active',
    signedAgreement: true,
    signedAgreementAt: at,
    wallets: [],
    endorsements: ['basic', 'cryptoCustody', 'usd'],
    endorsementDetails: [],
    metadata: {},
    createdAt: at,
    updatedAt: at,
  };
}

function walletDeposit(id: NewId, at: string): EventData<'wallet.depositDetected'> {
  return {
    id: id('dep'),
    object: 'walletDeposit',
    walletId: id('wlt'),
    customerId: id('cst'),
    asset: 'usdc',
    chain: 'polygon',
    amount: '25.00',
    address: '0x52908400098527886E0F7030069857D2E4169EE7',
    fromAddress: '0x8617E340B3D01FA5F11F306F4090FD50E238070D',
    txHash: `0x${'9fc76417374aa880d4449a1f7f31ec597f00b1f6f3dd2d66f4c9c6c445836d8b'}`,
    logIndex: 4,
    blockNumber: '71234567',
    status: 'detected',
    detectedAt: at,
    creditedAt: null,
  };
}
