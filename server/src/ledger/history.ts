import type { Tx } from '../db/database.ts';
import { assert } from '../kernel/assert.ts';
import { type AccountRef, accountId } from './chart.ts';
import { type Balance, NO_BALANCE, type TransferRequest } from './transfers.ts';

/** One side of a transfer, with the account's balance once it was applied. */
export interface Entry {
  readonly groupId: string;
  readonly position: number;
  readonly kind: TransferRequest['kind'];
  /** The hold that is made, or resolved. */
  readonly holdId: string | undefined;
  readonly side: 'debit' | 'credit';
  readonly counterpartId: string;
  readonly minor: bigint;
  readonly balance: Balance;
  readonly createdAt: Date;
  /** Until when a hold can be posted. */
  readonly expiresAt: Date | undefined;
  /** What continues the list after this entry. */
  readonly cursor: string;
}

interface AfterRow {
  posted: bigint;
  reserved: bigint;
  incoming: bigint;
}

type EntryRow = AfterRow & {
  seq: bigint;
  created_us: bigint;
  group_id: string;
  position: number;
  kind: TransferRequest['kind'];
  hold_id: string | null;
  side: 'debit' | 'credit';
  counterpart_id: string;
  amount: bigint;
  created_at: Date;
  expires_at: Date | null;
};

const MAX_PAGE = 1_000;
const CURSOR = /^(-?\d{1,18})_(\d{1,18})$/;

export const isCursor = (text: string): boolean => CURSOR.test(text);

/** What the account held at that instant, all entries of it included; nothing before the first. */
export async function balanceAt(tx: Tx, account: AccountRef, at: Date): Promise<Balance> {
  const [last] = await tx.query<AfterRow>(
    `with account as (select account_no from ledger_accounts where project_id = $1 and account_id = $2)
     select posted, reserved, incoming from account cross join lateral (
       (select created_at, seq, debit_posted_after posted, debit_reserved_after reserved,
          debit_incoming_after incoming
        from ledger_transfers where debit_no = account_no and created_at <= $3
        order by created_at desc, seq desc limit 1)
       union all
       (select created_at, seq, credit_posted_after, credit_reserved_after, credit_incoming_after
        from ledger_transfers where credit_no = account_no and created_at <= $3
        order by created_at desc, seq desc limit 1)) sides
     order by created_at desc, seq desc limit 1`,
    [tx.scope, accountId(account), at],
  );
  return last ? balanceOf(last) : NO_BALANCE;
}

/** Entries of the account, the newest first, after the one whose cursor is given. */
export async function listEntries(
  tx: Tx,
  account: AccountRef,
  page: { readonly limit: number; readonly after?: string },
): Promise<Entry[]> {
  assert(page.limit > 0 && page.limit <= MAX_PAGE, 'entries of a page');
  const cursor = page.after === undefined ? undefined : CURSOR.exec(page.after);
  assert(cursor !== null, 'not a cursor of ours');
  const side = (own: string, other: string): string => `
    (select t.created_at, t.seq, '${own}' side, t.${other}_no other_no, t.group_id, t.position, t.kind,
       coalesce(t.transfer_id, t.pending_id) hold_id, t.amount, t.expires_at, t.${own}_posted_after posted,
       t.${own}_reserved_after reserved, t.${own}_incoming_after incoming
     from ledger_transfers t where t.${own}_no = account_no
       and (t.created_at, t.seq) < (coalesce(timestamptz 'epoch' + $3::bigint * interval '1 microsecond', 'infinity'), $4)
     order by t.created_at desc, t.seq desc limit $5)`;
  const rows = await tx.query<EntryRow>(
    `with account as (select account_no from ledger_accounts where project_id = $1 and account_id = $2)
     select e.*, o.account_id counterpart_id, ledger_us(e.created_at) created_us
     from account
     cross join lateral (${side('debit', 'credit')} union all ${side('credit', 'debit')}) e
     join ledger_accounts o on o.account_no = e.other_no
     order by e.created_at desc, e.seq desc limit $5`,
    [tx.scope, accountId(account), cursor?.[1] ?? null, cursor?.[2] ?? 0, page.limit],
  );
  return rows.map(toEntry);
}

const toEntry = (row: EntryRow): Entry => ({
  groupId: row.group_id,
  position: row.position,
  kind: row.kind,
  holdId: row.hold_id ?? undefined,
  side: row.side,
  counterpartId: row.counterpart_id,
  minor: row.amount,
  balance: balanceOf(row),
  createdAt: row.created_at,
  expiresAt: row.expires_at ?? undefined,
  cursor: `${row.created_us}_${row.seq}`,
});

const balanceOf = ({ posted, reserved, incoming }: AfterRow): Balance => ({
  postedMinor: posted,
  availableMinor: posted - reserved,
  incomingMinor: incoming,
});
