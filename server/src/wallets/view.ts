import type { CustomerBalance, WalletBalance } from '@openoms/contract/balances.ts';
import type { WalletDeposit } from '@openoms/contract/event-data.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import type { Deposit } from '../chain/sends.ts';
import type { CustomerWallet } from '../customers/service.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import { convert, formatMinor, parseRate } from '../kernel/money.ts';
import type { Balance } from '../ledger/transfers.ts';
import type { WalletRow } from './store.ts';

export interface WalletWithBalance {
  readonly row: WalletRow;
  readonly balance: Balance;
}

/** usd per usdc for estimates; settlement is one to one. */
const ESTIMATE_RATE = parseRate('1');

const estimateUsdMinor = ({ row, balance }: WalletWithBalance): bigint =>
  convert({ asset: row.asset, minor: balance.postedMinor }, 'usd', ESTIMATE_RATE, 'down').minor;

export const toWallet = (row: WalletRow): Wallet => ({
  id: row.wallet_id,
  object: 'wallet',
  customerId: row.customer_id,
  address: row.address,
  asset: row.asset,
  chain: row.chain,
  status: row.status,
  type: 'internal',
  createdAt: toIsoSeconds(row.created_at),
  updatedAt: toIsoSeconds(row.updated_at),
});

export const toCustomerWallet = (wallet: WalletWithBalance): CustomerWallet => ({
  id: wallet.row.wallet_id,
  type: 'custodial',
  address: wallet.row.address,
  network: wallet.row.chain,
  asset: wallet.row.asset,
  balance: formatMinor(wallet.balance.postedMinor, wallet.row.asset),
  estimatedValueUsd: formatMinor(estimateUsdMinor(wallet), 'usd'),
  createdAt: toIsoSeconds(wallet.row.created_at),
});

const amounts = (wallet: WalletWithBalance) => ({
  balance: formatMinor(wallet.balance.postedMinor, wallet.row.asset),
  availableBalance: formatMinor(wallet.balance.availableMinor, wallet.row.asset),
  pendingBalance: formatMinor(wallet.balance.incomingMinor, wallet.row.asset),
  estimatedBalance: formatMinor(estimateUsdMinor(wallet), 'usd'),
});

export const toWalletBalance = (wallet: WalletWithBalance, currencyCode: string): WalletBalance => ({
  object: 'balance',
  walletId: wallet.row.wallet_id,
  asset: wallet.row.asset,
  chain: wallet.row.chain,
  ...amounts(wallet),
  displayBalance: amounts(wallet).balance,
  estimatedBalanceCurrencyCode: currencyCode,
});

export const toCustomerBalance = (
  customerId: string,
  wallets: readonly WalletWithBalance[],
  currencyCode: string,
): CustomerBalance => ({
  object: 'balance',
  customerId,
  estimatedBalance: formatMinor(
    wallets.reduce((sum, wallet) => sum + estimateUsdMinor(wallet), 0n),
    'usd',
  ),
  estimatedBalanceCurrencyCode: currencyCode,
  wallets: wallets.map((wallet) => ({
    id: wallet.row.wallet_id,
    asset: wallet.row.asset,
    chain: wallet.row.chain,
    ...amounts(wallet),
  })),
});

export const toWalletDeposit = (
  deposit: Deposit,
  row: WalletRow,
  detectedAt: Date,
  creditedAt: Date | null,
): WalletDeposit => ({
  id: deposit.depositId,
  object: 'walletDeposit',
  walletId: row.wallet_id,
  customerId: row.customer_id,
  asset: deposit.asset,
  chain: deposit.network,
  amount: formatMinor(deposit.amountMinor, deposit.asset),
  address: row.address,
  fromAddress: deposit.from,
  txHash: deposit.txHash,
  logIndex: deposit.logIndex,
  blockNumber: deposit.blockNumber.toString(),
  status: creditedAt ? 'credited' : 'detected',
  detectedAt: toIsoSeconds(detectedAt),
  creditedAt: creditedAt && toIsoSeconds(creditedAt),
});
