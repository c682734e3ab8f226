import type {
  LedgerAccount,
  LedgerEntry,
  LedgerTotals,
  LedgerVerification,
} from '@openoms/contract/console/ledger.ts';
import { formatMinor } from '../kernel/money.ts';
import { isOfNetwork, isOwned, KIND_LABELS, NORMAL_SIDES } from './names.ts';
import type { KindTotal, NamedAccount } from './service.ts';
import type { AccountRow, EntryRow, HeadRow } from './store.ts';
import type { VerificationRow } from './verification-store.ts';

/** `net`: credits less debits. */
export const onNormalSide = ({ kind, asset }: Pick<AccountRow, 'kind' | 'asset'>, net: bigint): string =>
  formatMinor(NORMAL_SIDES[kind] === 'credit' ? net : -net, asset);

export const toLedgerAccount = ({ row, name }: NamedAccount): LedgerAccount => ({
  id: row.account_id,
  object: 'ledgerAccount',
  name,
  kind: row.kind,
  ownerId: isOwned(row.kind) ? row.owner : null,
  asset: row.asset,
  network: isOfNetwork(row.kind) ? row.owner : null,
  normalSide: NORMAL_SIDES[row.kind],
  balance: onNormalSide(row, row.credits_posted - row.debits_posted),
  pending: onNormalSide(row, row.credits_pending - row.debits_pending),
  debitsPosted: formatMinor(row.debits_posted, row.asset),
  creditsPosted: formatMinor(row.credits_posted, row.asset),
  debitsPending: formatMinor(row.debits_pending, row.asset),
  creditsPending: formatMinor(row.credits_pending, row.asset),
  createdAt: row.created_at.toISOString(),
});

export const toLedgerTotals = (totals: readonly KindTotal[], head: HeadRow | undefined): LedgerTotals => ({
  object: 'ledgerTotals',
  kinds: totals.map((row) => ({
    kind: row.kind,
    label: KIND_LABELS[row.kind],
    asset: row.asset,
    normalSide: NORMAL_SIDES[row.kind],
    balance: onNormalSide(row, row.net),
    accounts: Number(row.accounts),
  })),
  head: { batches: Number(head?.chain_position ?? 0n), hash: head ? head.chain_hash.toString('hex') : null },
});

const STATES = { single: 'single', pending: 'pending', post: 'posted', void: 'voided' } as const;
/** What a group is about comes first in its name. */
const GROUP = /^([A-Za-z]{2,20}_[0-9a-z]{10,60})(\.|$)/;

export const toLedgerEntry = (
  row: EntryRow,
  account: AccountRow,
  names: ReadonlyMap<string, string>,
): LedgerEntry => ({
  id: `${row.group_id}.${row.position}`,
  object: 'ledgerEntry',
  groupId: row.group_id,
  resourceId: GROUP.exec(row.group_id)?.[1] ?? null,
  state: STATES[row.kind],
  side: row.side,
  counterpart: { id: row.counterpart_id, name: names.get(row.counterpart_id) ?? row.counterpart_id },
  amount: formatMinor(row.amount, account.asset),
  asset: account.asset,
  balanceAfter: onNormalSide(account, row.posted),
  createdAt: row.created_at.toISOString(),
});

export const toLedgerVerification = (row: VerificationRow): LedgerVerification => ({
  id: row.verification_id,
  object: 'ledgerVerification',
  status: row.status,
  checked: Number(row.checked),
  total: Number(row.total),
  findings: row.findings,
  hash: row.hash,
  startedAt: row.started_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
});
