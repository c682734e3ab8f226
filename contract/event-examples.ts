import { type CashIn, getCashIn } from './cash-ins.ts';
import { createCustomer, type Endorsement } from './customers.ts';
import { type AddressDeposit, type DepositAddress, getDepositAddress } from './deposit-addresses.ts';
import type { EndorsementEventData, WalletDeposit, WebhookTest } from './event-data.ts';
import { type ExternalAccountEventData, getExternalAccount } from './external-accounts.ts';
import { getTransaction, type Transaction } from './transactions.ts';
import { getVirtualAccount, type VirtualAccount, type VirtualAccountDeposit } from './virtual-accounts.ts';
import { getWebhook, type Webhook } from './webhooks.ts';

/** What events carry, as examples: the resources of the operations' examples, at later points of their lives. */

const NO_FEES = { total: '0.00', developer: '0.00', oms: '0.00', gas: '0.00' };
const TX_HASH = '0x8281b4c8383895e69cec10acddadc4e4e6691f4457089b2cff7bcc4fffd5ce86';
const REFUND_HASH = '0x600bb7f7c4d20994ca003008f1ece96c61e799850e1a9b2ca026b60363eac25e';
const STRANGER = '0x52908400098527886E0F7030069857D2E4169EE7';
const DEPOSIT_CREATED_AT = '2025-01-15T10:50:00Z';

export const CASH_IN_CREATED: CashIn = getCashIn.example.response;

export const CASH_IN_PROCESSING: CashIn = {
  ...CASH_IN_CREATED,
  status: 'processing',
  source: {
    ...CASH_IN_CREATED.source,
    amount: '100.00',
    amountGross: '100.00',
    amountNet: '98.00',
    feesDeducted: { total: '2.00', developer: '0.00', oms: '2.00', gas: '0.00' },
  },
  destination: {
    ...CASH_IN_CREATED.destination,
    amountGross: '98.00',
    amountNet: '98.00',
    feesDeducted: NO_FEES,
  },
  rates: { pair: 'usd/usdc', exchangeRate: '1.0', effectiveRate: '0.98' },
  fixedAmountSide: 'source',
  transactionId: 'txn_01H9Xn...',
  transaction: 'txn_01H9Xn...',
  updatedAt: '2025-01-15T10:40:00Z',
};

export const CASH_IN_COMPLETED: CashIn = {
  ...CASH_IN_PROCESSING,
  status: 'completed',
  subStatus: 'settled',
  updatedAt: '2025-01-15T10:40:05Z',
  completedAt: '2025-01-15T10:40:05Z',
};

export const CASH_IN_EXPIRED: CashIn = {
  ...CASH_IN_CREATED,
  status: 'expired',
  subStatus: 'cash_deposit_expired',
  updatedAt: '2025-01-15T11:30:00Z',
};

const SEND_FAILED = {
  code: 'recipient_blacklisted',
  message: 'The token refuses transfers to the recipient.',
  recoverable: false,
};

export const CASH_IN_FAILED: CashIn = {
  ...CASH_IN_PROCESSING,
  status: 'failed',
  subStatus: 'cash_deposit_failed',
  error: SEND_FAILED,
  updatedAt: '2025-01-15T10:40:05Z',
};

interface Stages {
  readonly processing: Transaction;
  readonly completed: Transaction;
  readonly failed: Transaction;
}

/** From a completed one, what it was before and what else might have become of it. */
function stagesOf(completed: Transaction): Stages {
  const { completedAt: _, ...rest } = completed;
  const processing: Transaction = {
    ...rest,
    status: 'processing',
    destination: { ...rest.destination, txHash: null },
    updatedAt: rest.createdAt,
  };
  const failed: Transaction = {
    ...processing,
    status: 'failed',
    error: SEND_FAILED,
    updatedAt: rest.updatedAt,
  };
  return { processing, completed, failed };
}

const DELIVERED = getTransaction.example.response;

export const FIAT_TO_CRYPTO: Stages = stagesOf({
  ...DELIVERED,
  destination: { ...DELIVERED.destination, txHash: TX_HASH },
});

const IN_CRYPTO = { asset: 'usdc', network: 'polygon', rail: 'crypto', paymentRail: 'crypto' };
const PARTIES = { senderCustomerId: 'cst_01H9Xa...', recipientCustomerId: 'cst_01H9Xa...' };
const TIMES = {
  createdAt: '2025-01-15T10:45:00Z',
  updatedAt: '2025-01-15T10:45:05Z',
  completedAt: '2025-01-15T10:45:05Z',
};

export const CRYPTO_TO_CRYPTO: Stages = stagesOf({
  id: 'txn_01H9Xo...',
  object: 'transaction',
  type: 'cryptoToCrypto',
  status: 'completed',
  quoteId: 'qt_01H9Xq...',
  ...PARTIES,
  recipientCustomerId: 'cst_01H9Xe...',
  source: {
    walletId: 'wlt_01H9Xb...',
    ...IN_CRYPTO,
    amountGross: '25.00',
    amountNet: '25.00',
    feesDeducted: NO_FEES,
  },
  destination: {
    wallet: { walletId: 'wlt_01H9Xf...' },
    ...IN_CRYPTO,
    amountGross: '25.00',
    amountNet: '25.00',
    feesDeducted: NO_FEES,
    txHash: TX_HASH,
  },
  rates: { pair: 'usdc/usdc', exchangeRate: '1.0', effectiveRate: '1.0' },
  fixedAmountSide: 'source',
  metadata: {},
  ...TIMES,
});

const SOURCE_OF_100 = {
  walletId: 'wlt_01H9Xb...',
  ...IN_CRYPTO,
  amountGross: '100.00',
  amountNet: '100.00',
  feesDeducted: NO_FEES,
  txHash: TX_HASH,
};

const TO_BANK: Transaction = {
  id: 'txn_01H9Xp...',
  object: 'transaction',
  type: 'cryptoToFiat',
  status: 'completed',
  subStatus: 'settled',
  quoteId: 'qt_01H9Xt...',
  ...PARTIES,
  source: SOURCE_OF_100,
  destination: {
    wallet: { externalAccountId: 'cpUsBank_01H9Xs...' },
    externalAccountId: 'cpUsBank_01H9Xs...',
    bankDetails: {
      accountNumber: '****6789',
      routingNumber: '021000021',
      accountType: 'checking',
      bankName: 'Chase',
    },
    owner: { name: 'Alice Martin' },
    asset: 'usd',
    network: 'ach',
    rail: 'ach',
    paymentRail: 'ach',
    amountGross: '100.00',
    amountNet: '100.00',
    feesDeducted: NO_FEES,
  },
  rates: { pair: 'usdc/usd', exchangeRate: '1.0', effectiveRate: '1.0' },
  fixedAmountSide: 'source',
  metadata: {},
  ...TIMES,
};

const RETURNED: Transaction = {
  ...TO_BANK,
  subStatus: 'returned',
  return: {
    code: 'R03',
    reason: 'No account, or the account cannot be located',
    amount: '100.00',
    returnedAt: '2025-01-17T14:00:00Z',
  },
  refund: { amount: '100.00', status: 'pending', txHash: null },
  updatedAt: '2025-01-17T14:00:00Z',
};

const RETURNED_AND_FAILED: Transaction = {
  ...RETURNED,
  status: 'failed',
  error: {
    code: 'payout_returned',
    message: 'The bank sent the payout back: No account, or the account cannot be located (R03)',
    recoverable: false,
  },
};

export const CRYPTO_TO_FIAT = {
  processing: {
    ...stagesOf(TO_BANK).processing,
    subStatus: 'fundsPulled',
    destination: TO_BANK.destination,
  } satisfies Transaction,
  completed: TO_BANK,
  returned: RETURNED,
  failed: RETURNED_AND_FAILED,
  refunded: {
    ...RETURNED_AND_FAILED,
    subStatus: 'refunded',
    refund: { amount: '100.00', status: 'completed', txHash: REFUND_HASH },
    updatedAt: '2025-01-17T14:00:06Z',
  } satisfies Transaction,
};

export const CASH_PICKUP_READY: Transaction = {
  id: 'txn_01H9Xq...',
  object: 'transaction',
  type: 'cryptoToFiat',
  status: 'cashPickupReady',
  subStatus: 'fundsPulled',
  quoteId: 'qt_01H9Xu...',
  ...PARTIES,
  source: { ...SOURCE_OF_100, amountGross: '40.00', amountNet: '40.00' },
  destination: {
    cash: { locationId: 'loc_01H9Xl...', locationReference: 'R1JFRU5ET1QtMzM2MDpsYXQ9...' },
    asset: 'usd',
    network: 'cash',
    rail: 'cash',
    paymentRail: 'cash',
    amountGross: '40.00',
    amountNet: '40.00',
    feesDeducted: NO_FEES,
  },
  rates: { pair: 'usdc/usd', exchangeRate: '1.0', effectiveRate: '1.0' },
  fixedAmountSide: 'destination',
  cashPickup: {
    amount: '40.00',
    asset: 'usd',
    cashCode: '1963 1130 5249',
    expiresAt: '2025-01-18T10:45:05Z',
    instructions: 'Choose "Cash by code" at the machine, then enter your phone number and the code.',
    phoneRequired: true,
    location: {
      name: 'Retail Partner #3492',
      provider: 'greendot',
      address: '3381 J St',
      city: 'Sacramento',
      state: 'CA',
      zipCode: '95814',
      country: 'US',
      coordinates: { latitude: 38.566798, longitude: -121.50206 },
    },
  },
  metadata: {},
  createdAt: TIMES.createdAt,
  updatedAt: TIMES.updatedAt,
};

const PROVISIONED = getVirtualAccount.example.response;

/** Events tell of its number by the last four. */
export const VIRTUAL_ACCOUNT: VirtualAccount = {
  ...PROVISIONED,
  bankDetails: { ...PROVISIONED.bankDetails, accountNumber: '****9175' },
};

export const VIRTUAL_ACCOUNT_DEPOSIT: VirtualAccountDeposit = {
  id: 'bcr_01H9Xc...',
  object: 'virtualAccountDeposit',
  virtualAccountId: VIRTUAL_ACCOUNT.id,
  customerId: VIRTUAL_ACCOUNT.customerId,
  status: 'received',
  rail: 'ach_in',
  asset: 'usd',
  amount: '1500.00',
  senderName: 'Acme Payroll Inc.',
  memo: 'SALARY JAN',
  traceNumber: '061999998596865',
  createdAt: DEPOSIT_CREATED_AT,
  updatedAt: DEPOSIT_CREATED_AT,
};

export const WALLET_DEPOSIT: WalletDeposit = {
  id: 'dep_01H9Xd...',
  object: 'walletDeposit',
  walletId: 'wlt_01H9Xb...',
  customerId: 'cst_01H9Xa...',
  asset: 'usdc',
  chain: 'polygon',
  amount: '500.00',
  address: '0x981377fC06a551D91DaDc5f516a890367Fed92ca',
  fromAddress: STRANGER,
  txHash: TX_HASH,
  logIndex: 12,
  blockNumber: '66703110',
  status: 'detected',
  detectedAt: DEPOSIT_CREATED_AT,
  creditedAt: null,
};

export const EXTERNAL_ACCOUNT: ExternalAccountEventData = getExternalAccount.example.response;

export const DEPOSIT_ADDRESS: DepositAddress = getDepositAddress.example.response;

export const ADDRESS_DEPOSIT: AddressDeposit = {
  id: 'dep_01H9Xg...',
  object: 'depositAddressDeposit',
  depositAddressId: DEPOSIT_ADDRESS.id,
  customerId: DEPOSIT_ADDRESS.customerId,
  status: 'pending',
  amount: '20.00',
  asset: 'usdc',
  network: 'polygon',
  address: DEPOSIT_ADDRESS.source.depositInstructions.address,
  fromAddress: STRANGER,
  txHash: TX_HASH,
  logIndex: 3,
  blockNumber: '66703118',
  createdAt: DEPOSIT_CREATED_AT,
  updatedAt: DEPOSIT_CREATED_AT,
};

export const ADDRESS_DEPOSIT_SENT: AddressDeposit = {
  ...ADDRESS_DEPOSIT,
  status: 'processing',
  transactionId: 'txn_01H9Xo...',
  updatedAt: '2025-01-15T10:50:04Z',
};

const { endorsements, ...CUSTOMER } = createCustomer.example.response;

/** The customer when every endorsement is in this status. */
export const endorsed = (status: Endorsement['status']): EndorsementEventData => ({
  ...CUSTOMER,
  endorsements: status === 'ACTIVE' ? endorsements.map(({ type }) => type) : [],
  endorsementDetails: endorsements.map((each) => ({ ...each, status })),
  updatedAt: '2024-01-15T10:00:02Z',
});

export const WEBHOOK_DISABLED: Webhook = {
  ...getWebhook.example.response,
  enabled: false,
  status: 'disabled',
  disabledReason: 'gone',
};

export const WEBHOOK_TEST: WebhookTest = {
  ...getWebhook.example.response,
  message: 'A test: nothing has happened.',
};
