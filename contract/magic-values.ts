import Type, { type Static } from 'typebox';
import type { BankRailName, CorrectedField } from './bank-reasons.ts';
import { BEARER_ERRORS } from './errors.ts';
import { OneOf, PROPOSAL } from './fields.ts';
import { defineOperation } from './operation.ts';
import { Page } from './pagination.ts';

const MATCHES = ['equals', 'endsWith', 'zipCodeEquals'] as const;

/** What the simulated outside world does when it meets a value. */
export type MagicOutcome =
  | { readonly kind: 'identity'; readonly decision: 'rejected' | 'documentsRequested' | 'none' }
  | { readonly kind: 'till'; readonly responseCode: string; readonly responseText: string }
  | { readonly kind: 'cashOrder'; readonly refusal: 'provider_order_failed' }
  | { readonly kind: 'cashOut'; readonly refusal: 'out_of_cash' }
  | { readonly kind: 'quote'; readonly terms: 'rateUnavailable' | 'expiresAtOnce' }
  | { readonly kind: 'accountCheck'; readonly decision: 'declined' }
  | { readonly kind: 'numberOrder'; readonly refusal: 'provider_unavailable' }
  | { readonly kind: 'screening'; readonly finding: 'review' }
  | { readonly kind: 'chain'; readonly failureCode: 'recipient_blacklisted' }
  | {
      readonly kind: 'bank';
      readonly rail: BankRailName;
      readonly event: 'rejected' | 'returned' | 'returnedAfterSettlement' | 'changed';
      readonly code: string;
      /** Of a return after settlement: how much later; 0: at once. */
      readonly afterDays?: number;
      /** Of a change: all that its code corrects. */
      readonly corrected?: Readonly<Partial<Record<CorrectedField, string>>>;
    };

export interface MagicValueRow {
  /** Unique. */
  readonly name: string;
  /** In whose requests the field is. */
  readonly operation: string;
  readonly field: string;
  readonly match: (typeof MATCHES)[number];
  readonly value: string;
  /** Whose requests may say the name in `SCENARIO_HEADER` instead, whatever is in the field. */
  readonly header: readonly string[];
  readonly does: string;
  readonly shows: string;
  readonly outcome: MagicOutcome;
}

/** Says which row applies to what the request makes. */
export const SCENARIO_HEADER = 'OMS-Sandbox-Scenario';

const lastName = (
  value: string,
  decision: (MagicOutcome & { kind: 'identity' })['decision'],
  does: string,
  shows: string,
): MagicValueRow => ({
  name: `identity-${value.toLowerCase()}`,
  operation: 'createCustomer',
  field: 'lastName',
  match: 'equals',
  value,
  header: ['createCustomer'],
  does,
  shows,
  outcome: { kind: 'identity', decision },
});

const atTheTill = (value: string, responseCode: string, responseText: string): MagicValueRow => ({
  name: `till-${responseCode}`,
  operation: 'simulateBarcodeAuth',
  field: 'amount',
  match: 'equals',
  value,
  header: ['simulateBarcodeAuth'],
  does: 'The till declines the cash; nothing is authorized.',
  shows: `The answer has responseCode ${responseCode} and authorizes 0.00; the cash-in stays pending.`,
  outcome: { kind: 'till', responseCode, responseText },
});

const onPrice = (
  name: string,
  value: string,
  terms: (MagicOutcome & { kind: 'quote' })['terms'],
  told: Told,
): MagicValueRow => ({
  name,
  operation: 'createQuote',
  field: 'source.amount',
  match: 'equals',
  value,
  header: ['createQuote'],
  ...told,
  outcome: { kind: 'quote', terms },
});

/** Nothing is made, so a client sees what it sees when a provider is down. */
const outOfNumbers = (name: string, operation: string, what: string): MagicValueRow => ({
  name,
  operation,
  field: 'label',
  match: 'equals',
  value: 'Unavailable',
  header: [operation],
  does: `Whoever gives out ${what} has none now.`,
  shows: 'The answer is 503 provider_unavailable and nothing is made; the same request may be sent again.',
  outcome: { kind: 'numberOrder', refusal: 'provider_unavailable' },
});

/** An account of the development mnemonic that every Ethereum tool ships: here the one that a sanctions list names. */
export const LISTED_ADDRESS = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
/** Another of them: here one that the token's issuer has put on its blacklist. */
export const BLOCKED_ADDRESS = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';

const REVIEWED =
  'transaction.{type}.underReview is sent to webhooks that name it; the transaction itself shows nothing of it and goes on.';

type BankOutcome = Omit<MagicOutcome & { kind: 'bank' }, 'kind' | 'rail' | 'code'>;
type Told = Pick<MagicValueRow, 'does' | 'shows'>;

const FIELD: Readonly<Record<BankRailName, string>> = {
  ach: 'bankDetails.accountNumber',
  wire: 'bankDetails.accountNumber',
  swift: 'bankDetails.accountNumber or bankDetails.iban',
};

function toldOf({ event, afterDays = 0 }: BankOutcome, code: string): Told {
  if (event === 'rejected') {
    return {
      does: `The bank refuses payouts with ${code}.`,
      shows: 'The transaction fails with payout_failed, whose message names the code, and is refunded.',
    };
  }
  if (event === 'returned') {
    return {
      does: `Payouts come back with ${code} before they settle.`,
      shows: 'The transaction fails with payout_failed, whose message names the code, and is refunded.',
    };
  }
  if (event === 'changed') {
    return {
      does: `Payouts settle, and the bank corrects the account with ${code}.`,
      shows: 'The transaction is completed, and externalAccount.updated tells of the correction.',
    };
  }
  const when = afterDays > 0 ? `${afterDays} days after they settled` : 'right after they settled';
  return {
    does: `Payouts come back with ${code} ${when}.`,
    shows:
      'The transaction is completed, then fails with payout_returned, as transaction.cryptoToFiat.returned tells, and is refunded.',
  };
}

const atTheBank = (rail: BankRailName, value: string, code: string, outcome: BankOutcome): MagicValueRow => ({
  name: `${rail}-${value}`,
  operation: 'createExternalAccount',
  field: FIELD[rail],
  match: 'endsWith',
  value,
  header: ['createExternalAccount', 'createTransaction'],
  ...toldOf(outcome, code),
  outcome: { kind: 'bank', rail, code, ...outcome },
});

const RETURNED = { event: 'returned' } as const;
const AFTER = { event: 'returnedAfterSettlement' } as const;
const LATE = { event: 'returnedAfterSettlement', afterDays: 30 } as const;
const REJECTED = { event: 'rejected' } as const;
const changed = (corrected: NonNullable<BankOutcome['corrected']>) =>
  ({ event: 'changed', corrected }) as const;
const ACCOUNT_NUMBER = '000123456780';
const ROUTING_NUMBER = '021000089';

/**
 * Every value that the sandbox takes for an instruction: its providers read this table to decide, and the catalogue
 * endpoint and page show it. In a live project none has an effect. With the pace `manual` nothing moves by itself, a
 * magic value included, but for what a bank, till or machine refuses when it is asked.
 */
export const MAGIC_VALUES: readonly MagicValueRow[] = [
  lastName(
    'Rejected',
    'rejected',
    'The reviewer rejects the endorsements.',
    'They are REJECTED with a reason; customer.endorsement.denied is sent.',
  ),
  lastName(
    'Documents',
    'documentsRequested',
    'The reviewer asks for documents.',
    'The endorsements stay PENDING, with requirements.missing and issues; customer.endorsement.updated is sent.',
  ),
  lastName(
    'Undecided',
    'none',
    'The reviewer takes its time.',
    'The endorsements stay as they are until simulateEndorsements decides.',
  ),
  atTheTill('105.05', '05', 'Do not honor'),
  atTheTill('154.54', '54', 'Expired code'),
  atTheTill('161.61', '61', 'Exceeds amount limit'),
  atTheTill('194.94', '94', 'Duplicate transmission'),
  atTheTill('196.96', '96', 'System malfunction'),
  {
    name: 'cash-in-declined',
    operation: 'createCashIn',
    field: 'source.indicatedAmount',
    match: 'equals',
    value: '113.13',
    header: ['createCashIn'],
    does: 'The cash network declines the order.',
    shows: 'The cash-in is failed with provider_order_failed, and cashIn.failed is sent; its code is void.',
    outcome: { kind: 'cashOrder', refusal: 'provider_order_failed' },
  },
  {
    name: 'cash-out-of-cash',
    operation: 'createQuote',
    field: 'destination.cash.locationId',
    match: 'zipCodeEquals',
    value: '82601',
    header: ['createTransaction'],
    does: 'The machine is out of cash, as all of Casper, Wyoming are.',
    shows: 'The transaction fails with payout_failed, whose message says so, and is refunded.',
    outcome: { kind: 'cashOut', refusal: 'out_of_cash' },
  },
  onPrice('quote-rate-unavailable', '503.03', 'rateUnavailable', {
    does: 'There is no rate for the quote.',
    shows: 'The answer is 503 rate_unavailable; the same request may be sent again.',
  }),
  onPrice('quote-expires-at-once', '410.10', 'expiresAtOnce', {
    does: 'The rate is not held for a moment.',
    shows: 'The quote is expired when it is answered, and is refused with quote_expired when it is executed.',
  }),
  {
    name: 'account-declined',
    operation: 'createExternalAccount',
    field: FIELD.swift,
    match: 'endsWith',
    value: '99500',
    header: ['createExternalAccount'],
    does: 'Whoever verifies accounts declines it, of any rail.',
    shows: 'The account is declined; externalAccount.declined is sent. It is not paid to.',
    outcome: { kind: 'accountCheck', decision: 'declined' },
  },
  {
    name: 'account-listed-address',
    operation: 'createExternalAccount',
    field: 'bankDetails.address',
    match: 'equals',
    value: LISTED_ADDRESS,
    header: ['createExternalAccount'],
    does: 'The address is on a sanctions list.',
    shows: 'The account is declined; externalAccount.declined is sent. It is not paid to.',
    outcome: { kind: 'accountCheck', decision: 'declined' },
  },
  outOfNumbers('virtual-account-unavailable', 'createVirtualAccount', 'account numbers'),
  outOfNumbers('deposit-address-unavailable', 'createDepositAddress', 'deposit addresses'),
  {
    name: 'screening-listed-recipient',
    operation: 'createQuote',
    field: 'destination.wallet.blockchainAddress',
    match: 'equals',
    value: LISTED_ADDRESS,
    header: ['createTransaction'],
    does: 'Screening finds the recipient on a list: a person is to look at the payment.',
    shows: REVIEWED,
    outcome: { kind: 'screening', finding: 'review' },
  },
  {
    name: 'screening-listed-sender',
    operation: 'simulateVirtualAccountDeposit',
    field: 'senderName',
    match: 'equals',
    value: 'Listed Sender',
    header: ['simulateVirtualAccountDeposit'],
    does: 'Screening finds the sender on a list: a person is to look at what is made of the deposit.',
    shows: REVIEWED,
    outcome: { kind: 'screening', finding: 'review' },
  },
  {
    name: 'chain-recipient-blocked',
    operation: 'createQuote',
    field: 'destination.wallet.blockchainAddress',
    match: 'equals',
    value: BLOCKED_ADDRESS,
    header: ['createTransaction'],
    does: 'The token does not pay the recipient: the transfer can never be made.',
    shows: 'The transaction fails with recipient_blacklisted, and the customer has the money again.',
    outcome: { kind: 'chain', failureCode: 'recipient_blacklisted' },
  },
  atTheBank('ach', '99001', 'R01', RETURNED),
  atTheBank('ach', '99002', 'R02', RETURNED),
  atTheBank('ach', '99003', 'R03', RETURNED),
  atTheBank('ach', '99004', 'R04', RETURNED),
  atTheBank('ach', '99101', 'R01', AFTER),
  atTheBank('ach', '99102', 'R02', AFTER),
  atTheBank('ach', '99103', 'R03', AFTER),
  atTheBank('ach', '99104', 'R04', AFTER),
  atTheBank('ach', '99110', 'R10', AFTER),
  atTheBank('ach', '99129', 'R29', AFTER),
  atTheBank('ach', '99210', 'R10', LATE),
  atTheBank('ach', '99229', 'R29', LATE),
  atTheBank('ach', '99313', 'R13', REJECTED),
  atTheBank('ach', '99401', 'C01', changed({ accountNumber: ACCOUNT_NUMBER })),
  atTheBank('ach', '99402', 'C02', changed({ routingNumber: ROUTING_NUMBER })),
  atTheBank('ach', '99403', 'C03', changed({ routingNumber: ROUTING_NUMBER, accountNumber: ACCOUNT_NUMBER })),
  atTheBank('ach', '99405', 'C05', changed({ accountType: 'savings' })),
  ...(['wire', 'swift'] as const).flatMap((rail) => [
    atTheBank(rail, '99001', 'AC01', RETURNED),
    atTheBank(rail, '99104', 'AC04', AFTER),
    atTheBank(rail, '99303', 'MS03', REJECTED),
  ]),
];

/** The names that requests of an operation may have in `SCENARIO_HEADER`. */
export const scenariosOf = (operationId: string): string[] =>
  MAGIC_VALUES.filter(({ header }) => header.includes(operationId)).map(({ name }) => name);

export const MagicValue = Type.Object(
  {
    object: Type.Literal('magicValue'),
    name: Type.String(),
    operation: Type.String({ description: 'Whose request has the field.' }),
    field: Type.String({ description: 'Path in the request.' }),
    match: OneOf(MATCHES, { description: '`zipCodeEquals`: of the place that the field names.' }),
    value: Type.String(),
    header: Type.Array(Type.String(), {
      description: `Operations that take the name in \`${SCENARIO_HEADER}\` instead.`,
    }),
    does: Type.String(),
    shows: Type.String(),
  },
  { title: 'MagicValue', ...PROPOSAL },
);
export type MagicValue = Static<typeof MagicValue>;

export const listMagicValues = defineOperation({
  operationId: 'listMagicValues',
  method: 'GET',
  path: '/sandbox/magic-values',
  tag: 'Simulation',
  summary: 'List magic values',
  description: `The values of ordinary fields by which a request tells the simulated outside world what to do. Each has a name, which a request may say in the header \`${SCENARIO_HEADER}\` instead, whatever is in the field. One page has them all. In live projects there are none.`,
  auth: 'bearer',
  idempotency: 'none',
  sandboxOnly: true,
  success: { status: 200, description: 'All magic values', schema: Page(MagicValue, 'MagicValuePage') },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'The operation, the values and the header.' }],
});
