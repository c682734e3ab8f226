import type { Tx } from '../db/database.ts';
import type { Asset } from '../kernel/money.ts';
import type { AccountKind } from './chart.ts';

export interface TotalRow {
  kind: AccountKind;
  asset: Asset;
  /** Credits less debits that were posted. */
  net: bigint;
}

/**
 * What all accounts of a kind and asset hold together, exact at any moment: from the sums of the batches that are in the
 * chain, and the transfers of the few that wait. Nothing of kinds on which nothing was ever posted.
 */
export const TOTALS = `
  select kind, asset, sum(net) net from (
    select kind, asset, net from ledger_totals where project_id = $1
    union all
    select a.kind, a.asset, entry.net
    from ledger_batches b
    cross join lateral (
      select credit_no, debit_no, amount from ledger_transfers
      where batch_id = b.batch_id and kind in ('single', 'post') offset 0) t
    cross join lateral (values (t.credit_no, t.amount), (t.debit_no, -t.amount)) entry (account_no, net)
    cross join lateral (select kind, asset from ledger_accounts where account_no = entry.account_no limit 1) a
    where b.project_id = $1 and b.chain_position is null) parts
  group by kind, asset`;

/** How many batches wait changes by the second: a plan for none of them would read all there are. */
export const listTotals = (tx: Tx): Promise<TotalRow[]> =>
  tx.query<TotalRow>(TOTALS, [tx.scope], { planned: 'each time' });
