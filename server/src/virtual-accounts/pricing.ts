import type { Transaction } from '@openoms/contract/transactions.ts';
import { formatMinor, parseRate } from '../kernel/money.ts';
import { type Price, priceFromSource } from '../kernel/price.ts';
import type { ProjectSettings, Settings } from '../settings/service.ts';
import type { DepositReason } from './deposit-store.ts';
import type { VirtualAccountRow } from './store.ts';

export interface DepositPrice {
  readonly price: Price;
  readonly developerFees: NonNullable<Transaction['developerFees']>;
}

/** A deposit by the project's fees, its developer's replaced by the account's own if there are any; or why it must wait. */
export function priceDeposit(
  settings: Settings,
  values: ProjectSettings,
  account: VirtualAccountRow,
  cents: bigint,
  exchangeRate: string,
): DepositPrice | DepositReason {
  const { minMinor, maxMinor } = settings.limitsOf(values, 'virtualAccount', 'usd');
  if (cents < minMinor) return 'amount_below_minimum';
  if (cents > maxMinor) return 'amount_above_maximum';
  const { oms, developer } = settings.feesOf(values, 'virtualAccount', 'usd');
  const lines = account.developer_fees
    ? account.developer_fees.map(({ rate, wallet }) => ({
        rate: parseRate(rate),
        percentage: rate,
        fixedMinor: 0n,
        wallet,
      }))
    : [{ ...developer, wallet: undefined }].filter(
        ({ rate, fixedMinor }) => rate.numerator > 0n || fixedMinor > 0n,
      );
  const price = priceFromSource(
    cents,
    { oms, developer: lines, gasMinor: 0n },
    { source: 'usd', destination: account.destination_asset, exchangeRate },
  );
  // Fees leave nothing that arrives.
  if (!price) return 'amount_below_minimum';
  return {
    price,
    developerFees: lines.map(({ percentage, fixedMinor, wallet }, index) => ({
      amount: formatMinor(price.developerFeesMinor[index] ?? 0n, 'usd'),
      flatFee: formatMinor(fixedMinor, 'usd'),
      percentage,
      ...(wallet !== undefined && { wallet }),
    })),
  };
}
