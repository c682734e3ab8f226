import { type Asset, isAsset } from '../kernel/money.ts';

/** Which of an account's balances may not go below zero: credit for what we owe, debit for what we own. */
export type LimitSide = 'credit' | 'debit' | 'none';

/** The chart of accounts. `owner` is named in brackets. Assets carry a debit balance, liabilities a credit balance. */
const KINDS = {
  /** [wallet] What we owe a customer in one wallet. */
  customer_wallet: 'credit',
  /** [customer] A customer's money between two places: taken in, not yet delivered. */
  customer_in_flight: 'credit',
  /** [network] Tokens on the project's own treasury address. */
  treasury: 'debit',
  /** [network] Tokens on all wallet addresses of the project. */
  custody: 'debit',
  /** [cash network] Cash taken at tills, owed to us by the network. */
  cash_clearing: 'debit',
  /** [deposit address] What we owe a customer of what arrived at a deposit address. */
  deposit_address: 'credit',
  /** [bank] Our money at the bank; below zero while we have paid out more than came in. */
  bank_clearing: 'none',
  /** [bank] What came in for no account that we know, to be sent back. */
  bank_unplaced: 'credit',
  /** [cash network] What we owe the network for cash it paid out. */
  cash_payable: 'credit',
  /** [pair] Liquidity position between two assets; either sign. */
  conversion: 'none',
  /** [project] Fees earned. */
  fees_oms: 'credit',
  /** [project] Fees earned for the project's developer. */
  fees_developer: 'credit',
  /** [project] Gas charged to customers. */
  fees_gas: 'credit',
  /** [project] What conversions could not pass on: less than a minor unit of the destination each. */
  rounding: 'credit',
  /** [network] The float the treasury was funded with. */
  capital: 'credit',
} as const satisfies Record<string, LimitSide>;

export type AccountKind = keyof typeof KINDS;

export interface AccountRef {
  readonly kind: AccountKind;
  readonly owner: string;
  readonly asset: Asset;
}

export const limitSideOf = (kind: AccountKind): LimitSide => KINDS[kind];

export const accountId = (ref: AccountRef): string => `${ref.kind}:${ref.owner}:${ref.asset}`;

/** The account of an id as people type it; undefined when there can be none of that name. */
export function parseAccountId(text: string): AccountRef | undefined {
  const [kind = '', owner = '', asset = '', rest] = text.split(':');
  if (!isKind(kind) || owner === '' || !isAsset(asset) || rest !== undefined) return undefined;
  return { kind, owner, asset };
}

const isKind = (value: string): value is AccountKind => Object.hasOwn(KINDS, value);

export const customerWallet = (walletId: string, asset: Asset): AccountRef => ({
  kind: 'customer_wallet',
  owner: walletId,
  asset,
});
export const inFlight = (customerId: string, asset: Asset): AccountRef => ({
  kind: 'customer_in_flight',
  owner: customerId,
  asset,
});
export const treasury = (network: string, asset: Asset): AccountRef => ({
  kind: 'treasury',
  owner: network,
  asset,
});
export const custody = (network: string, asset: Asset): AccountRef => ({
  kind: 'custody',
  owner: network,
  asset,
});
export const cashClearing = (provider: string): AccountRef => ({
  kind: 'cash_clearing',
  owner: provider,
  asset: 'usd',
});
export const conversion = (asset: Asset): AccountRef => ({ kind: 'conversion', owner: 'usd-usdc', asset });
export const omsFees = (asset: Asset): AccountRef => ({ kind: 'fees_oms', owner: 'project', asset });
export const developerFees = (asset: Asset): AccountRef => ({
  kind: 'fees_developer',
  owner: 'project',
  asset,
});
export const gasFees = (asset: Asset): AccountRef => ({ kind: 'fees_gas', owner: 'project', asset });
export const rounding = (asset: Asset): AccountRef => ({ kind: 'rounding', owner: 'project', asset });
export const bankClearing = (bank: string): AccountRef => ({
  kind: 'bank_clearing',
  owner: bank,
  asset: 'usd',
});
export const bankUnplaced = (bank: string): AccountRef => ({
  kind: 'bank_unplaced',
  owner: bank,
  asset: 'usd',
});
export const cashPayable = (network: string): AccountRef => ({
  kind: 'cash_payable',
  owner: network,
  asset: 'usd',
});
export const depositAddress = (depositAddressId: string, asset: Asset): AccountRef => ({
  kind: 'deposit_address',
  owner: depositAddressId,
  asset,
});
export const capital = (network: string, asset: Asset): AccountRef => ({
  kind: 'capital',
  owner: network,
  asset,
});
