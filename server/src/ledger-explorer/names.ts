import { type AccountKind, type AccountRef, parseAccountId } from '../ledger/chart.ts';

/** What an account is called, without its owner. */
const KIND_LABELS: Readonly<Record<AccountKind, string>> = {
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

/** Kinds that people own, one each. */
const OWNED: Readonly<Partial<Record<AccountKind, (owner: string) => string>>> = {
  customer_wallet: (owner) => `Wallet of ${owner}`,
  customer_in_flight: (owner) => `In flight for ${owner}`,
  deposit_address: (owner) => `Deposit address of ${owner}`,
};
const isOwned = (kind: AccountKind): boolean => kind in OWNED;

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
