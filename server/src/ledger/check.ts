import type { Tx } from '../db/database.ts';

export interface Finding {
  readonly rule: string;
  readonly subject: string;
  readonly detail: string;
}

interface FindingRow {
  subject: string;
  detail: string;
}

/** Each query lists what breaks its rule, in one project; a healthy ledger answers nothing. */
const RULES: readonly { readonly rule: string; readonly sql: string }[] = [
  {
    rule: 'stored balances equal the sums of the transfers',
    sql: `
      with moved as (
        select debit_account_id account_id,
          sum(amount) filter (where kind in ('single', 'post')) debits_posted,
          0::numeric credits_posted,
          sum(amount) filter (where kind = 'pending' and not exists (
            select from ledger_transfers r where r.project_id = t.project_id and r.pending_id = t.transfer_id
          )) debits_pending,
          0::numeric credits_pending
        from ledger_transfers t where project_id = $1 group by debit_account_id
        union all
        select credit_account_id, 0,
          sum(amount) filter (where kind in ('single', 'post')), 0,
          sum(amount) filter (where kind = 'pending' and not exists (
            select from ledger_transfers r where r.project_id = t.project_id and r.pending_id = t.transfer_id
          ))
        from ledger_transfers t where project_id = $1 group by credit_account_id
      ), sums as (
        select account_id, coalesce(sum(debits_posted), 0) debits_posted,
          coalesce(sum(credits_posted), 0) credits_posted, coalesce(sum(debits_pending), 0) debits_pending,
          coalesce(sum(credits_pending), 0) credits_pending
        from moved group by account_id)
      select coalesce(a.account_id, s.account_id) subject,
        format('stored %s/%s/%s/%s, summed %s/%s/%s/%s', a.debits_pending, a.debits_posted, a.credits_pending,
          a.credits_posted, s.debits_pending, s.debits_posted, s.credits_pending, s.credits_posted) detail
      from (select * from ledger_accounts where project_id = $1) a full join sums s using (account_id)
      where (coalesce(a.debits_pending, 0), coalesce(a.debits_posted, 0), coalesce(a.credits_pending, 0),
          coalesce(a.credits_posted, 0))
        is distinct from (coalesce(s.debits_pending, 0), coalesce(s.debits_posted, 0),
          coalesce(s.credits_pending, 0), coalesce(s.credits_posted, 0))`,
  },
  {
    rule: 'each asset sums to zero',
    sql: `
      select asset subject, sum(credits_posted - debits_posted)::text detail
      from ledger_accounts where project_id = $1 group by asset
      having sum(credits_posted - debits_posted) <> 0 or sum(credits_pending - debits_pending) <> 0`,
  },
  {
    rule: 'no limited account is below zero',
    sql: `
      select account_id subject, format('%s', credits_posted - debits_posted) detail
      from ledger_accounts where project_id = $1 and case limit_side
        when 'credit' then debits_posted + debits_pending > credits_posted
        when 'debit' then credits_posted + credits_pending > debits_posted else false end`,
  },
  {
    rule: 'a transfer moves the asset of both its accounts',
    sql: `
      select t.transfer_id subject, t.asset detail from ledger_transfers t
      join ledger_accounts d on d.project_id = t.project_id and d.account_id = t.debit_account_id
      join ledger_accounts c on c.project_id = t.project_id and c.account_id = t.credit_account_id
      where t.project_id = $1 and (d.asset <> t.asset or c.asset <> t.asset)`,
  },
  {
    rule: 'a post or void stays within its hold',
    sql: `
      select r.transfer_id subject, format('%s of %s', r.amount, h.amount) detail
      from ledger_transfers r
      left join ledger_transfers h on h.project_id = r.project_id and h.transfer_id = r.pending_id
      where r.project_id = $1 and r.pending_id is not null and (h.kind is distinct from 'pending' or r.amount > h.amount
        or (r.debit_account_id, r.credit_account_id, r.asset)
          is distinct from (h.debit_account_id, h.credit_account_id, h.asset))`,
  },
];

/** Recomputes every ledger invariant of the transaction's project. */
export async function checkLedger(tx: Tx): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { rule, sql } of RULES) {
    const rows = await tx.query<FindingRow>(sql, [tx.scope]);
    findings.push(...rows.map((row) => ({ rule, subject: row.subject, detail: row.detail })));
  }
  return findings;
}
