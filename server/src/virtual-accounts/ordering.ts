import type { Tx } from '../db/database.ts';
import { ApiError, asRefusal } from '../kernel/errors.ts';
import type { NewTransaction } from '../transactions/service.ts';
import type { DepositReason, DepositRow } from './deposit-store.ts';
import type { VirtualAccountsDeps } from './deps.ts';
import { priceDeposit } from './pricing.ts';
import type { VirtualAccountRow } from './store.ts';

/** A deposit with the account that it came to. */
export interface Placed {
  readonly row: DepositRow;
  readonly account: VirtualAccountRow;
}

/** Of each, in order: the transaction that delivers it, or why it must wait. */
export async function orderDeposits(
  deps: VirtualAccountsDeps,
  tx: Tx,
  placed: readonly Placed[],
): Promise<{ readonly row: DepositRow; readonly order: NewTransaction | DepositReason }[]> {
  const { settings, rates, customers, ids } = deps;
  const values = await settings.get(tx);
  const found = await rates.get(tx, 'usd', 'usdc').catch(asRefusal);
  const allowed = await customers.endorsedAll(
    tx,
    placed.map(({ row }) => ({ customerId: row.customer_id, needed: ['basic', 'usd'] })),
  );
  const closed = await closedDestinations(deps, tx, placed);
  const now = tx.now();
  return placed.map(({ row, account }, index) => {
    if (allowed[index] instanceof ApiError) return { row, order: 'customer_not_eligible' };
    if (closed.has(account.destination_external_account_id)) return { row, order: 'destination_unavailable' };
    if (found instanceof ApiError) return { row, order: 'rate_unavailable' };
    const priced = priceDeposit(settings, values, account, row.amount, found.rate);
    if (typeof priced === 'string') return { row, order: priced };
    const { developerFees } = priced;
    const transaction: NewTransaction = {
      transaction_id: ids.next('transaction', tx),
      type: 'fiatToCrypto',
      virtual_account_id: account.virtual_account_id,
      sender_customer_id: row.customer_id,
      recipient_customer_id: account.destination_wallet_id === null ? null : row.customer_id,
      source_asset: 'usd',
      source_network: row.rail,
      source_gross: row.amount,
      source_fee_oms: priced.price.omsFeeMinor,
      source_fee_developer: priced.price.developerFeesMinor.reduce((sum, fee) => sum + fee, 0n),
      destination_asset: account.destination_asset,
      destination_network: account.destination_network,
      destination_wallet_id: account.destination_wallet_id,
      destination_external_account_id: account.destination_external_account_id,
      destination_address: account.destination_address,
      destination_gross: priced.price.destination.minor,
      exchange_rate: found.rate,
      developer_fees: developerFees,
      sponsor_gas: true,
      gas_cost: settings.gasFeeOf(values, 'usd'),
      metadata: account.metadata,
      created_at: now,
    };
    return { row, order: transaction };
  });
}

/** Saved addresses that can no longer be paid to. */
async function closedDestinations(
  { externalAccounts }: VirtualAccountsDeps,
  tx: Tx,
  placed: readonly Placed[],
): Promise<ReadonlySet<string | null>> {
  const ids = placed.flatMap(({ account }) => account.destination_external_account_id ?? []);
  if (ids.length === 0) return new Set();
  const rows = await externalAccounts.findAll(tx, [...new Set(ids)]);
  return new Set(rows.filter(({ status }) => status !== 'verified').map((row) => row.external_account_id));
}
