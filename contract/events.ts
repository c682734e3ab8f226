import Type, { type Static, type TSchema } from 'typebox';
import { CashIn } from './cash-ins.ts';
import { customerFields, ENDORSEMENT_NAMES, Endorsement } from './customers.ts';
import { AddressDeposit, DepositAddress } from './deposit-addresses.ts';
import { ExternalAccountEventData } from './external-accounts.ts';
import { Amount, NullableTimestamp, OneOf, PROPOSAL, THIRD_PARTY, Timestamp } from './fields.ts';
import type { Evidence } from './operation.ts';
import { Transaction } from './transactions.ts';
import { VirtualAccount, VirtualAccountDeposit } from './virtual-accounts.ts';

export const EndorsementEventData = Type.Object(
  {
    ...customerFields,
    endorsements: Type.Array(OneOf(ENDORSEMENT_NAMES), { description: 'Names of the active ones.' }),
    endorsementDetails: Type.Array(Endorsement, { ...PROPOSAL }),
  },
  { title: 'EndorsementEventData', description: 'The customer, its endorsements as plain names.' },
);
export type EndorsementEventData = Static<typeof EndorsementEventData>;

export const WalletDeposit = Type.Object(
  {
    id: Type.String({ examples: ['dep_01H9Xd…'] }),
    object: Type.Literal('walletDeposit'),
    walletId: Type.String(),
    customerId: Type.String(),
    asset: Type.String(),
    chain: Type.String(),
    amount: Amount(),
    address: Type.String({ description: 'Address of the wallet.' }),
    fromAddress: Type.String(),
    txHash: Type.String(),
    logIndex: Type.Integer(),
    blockNumber: Type.String({ description: 'Decimal string.' }),
    status: OneOf(['detected', 'credited']),
    detectedAt: Timestamp(),
    creditedAt: NullableTimestamp(),
  },
  { title: 'WalletDeposit', description: 'A transfer of the asset to the address of a wallet.', ...PROPOSAL },
);
export type WalletDeposit = Static<typeof WalletDeposit>;

interface EventDefinition {
  readonly when: string;
  readonly data: TSchema;
  readonly evidence?: Evidence;
}

/** Every event that is sent, by name. */
export const EVENTS = {
  'cashIn.created': { when: 'A deposit code was issued.', data: CashIn, evidence: 'third-party' },
  'cashIn.processing': {
    when: 'The cash was deposited and is being converted.',
    data: CashIn,
    evidence: 'proposal',
  },
  'cashIn.completed': { when: 'The cash deposit was processed and delivered.', data: CashIn },
  'cashIn.expired': {
    when: 'The code expired before any deposit.',
    data: CashIn,
    evidence: 'third-party',
  },
  'cashIn.failed': { when: 'The cash-in failed.', data: CashIn, evidence: 'proposal' },
  'transaction.fiatToCrypto.processing': { when: 'The transaction started.', data: Transaction },
  'transaction.fiatToCrypto.completed': { when: 'Crypto was delivered to the wallet.', data: Transaction },
  'transaction.fiatToCrypto.failed': { when: 'The transaction failed.', data: Transaction },
  'transaction.cryptoToCrypto.processing': { when: 'The transaction started.', data: Transaction },
  'transaction.cryptoToCrypto.completed': { when: 'Crypto was delivered.', data: Transaction },
  'transaction.cryptoToCrypto.failed': { when: 'The transaction failed.', data: Transaction },
  'transaction.cryptoToFiat.processing': { when: 'The transaction started.', data: Transaction },
  'transaction.cryptoToFiat.cashPickupReady': {
    when: 'The cash can be collected.',
    data: Transaction,
    evidence: 'proposal',
  },
  'transaction.cryptoToFiat.completed': {
    when: 'Fiat landed in the bank account, or the cash was collected.',
    data: Transaction,
  },
  'transaction.cryptoToFiat.failed': { when: 'The transaction failed.', data: Transaction },
  'transaction.cryptoToFiat.returned': {
    when: 'The bank sent a completed payout back; the transaction fails with it.',
    data: Transaction,
    evidence: 'proposal',
  },
  'transaction.cryptoToFiat.refunded': {
    when: 'What a failed transaction gives back has arrived at its source.',
    data: Transaction,
    evidence: 'proposal',
  },
  'virtualAccount.provisioned': {
    when: 'A virtual account can be paid to.',
    data: VirtualAccount,
    evidence: 'third-party',
  },
  'virtualAccount.updated': {
    when: 'A virtual account was changed, paused or resumed.',
    data: VirtualAccount,
    evidence: 'proposal',
  },
  'virtualAccount.deleted': {
    when: 'A virtual account was closed.',
    data: VirtualAccount,
    evidence: 'third-party',
  },
  'virtualAccount.deposit.received': {
    when: 'Money came in over a bank.',
    data: VirtualAccountDeposit,
    evidence: 'proposal',
  },
  'virtualAccount.deposit.held': {
    when: 'Money that came in cannot be converted yet; `reason` says why.',
    data: VirtualAccountDeposit,
    evidence: 'proposal',
  },
  'virtualAccount.deposit.settled': {
    when: 'What came in was converted and delivered.',
    data: VirtualAccountDeposit,
    evidence: 'third-party',
  },
  'virtualAccount.deposit.returned': {
    when: 'What came in went back to its sender.',
    data: VirtualAccountDeposit,
    evidence: 'third-party',
  },
  'wallet.depositDetected': {
    when: 'A transfer to a wallet was seen on chain; it is not final yet.',
    data: WalletDeposit,
  },
  'wallet.depositCredited': {
    when: 'The transfer became final and was added to the balance.',
    data: WalletDeposit,
    evidence: 'proposal',
  },
  'externalAccount.created': {
    when: 'An external account was registered.',
    data: ExternalAccountEventData,
    evidence: 'third-party',
  },
  'externalAccount.verified': {
    when: 'An external account can be paid to.',
    data: ExternalAccountEventData,
    evidence: 'third-party',
  },
  'externalAccount.updated': {
    when: 'A bank corrected the details of an external account.',
    data: ExternalAccountEventData,
    evidence: 'proposal',
  },
  'externalAccount.deleted': {
    when: 'An external account was deleted.',
    data: ExternalAccountEventData,
    evidence: 'third-party',
  },
  'depositAddress.active': {
    when: 'A deposit address was created or resumed.',
    data: DepositAddress,
    evidence: 'third-party',
  },
  'depositAddress.paused': {
    when: 'A deposit address was paused.',
    data: DepositAddress,
    evidence: 'proposal',
  },
  'depositAddress.updated': {
    when: 'Anything else of a deposit address was changed.',
    data: DepositAddress,
    evidence: 'proposal',
  },
  'depositAddress.deleted': {
    when: 'A deposit address was deleted.',
    data: DepositAddress,
    evidence: 'proposal',
  },
  'deposit_address.crypto_deposit.pending': {
    when: 'A transfer to a deposit address was seen on chain; it is not final yet.',
    data: AddressDeposit,
    evidence: 'third-party',
  },
  'deposit_address.crypto_deposit.settled': {
    when: 'The transfer became final.',
    data: AddressDeposit,
    evidence: 'third-party',
  },
  'deposit_address.crypto_deposit.held': {
    when: 'The deposit waits at its address, or waits for another reason than before.',
    data: AddressDeposit,
    evidence: 'proposal',
  },
  'deposit_address.crypto_deposit.processing': {
    when: 'The deposit is being sent on, by a transaction of its own or with other small ones.',
    data: AddressDeposit,
    evidence: 'proposal',
  },
  'deposit_address.crypto_deposit.delivered': {
    when: 'What the deposit became has arrived at its destination.',
    data: AddressDeposit,
    evidence: 'proposal',
  },
  'deposit_address.crypto_deposit.returning': {
    when: 'The payout of the deposit failed; its money is on its way back to the deposit address.',
    data: AddressDeposit,
    evidence: 'proposal',
  },
  'deposit_address.crypto_deposit.failed': {
    when: 'The money of a failed payout cannot come back to the deposit address.',
    data: AddressDeposit,
    evidence: 'third-party',
  },
  'customer.endorsement.granted': { when: 'An endorsement became active.', data: EndorsementEventData },
  'customer.endorsement.denied': {
    when: 'An endorsement was rejected.',
    data: EndorsementEventData,
    evidence: 'proposal',
  },
  'customer.endorsement.updated': {
    when: 'An endorsement changed in any other way.',
    data: EndorsementEventData,
    evidence: 'proposal',
  },
} as const satisfies Record<string, EventDefinition>;

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
