import type {
  IgnoredTransfer,
  ReconciliationBreak,
  ReconciliationRun,
} from '@openoms/contract/reconciliation.ts';
import { getAddress } from 'viem/utils';
import { SECOND_MS, toIsoSeconds } from '../kernel/clock.ts';
import { formatMinor } from '../kernel/money.ts';
import type { BreakRow, IgnoredTransferRow, RunRow } from './store.ts';

export const toRun = (row: RunRow): ReconciliationRun => ({
  id: row.run_id,
  object: 'reconciliationRun',
  status: row.status,
  network: row.network,
  asset: row.asset,
  blockNumber: row.block_number.toString(),
  addresses: row.addresses,
  ledgerTotal: formatMinor(row.ledger_minor, row.asset),
  chainTotal: formatMinor(row.chain_minor, row.asset),
  adjustedItems: row.adjusted_items,
  openBreaks: row.open_breaks,
  newBreaks: row.opened_breaks,
  closedBreaks: row.closed_breaks,
  error: row.error,
  startedAt: toIsoSeconds(row.started_at),
  completedAt: row.completed_at && toIsoSeconds(row.completed_at),
});

/** Its age is counted to `now`, or to the time it was closed. */
export const toBreak = (row: BreakRow, now: Date): ReconciliationBreak => ({
  id: row.break_id,
  object: 'reconciliationBreak',
  status: row.status,
  subject: { type: row.subject_type, id: row.subject_id },
  address: row.address,
  network: row.network,
  asset: row.asset,
  ledgerBalance: formatMinor(row.ledger_minor, row.asset),
  chainBalance: formatMinor(row.chain_minor, row.asset),
  difference: formatMinor(row.chain_minor - row.ledger_minor, row.asset),
  cause: row.cause,
  blockNumber: row.block_number.toString(),
  ageSeconds: Math.floor(((row.closed_at ?? now).getTime() - row.first_seen_at.getTime()) / SECOND_MS),
  firstSeenAt: toIsoSeconds(row.first_seen_at),
  lastSeenAt: toIsoSeconds(row.last_seen_at),
  closedAt: row.closed_at && toIsoSeconds(row.closed_at),
});

export const toIgnoredTransfer = (row: IgnoredTransferRow): IgnoredTransfer => ({
  id: row.ignored_transfer_id,
  object: 'ignoredTransfer',
  reason: row.reason,
  // As in breaks: a project has one treasury on a network.
  subject: { type: row.purpose, id: row.purpose === 'treasury' ? row.network : row.resource_id },
  network: row.network,
  token: getAddress(row.token),
  from: getAddress(row.from_address),
  address: getAddress(row.to_address),
  amount: row.amount.toString(),
  txHash: row.tx_hash,
  logIndex: row.log_index,
  blockNumber: row.block_number.toString(),
  blockTime: toIsoSeconds(row.block_time),
  createdAt: toIsoSeconds(row.created_at),
});
