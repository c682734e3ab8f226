import { KEPT_SINCE } from './event-rules-store.ts';
import type { Rule } from './rule.ts';

/** What must hold of money that came in over banks, in one project. Each query lists what breaks its rule. */
export const VIRTUAL_ACCOUNT_RULES: readonly Rule[] = [
  {
    rule: 'a credit of a bank is booked when it comes in, and undone when it has gone back',
    sql: `
      with booked as (
        select c.credit_id, c.status, c.amount, string_agg(format('%s %s', split_part(t.group_id, '.', 2), t.amount), ' '
          order by split_part(t.group_id, '.', 2)) groups
        from bank_credits c
        left join ledger_transfers t on t.project_id = c.project_id
          and t.group_id = any(array[c.credit_id || '.received', c.credit_id || '.returned'])
        where c.project_id = $1 group by c.credit_id, c.status, c.amount)
      select credit_id subject, format('%s %s with %s', status, amount, groups) detail from booked
      where groups is distinct from case status
        when 'returned' then format('received %s returned %s', amount, amount)
        else format('received %s', amount) end`,
  },
  {
    rule: 'a bank deposit and its transaction are in the same state',
    sql: `
      select coalesce(d.credit_id, t.transaction_id) subject,
        format('deposit %s %s, transaction %s %s', d.status, d.amount, t.status, t.source_gross) detail
      from (select * from virtual_account_deposits where project_id = $1) d
      full join (select * from transactions where project_id = $1 and virtual_account_id is not null) t
        on t.transaction_id = d.transaction_id
      where (d.transaction_id is not null or t.transaction_id is not null) and (
        t.source_gross is distinct from d.amount or t.virtual_account_id is distinct from d.virtual_account_id
        or t.status is distinct from case d.status when 'processing' then 'processing'
          when 'delivered' then 'completed' when 'returning' then 'failed' when 'returned' then 'failed' end
        or (t.refund_status = 'completed') is distinct from case d.status when 'returned' then true end)`,
  },
  {
    rule: 'a bank deposit and its credit are one and the same',
    sql: `
      select d.credit_id subject, format('deposit %s %s, credit %s %s', d.status, d.amount, c.status, c.amount) detail
      from virtual_account_deposits d
      join bank_credits c on c.project_id = d.project_id and c.credit_id = d.credit_id
      where d.project_id = $1 and (c.amount <> d.amount or c.rail <> d.rail or c.reference <> d.reference
        or c.status <> case when d.status in ('returning', 'returned') then d.status else 'received' end)`,
  },
  {
    rule: 'what holds a bank deposit is known, and what passes by itself is tried again',
    sql: `
      select d.credit_id subject, format('%s for %s of an account that is %s', d.status, d.reason, a.status) detail
      from virtual_account_deposits d
      join virtual_accounts a on a.project_id = d.project_id and a.virtual_account_id = d.virtual_account_id
      where d.project_id = $1 and (d.status = 'received' or d.status = 'held' and (
        a.status = 'deleted' or d.reason = 'account_paused' and a.status <> 'paused'
        or d.reason in ('customer_not_eligible', 'rate_unavailable', 'treasury_short') and not exists (
          select from jobs j where j.project_id = d.project_id and j.task = 'virtual-accounts.retry-deposit'
            and j.dead_at is null and j.payload->>'creditId' = d.credit_id
            and (j.payload->>'tries')::integer = d.tries)))`,
  },
  {
    rule: 'what is held or on its way back is in flight',
    sql: `
      select d.customer_id subject, format('%s of %s in flight', max(a.credits_posted - a.debits_posted), sum(d.amount)) detail
      from virtual_account_deposits d
      left join ledger_accounts a on a.project_id = d.project_id
        and a.account_id = 'customer_in_flight:' || d.customer_id || ':usd'
      where d.project_id = $1 and d.status in ('held', 'returning')
      group by d.customer_id having coalesce(max(a.credits_posted - a.debits_posted), 0) < sum(d.amount)`,
  },
  {
    rule: 'a bank deposit is received, settled and returned by one event each',
    sql: `
      select d.credit_id subject, format('%s: %s', d.status, array_agg(e.type order by e.sequence)) detail
      from virtual_account_deposits d
      left join events e on e.project_id = d.project_id and e.resource_id = d.credit_id
      where d.project_id = $1 and d.created_at >= ${KEPT_SINCE} group by d.credit_id, d.status
      having count(*) filter (where e.type like '%.received') <> 1
        or count(*) filter (where e.type like '%.settled') <> (d.status = 'delivered')::int
        or count(*) filter (where e.type like '%.returned') <> (d.status = 'returned')::int
        or d.status = 'held' and count(*) filter (where e.type like '%.held') = 0`,
  },
];
