import { type AccountKind, type AccountRef, parseAccountId } from '../ledger/chart.ts';

/** What an account is called, without its owner. */
export const KIND_LABELS: Readonly<Record<AccountKind, string>> = {
  customer_wallet: 'Wallet',
  customer_in_flight: 'In flight',
  treasury: 'Treasury',
  custody: 'Tokens of customers',
  cash_clearing: 'Cash clearing',
  deposit_address: 'Deposit address',
  bank_clearing: 'Bank clearing',
  bank_unplaced: 'Bank credits of nobody',
  cash_payable: 'Cash payable',
  conversion: 'Conversion',
  fees_oms: 'OMS fees',
  fees_developer: 'Developer fees',
  fees_gas: 'Gas fees',
  rounding: 'Rounding',
  capital: 'Capital',
};
export const KINDS = Object.keys(KIND_LABELS) as readonly AccountKind[];

/** On which side the balance of a kind is positive. */
export const NORMAL_SIDES: Readonly<Record<AccountKind, 'debit' | 'credit'>> = {
  customer_wallet: 'credit',
  customer_in_flight: 'credit',
  treasury: 'debit',
  custody: 'debit',
  cash_clearing: 'debit',
  deposit_address: 'credit',
  bank_clearing: 'debit',
  bank_unplaced: 'credit',
  cash_payable: 'credit',
  conversion: 'debit',
  fees_oms: 'credit',
  fees_developer: 'credit',
  fees_gas: 'credit',
  rounding: 'credit',
  capital: 'credit',
};

/** Kinds that people own, one each. */
const OWNED: Readonly<Partial<Record<AccountKind, (owner: string) => string>>> = {
  customer_wallet: (owner) => `Wallet of ${owner}`,
  customer_in_flight: (owner) => `In flight for ${owner}`,
  deposit_address: (owner) => `Deposit address of ${owner}`,
};
/** Kinds of which a network has one. */
const OF_NETWORK: ReadonlySet<AccountKind> = new Set<AccountKind>(['treasury', 'custody', 'capital']);

export const isOwned = (kind: AccountKind): boolean => kind in OWNED;
export const isOfNetwork = (kind: AccountKind): boolean => OF_NETWORK.has(kind);

/** `owner`: who it is of, as people call them; without it, the id. */
function accountName({ kind, owner, asset }: AccountRef, ownerName: string | undefined): string {
  const owned = OWNED[kind];
  return `${owned ? owned(ownerName ?? owner) : KIND_LABELS[kind]} · ${asset}`;
}

/** The owners of the accounts that people own. */
export const ownersOf = (accountIds: readonly string[]): string[] => [
  ...new Set(
    accountIds.flatMap((id) => {
      const ref = parseAccountId(id);
      return ref && isOwned(ref.kind) ? [ref.owner] : [];
    }),
  ),
];

export function namesOf(
  accountIds: readonly string[],
  owners: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map(
    accountIds.map((id) => {
      const ref = parseAccountId(id);
      return [id, ref ? accountName(ref, owners.get(ref.owner)) : id];
    }),
  );
}
