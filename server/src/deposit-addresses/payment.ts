import type { HoldReason } from '@openoms/contract/deposit-addresses.ts';
import type { CustomerRow } from '../customers/service.ts';
import type { Tx } from '../db/database.ts';
import { must } from '../kernel/assert.ts';
import { ApiError, asRefusal } from '../kernel/errors.ts';
import { formatMinor, parseRate } from '../kernel/money.ts';
import { type FeeRule, type Price, priceFromSource } from '../kernel/price.ts';
import type { PayableAccount } from '../quotes/service.ts';
import type { Limits, ProjectSettings } from '../settings/service.ts';
import type { NewTransaction, TransactionRow } from '../transactions/service.ts';
import type { WalletRow } from '../wallets/service.ts';
import type { DepositRow } from './deposit-store.ts';
import type { DepositAddressesDeps } from './deps.ts';
import { neededFor } from './destination.ts';
import type { DepositAddressRow } from './store.ts';

/** Deposits of one address that are sent on together, by one transaction. */
export interface Payment {
  readonly deposits: readonly DepositRow[];
  readonly transaction: NewTransaction;
}

/** Everything that the deposits of one call are decided by, read at once. */
export interface Surroundings {
  readonly settings: ProjectSettings;
  readonly limits: Limits;
  readonly customers: ReadonlyMap<DepositAddressRow, CustomerRow | ApiError>;
  readonly wallets: ReadonlyMap<string, WalletRow>;
  readonly accounts: ReadonlyMap<string, PayableAccount>;
  readonly rates: ReadonlyMap<string, string | ApiError>;
}

export async function surroundingsOf(
  deps: DepositAddressesDeps,
  tx: Tx,
  addresses: readonly DepositAddressRow[],
): Promise<Surroundings> {
  const settings = await deps.settings.get(tx);
  const customers = await deps.customers.endorsedAll(
    tx,
    addresses.map((row) => ({ customerId: row.customer_id, needed: neededFor(row.destination_asset) })),
  );
  const rates = new Map<string, string | ApiError>();
  for (const asset of new Set(addresses.map((row) => row.destination_asset))) {
    const found = await deps.rates.get(tx, 'usdc', asset).catch(asRefusal);
    rates.set(asset, found instanceof ApiError ? found : found.rate);
  }
  const walletIds = named(addresses.map((row) => row.destination_wallet_id));
  const accountIds = named(addresses.map((row) => row.destination_external_account_id));
  const wallets = walletIds.length > 0 ? await deps.wallets.findAll(tx, walletIds) : [];
  const accounts = accountIds.length > 0 ? await deps.externalAccounts.findAll(tx, accountIds) : [];
  return {
    settings,
    limits: deps.settings.limitsOf(settings, 'depositAddress', 'usdc'),
    customers: new Map(addresses.map((row, index) => [row, must(customers[index], 'a customer each')])),
    wallets: new Map(wallets.map((row) => [row.wallet_id, row])),
    accounts: new Map(accounts.map((row) => [row.external_account_id, row])),
    rates,
  };
}

const named = (ids: readonly (string | null)[]): string[] => [...new Set(ids.filter((id) => id !== null))];

/** What keeps an address from sending on anything at all. */
export function obstacleOf(row: DepositAddressRow, around: Surroundings): HoldReason | undefined {
  const customer = must(around.customers.get(row), 'a customer each');
  if (customer instanceof ApiError) {
    return customer.code === 'endorsement_required' ? 'endorsement_required' : 'customer_inactive';
  }
  if (row.destination_asset === 'usd' && customer.missing_identity.length > 0) {
    return 'provider_account_not_provisioned';
  }
  const accountId = row.destination_external_account_id;
  if (accountId !== null && around.accounts.get(accountId)?.status !== 'verified') {
    return 'external_account_unavailable';
  }
  return around.rates.get(row.destination_asset) instanceof ApiError ? 'rate_unavailable' : undefined;
}

/** The transaction that sends deposits of an address on; undefined when fees leave nothing of them. */
export function paymentOf(
  tx: Tx,
  deps: Pick<DepositAddressesDeps, 'ids' | 'settings'>,
  row: DepositAddressRow,
  deposits: readonly DepositRow[],
  around: Surroundings,
): Payment | undefined {
  const grossMinor = deposits.reduce((sum, { remaining }) => sum + remaining, 0n);
  const exchangeRate = must(around.rates.get(row.destination_asset), 'a rate');
  if (exchangeRate instanceof ApiError) return undefined;
  const fees = deps.settings.feesOf(around.settings, 'depositAddress', 'usdc');
  const developer = developerFeesOf(row, fees.developer);
  const price = priceFromSource(
    grossMinor,
    { oms: fees.oms, developer, gasMinor: 0n },
    { source: row.asset, destination: row.destination_asset, exchangeRate },
  );
  if (!price) return undefined;
  return {
    deposits,
    transaction: {
      transaction_id: deps.ids.next('transaction', tx),
      deposit_address_id: row.deposit_address_id,
      sender_customer_id: row.customer_id,
      source_asset: row.asset,
      source_network: row.network,
      source_address: row.address,
      source_key_index: row.key_index,
      source_gross: price.grossMinor,
      source_fee_oms: price.omsFeeMinor,
      source_fee_developer: price.developerFeesMinor.reduce((sum, fee) => sum + fee, 0n),
      ...destinationOf(row, around),
      destination_gross: price.destination.minor,
      exchange_rate: exchangeRate,
      developer_fees: shownFees(developer, price),
      sponsor_gas: true,
      gas_cost: deps.settings.gasFeeOf(around.settings, 'usd'),
      metadata: row.metadata,
      created_at: tx.now(),
    },
  };
}

function destinationOf(row: DepositAddressRow, { wallets, accounts }: Surroundings) {
  const { destination_wallet_id, destination_external_account_id } = row;
  const wallet = wallets.get(destination_wallet_id ?? '');
  const account = accounts.get(destination_external_account_id ?? '');
  const isFiat = row.destination_asset === 'usd';
  return {
    type: isFiat ? 'cryptoToFiat' : 'cryptoToCrypto',
    // Whose the money is in the end; outside the system that is nobody's to know.
    recipient_customer_id: isFiat ? row.customer_id : (wallet?.customer_id ?? null),
    destination_asset: row.destination_asset,
    destination_network: row.destination_network,
    destination_wallet_id,
    destination_address: wallet?.address ?? row.destination_address,
    destination_external_account_id,
    destination_owner: account?.owner_name ?? null,
    bank_details: account && isFiat ? { ...account.display } : null,
  } as const;
}

interface DeveloperFee extends FeeRule {
  readonly percentage: string;
  readonly wallet?: string;
}

/** The address's own, or else what the project charges. */
function developerFeesOf(
  { developer_fees: own }: DepositAddressRow,
  ofProject: DeveloperFee,
): readonly DeveloperFee[] {
  if (own) return own.map((fee) => ({ ...fee, rate: parseRate(fee.percentage), fixedMinor: 0n }));
  const chargesAnything = ofProject.rate.numerator > 0n || ofProject.fixedMinor > 0n;
  return chargesAnything ? [ofProject] : [];
}

const shownFees = (fees: readonly DeveloperFee[], price: Price): TransactionRow['developer_fees'] =>
  fees.map(({ percentage, fixedMinor, wallet }, index) => ({
    amount: formatMinor(price.developerFeesMinor[index] ?? 0n, 'usdc'),
    flatFee: formatMinor(fixedMinor, 'usdc'),
    percentage,
    ...(wallet !== undefined && { wallet }),
  }));
