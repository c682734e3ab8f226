import Type, { type Static, type TSchema } from 'typebox';
import { CashIn } from './cash-ins.ts';
import { AddressDeposit, DepositAddress } from './deposit-addresses.ts';
import { EndorsementEventData, WalletDeposit, WebhookTest } from './event-data.ts';
import * as examples from './event-examples.ts';
import { ExternalAccountEventData } from './external-accounts.ts';
import { THIRD_PARTY, Timestamp } from './fields.ts';
import type { Evidence } from './operation.ts';
import { Transaction } from './transactions.ts';
import { VirtualAccount, VirtualAccountDeposit } from './virtual-accounts.ts';
import { Webhook } from './webhooks.ts';

interface EventKind<Data extends TSchema> {
  /** What `resourceId` is: the prefixes that it may have. */
  readonly resource: readonly string[];
  /** Who is told: `compliance`, those alone who name the event, as customers must not learn of it. */
  readonly audience: 'all' | 'compliance';
  readonly data: Data;
}

export interface EventDefinition<Data extends TSchema = TSchema> extends EventKind<Data> {
  readonly when: string;
  /** Of `data`. */
  readonly example: Static<Data>;
  readonly evidence?: Evidence;
}

/** The events that tell of one kind of thing. */
const eventsOf =
  <Data extends TSchema>(
    data: Data,
    resource: readonly string[],
    audience: EventKind<Data>['audience'] = 'all',
  ) =>
  (when: string, example: Static<Data>, evidence?: Evidence): EventDefinition<Data> => ({
    when,
    resource,
    audience,
    data,
    example,
    ...(evidence && { evidence }),
  });

const cashIn = eventsOf(CashIn, ['ci']);
const transaction = eventsOf(Transaction, ['txn']);
/** Its own resource, so that the numbers of the transaction's events have no gap that tells of it. */
const review = eventsOf(Transaction, ['rvw'], 'compliance');
const virtualAccount = eventsOf(VirtualAccount, ['va']);
const virtualAccountDeposit = eventsOf(VirtualAccountDeposit, ['bcr']);
const walletDeposit = eventsOf(WalletDeposit, ['wlt']);
const externalAccount = eventsOf(ExternalAccountEventData, ['cpUsBank', 'cpIntlBank', 'cpBcAddr', 'pmCard']);
const depositAddress = eventsOf(DepositAddress, ['da']);
const addressDeposit = eventsOf(AddressDeposit, ['dep']);
const endorsement = eventsOf(EndorsementEventData, ['cst']);

const STARTED = 'The transaction started.';
const FAILED = 'The transaction failed.';
const UNDER_REVIEW = 'Screening wants the transaction looked at; the customer must not learn of it.';

const { FIAT_TO_CRYPTO, CRYPTO_TO_CRYPTO, CRYPTO_TO_FIAT } = examples;
const { VIRTUAL_ACCOUNT, VIRTUAL_ACCOUNT_DEPOSIT, EXTERNAL_ACCOUNT, DEPOSIT_ADDRESS } = examples;
const { ADDRESS_DEPOSIT, ADDRESS_DEPOSIT_SENT } = examples;

/** Every event that is sent, by name. */
export const EVENTS = {
  'cashIn.created': cashIn('A deposit code was issued.', examples.CASH_IN_CREATED, 'third-party'),
  'cashIn.processing': cashIn(
    'The cash was deposited and is being converted.',
    examples.CASH_IN_PROCESSING,
    'proposal',
  ),
  'cashIn.completed': cashIn('The cash deposit was processed and delivered.', examples.CASH_IN_COMPLETED),
  'cashIn.expired': cashIn('The code expired before any deposit.', examples.CASH_IN_EXPIRED, 'third-party'),
  'cashIn.failed': cashIn('The cash-in failed.', examples.CASH_IN_FAILED, 'proposal'),

  'transaction.fiatToCrypto.processing': transaction(STARTED, FIAT_TO_CRYPTO.processing),
  'transaction.fiatToCrypto.completed': transaction(
    'Crypto was delivered to the wallet.',
    FIAT_TO_CRYPTO.completed,
  ),
  'transaction.fiatToCrypto.failed': transaction(FAILED, FIAT_TO_CRYPTO.failed),
  'transaction.fiatToCrypto.underReview': review(UNDER_REVIEW, FIAT_TO_CRYPTO.processing, 'third-party'),
  'transaction.cryptoToCrypto.processing': transaction(STARTED, CRYPTO_TO_CRYPTO.processing),
  'transaction.cryptoToCrypto.completed': transaction('Crypto was delivered.', CRYPTO_TO_CRYPTO.completed),
  'transaction.cryptoToCrypto.failed': transaction(FAILED, CRYPTO_TO_CRYPTO.failed),
  'transaction.cryptoToCrypto.underReview': review(UNDER_REVIEW, CRYPTO_TO_CRYPTO.processing, 'third-party'),
  'transaction.cryptoToFiat.processing': transaction(STARTED, CRYPTO_TO_FIAT.processing),
  'transaction.cryptoToFiat.cashPickupReady': transaction(
    'The cash can be collected.',
    examples.CASH_PICKUP_READY,
    'proposal',
  ),
  'transaction.cryptoToFiat.completed': transaction(
    'Fiat landed in the bank account, or the cash was collected.',
    CRYPTO_TO_FIAT.completed,
  ),
  'transaction.cryptoToFiat.failed': transaction(FAILED, CRYPTO_TO_FIAT.failed),
  'transaction.cryptoToFiat.returned': transaction(
    'The bank sent a completed payout back; the transaction fails with it.',
    CRYPTO_TO_FIAT.returned,
    'proposal',
  ),
  'transaction.cryptoToFiat.refunded': transaction(
    'What a failed transaction gives back has arrived at its source.',
    CRYPTO_TO_FIAT.refunded,
    'proposal',
  ),
  'transaction.cryptoToFiat.underReview': review(UNDER_REVIEW, CRYPTO_TO_FIAT.processing, 'third-party'),

  'virtualAccount.provisioned': virtualAccount(
    'A virtual account can be paid to.',
    VIRTUAL_ACCOUNT,
    'third-party',
  ),
  'virtualAccount.updated': virtualAccount(
    'A virtual account was changed, paused or resumed.',
    { ...VIRTUAL_ACCOUNT, status: 'paused' },
    'proposal',
  ),
  'virtualAccount.deleted': virtualAccount(
    'A virtual account was closed.',
    { ...VIRTUAL_ACCOUNT, status: 'deleted' },
    'third-party',
  ),
  'virtualAccount.deposit.received': virtualAccountDeposit(
    'Money came in over a bank.',
    VIRTUAL_ACCOUNT_DEPOSIT,
    'proposal',
  ),
  'virtualAccount.deposit.held': virtualAccountDeposit(
    'Money that came in cannot be converted yet; `reason` says why.',
    { ...VIRTUAL_ACCOUNT_DEPOSIT, status: 'held', reason: 'account_paused' },
    'proposal',
  ),
  'virtualAccount.deposit.settled': virtualAccountDeposit(
    'What came in was converted and delivered.',
    { ...VIRTUAL_ACCOUNT_DEPOSIT, status: 'delivered', transactionId: 'txn_01H9Xr...' },
    'third-party',
  ),
  'virtualAccount.deposit.returned': virtualAccountDeposit(
    'What came in went back to its sender.',
    { ...VIRTUAL_ACCOUNT_DEPOSIT, status: 'returned', reason: 'account_deleted' },
    'third-party',
  ),

  'wallet.depositDetected': walletDeposit(
    'A transfer to a wallet was seen on chain; it is not final yet.',
    examples.WALLET_DEPOSIT,
  ),
  'wallet.depositCredited': walletDeposit(
    'The transfer became final and was added to the balance.',
    { ...examples.WALLET_DEPOSIT, status: 'credited', creditedAt: '2025-01-15T10:50:05Z' },
    'proposal',
  ),

  'externalAccount.created': externalAccount(
    'An external account was registered.',
    { ...EXTERNAL_ACCOUNT, status: 'pending' },
    'third-party',
  ),
  'externalAccount.verified': externalAccount(
    'An external account can be paid to.',
    EXTERNAL_ACCOUNT,
    'third-party',
  ),
  'externalAccount.updated': externalAccount(
    'A bank corrected the details of an external account.',
    {
      ...EXTERNAL_ACCOUNT,
      bankDetails: { ...EXTERNAL_ACCOUNT.bankDetails, routingNumber: '021000089', bankName: 'Citibank' },
    },
    'proposal',
  ),
  'externalAccount.deleted': externalAccount(
    'An external account was deleted.',
    { ...EXTERNAL_ACCOUNT, status: 'deleted' },
    'third-party',
  ),

  'depositAddress.active': depositAddress(
    'A deposit address was created or resumed.',
    DEPOSIT_ADDRESS,
    'third-party',
  ),
  'depositAddress.paused': depositAddress(
    'A deposit address was paused.',
    { ...DEPOSIT_ADDRESS, status: 'paused' },
    'proposal',
  ),
  'depositAddress.updated': depositAddress(
    'Anything else of a deposit address was changed.',
    { ...DEPOSIT_ADDRESS, label: 'Invoices 2025' },
    'proposal',
  ),
  'depositAddress.deleted': depositAddress(
    'A deposit address was deleted.',
    { ...DEPOSIT_ADDRESS, status: 'deleted' },
    'proposal',
  ),
  'deposit_address.crypto_deposit.pending': addressDeposit(
    'A transfer to a deposit address was seen on chain; it is not final yet.',
    ADDRESS_DEPOSIT,
    'third-party',
  ),
  'deposit_address.crypto_deposit.settled': addressDeposit(
    'The transfer became final.',
    { ...ADDRESS_DEPOSIT, status: 'received' },
    'third-party',
  ),
  'deposit_address.crypto_deposit.held': addressDeposit(
    'The deposit waits at its address, or waits for another reason than before.',
    { ...ADDRESS_DEPOSIT, status: 'held', amountHeld: '20.00', holdReason: 'address_paused' },
    'proposal',
  ),
  'deposit_address.crypto_deposit.processing': addressDeposit(
    'The deposit is being sent on, by a transaction of its own or with other small ones.',
    ADDRESS_DEPOSIT_SENT,
    'proposal',
  ),
  'deposit_address.crypto_deposit.delivered': addressDeposit(
    'What the deposit became has arrived at its destination.',
    { ...ADDRESS_DEPOSIT_SENT, status: 'delivered' },
    'proposal',
  ),
  'deposit_address.crypto_deposit.returning': addressDeposit(
    'The payout of the deposit failed; its money is on its way back to the deposit address.',
    { ...ADDRESS_DEPOSIT_SENT, status: 'returning', transactionId: 'txn_01H9Xp...' },
    'proposal',
  ),
  'deposit_address.crypto_deposit.failed': addressDeposit(
    'The money of a failed payout cannot come back to the deposit address.',
    { ...ADDRESS_DEPOSIT_SENT, status: 'failed', transactionId: 'txn_01H9Xp...' },
    'third-party',
  ),

  'customer.endorsement.granted': endorsement('An endorsement became active.', examples.endorsed('ACTIVE')),
  'customer.endorsement.denied': endorsement(
    'An endorsement was rejected.',
    examples.endorsed('REJECTED'),
    'proposal',
  ),
  'customer.endorsement.updated': endorsement(
    'An endorsement changed in any other way.',
    examples.endorsed('PENDING'),
    'proposal',
  ),

  'webhook.test': eventsOf(WebhookTest, ['whk'])(
    'A test of a webhook was asked for; it goes to that webhook alone.',
    examples.WEBHOOK_TEST,
    'proposal',
  ),
  'webhook.disabled': eventsOf(Webhook, ['whk'])(
    'The server switched a webhook off: it answered 410 Gone, or had failed for days.',
    examples.WEBHOOK_DISABLED,
    'proposal',
  ),
} satisfies Record<string, EventDefinition>;

export type EventName = keyof typeof EVENTS;

export type EventData<Name extends EventName> = Static<(typeof EVENTS)[Name]['data']>;

const envelopeFields = {
  id: Type.String({
    description: 'Of the delivery; the same in every attempt, so use it to drop repeats.',
    examples: ['whd_01H9Xy…'],
    ...THIRD_PARTY,
  }),
  eventId: Type.String({
    description: 'Of the event; the same for every webhook.',
    examples: ['evt_01H9Xz…'],
    ...THIRD_PARTY,
  }),
  createdAt: Timestamp({ ...THIRD_PARTY }),
  sequence: Type.Integer({
    description: 'Grows by resource: the higher one is the later state.',
    ...THIRD_PARTY,
  }),
};

/** Schema of the body of one event. */
export const EventEnvelope = <Data extends TSchema>(name: EventName, data: Data) =>
  Type.Object({ ...envelopeFields, event: Type.Literal(name), data });

/** The body of a webhook request, typed by its `event`. */
export type WebhookEvent = {
  [Name in EventName]: {
    id: string;
    event: Name;
    eventId: string;
    createdAt: string;
    sequence: number;
    data: EventData<Name>;
  };
}[EventName];
