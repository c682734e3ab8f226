/** The rails money leaves by. */
export type BankRailName = 'ach' | 'wire' | 'swift';

/** The rails money comes by. */
export type CreditRailName = BankRailName | 'rtp';

/** The rail's own name of one payment: what a customer's bank finds it by. */
export type RailReference =
  | { readonly traceNumber: string }
  | { readonly imad: string }
  | { readonly uetr: string }
  | { readonly instructionId: string };

/** By the rail, what the text of a reference is there. */
export const RAIL_REFERENCES: Readonly<Record<CreditRailName, (reference: string) => RailReference>> = {
  ach: (traceNumber) => ({ traceNumber }),
  wire: (imad) => ({ imad }),
  swift: (uetr) => ({ uetr }),
  rtp: (instructionId) => ({ instructionId }),
};

/**
 * `rejection`: the bank or the operator refuses the payment before it goes out. `return`: the receiving bank sends it
 * back. `change`: the payment arrived, and its bank tells what should be written next time.
 */
export type ReasonUse = 'rejection' | 'return' | 'change';

/** What a notification of change corrects. */
export type CorrectedField = 'accountNumber' | 'routingNumber' | 'accountType' | 'ownerName';

export interface BankReason {
  readonly code: string;
  readonly title: string;
  readonly rails: readonly BankRailName[];
  readonly uses: readonly ReasonUse[];
  /** ACH returns: up to two banking days after settlement, or up to 60 calendar days when the receiver says so late. */
  readonly window?: 'two_banking_days' | 'sixty_days';
  /** The same payment to the same account may succeed another time. */
  readonly isRetryable: boolean;
  /** Of a change: the fields that come corrected, all of them. */
  readonly corrects?: readonly CorrectedField[];
}

const ACH: readonly BankRailName[] = ['ach'];
const BOTH_WIRES: readonly BankRailName[] = ['wire', 'swift'];

const achReturn = (code: string, title: string, isRetryable = false): BankReason => ({
  code,
  title,
  rails: ACH,
  uses: ['return'],
  window: 'two_banking_days',
  isRetryable,
});

const lateReturn = (code: string, title: string): BankReason => ({
  ...achReturn(code, title),
  window: 'sixty_days',
});

/** What the operator's edits refuse: the entry never reaches the receiving bank. */
const achRejection = (code: string, title: string): BankReason => ({
  code,
  title,
  rails: ACH,
  uses: ['rejection'],
  isRetryable: false,
});

const change = (code: string, title: string, corrects: readonly CorrectedField[]): BankReason => ({
  code,
  title,
  rails: ACH,
  uses: ['change'],
  isRetryable: false,
  corrects,
});

const iso = (
  code: string,
  title: string,
  { rails = BOTH_WIRES, uses = ['rejection', 'return'] as readonly ReasonUse[], isRetryable = false } = {},
): BankReason => ({ code, title, rails, uses, isRetryable });

/**
 * Why a bank refuses, returns or corrects a payment. ACH: return reason and change codes of the Nacha Operating Rules
 * (appendices four and five); R01, R05, R07, R08, R09, R10, R11 and R29 are for debits there, and the sandbox gives them
 * for any payment. Wire and SWIFT: external status and return reason codes of ISO 20022, which Fedwire and SWIFT share.
 */
export const BANK_REASONS: readonly BankReason[] = [
  achReturn('R01', 'Insufficient funds', true),
  achReturn('R02', 'Account closed'),
  achReturn('R03', 'No account, or the account cannot be located'),
  achReturn('R04', 'Invalid account number structure'),
  lateReturn('R05', 'Unauthorized debit to a consumer account with a corporate entry class'),
  lateReturn('R07', 'Authorization revoked by the customer'),
  achReturn('R08', 'Payment stopped'),
  achReturn('R09', 'Uncollected funds', true),
  lateReturn('R10', 'The customer says the entry is not authorized'),
  lateReturn('R11', 'The customer says the entry is not as authorized'),
  achReturn('R12', 'Account sold to another bank'),
  achRejection('R13', 'The routing number is of no participating bank'),
  achReturn('R14', 'Representative payee deceased, or unable to continue'),
  achReturn('R15', 'Beneficiary or account holder deceased'),
  achReturn('R16', 'Account frozen, or the entry is returned on instruction of OFAC'),
  achReturn('R17', 'The entry does not pass the bank’s edits'),
  achRejection('R18', 'Improper effective entry date'),
  achRejection('R19', 'Amount field error'),
  achReturn('R20', 'Non-transaction account'),
  achReturn('R23', 'Credit refused by the receiver'),
  achReturn('R24', 'Duplicate entry'),
  achRejection('R26', 'Mandatory field error'),
  achRejection('R28', 'Routing number check digit error'),
  lateReturn('R29', 'The corporate customer says the entry is not authorized'),
  change('C01', 'Incorrect account number', ['accountNumber']),
  change('C02', 'Incorrect routing number', ['routingNumber']),
  change('C03', 'Incorrect routing number and account number', ['routingNumber', 'accountNumber']),
  change('C04', 'Incorrect name', ['ownerName']),
  change('C05', 'Incorrect account type', ['accountType']),
  change('C06', 'Incorrect account number and account type', ['accountNumber', 'accountType']),
  change('C07', 'Incorrect routing number, account number and account type', [
    'routingNumber',
    'accountNumber',
    'accountType',
  ]),
  iso('AB05', 'Timeout at the creditor’s bank', { uses: ['rejection'], isRetryable: true }),
  iso('AC01', 'Incorrect account number'),
  iso('AC04', 'Account closed'),
  iso('AC06', 'Account blocked'),
  iso('AG01', 'Transaction forbidden on this account'),
  iso('AM02', 'Amount not allowed'),
  iso('BE01', 'Account number and name do not belong together'),
  iso('BE04', 'Creditor’s address missing or incorrect'),
  iso('CUST', 'Returned at the creditor’s request', { uses: ['return'] }),
  iso('FOCR', 'Returned after a request for cancellation', { uses: ['return'] }),
  iso('MS03', 'Reason not specified by the bank'),
  iso('RC04', 'Creditor’s bank identifier (BIC) invalid', { rails: ['swift'] }),
  iso('RC08', 'Routing number invalid', { rails: ['wire'] }),
  iso('RR04', 'Regulatory reason'),
  iso('TM01', 'Received after the cut-off', { uses: ['rejection'], isRetryable: true }),
];
