import type { Tx } from '../db/database.ts';
import type { Finding } from '../ledger/finding.ts';

interface FindingRow {
  subject: string;
  detail: string;
}

/** What must hold between the slices, in one project. Each query lists what breaks its rule. */
const RULES: readonly { readonly rule: string; readonly sql: string }[] = [
  {
    rule: 'a cash-in has exactly the postings of its status',
    sql: `
      with posted as (
        select c.cash_in_id, c.status, coalesce(array_agg(distinct split_part(t.group_id, '.', 2)
          order by split_part(t.group_id, '.', 2)) filter (where t.group_id is not null), '{}') groups
        from cash_ins c
        left join ledger_transfers t on t.project_id = c.project_id and t.group_id = any(array[
          c.cash_in_id || '.deposited', c.cash_in_id || '.delivered', c.cash_in_id || '.failed'])
        where c.project_id = $1 group by c.cash_in_id, c.status)
      select cash_in_id subject, format('%s with %s', status, groups) detail from posted
      where groups is distinct from case status
        when 'processing' then array['deposited']
        when 'completed' then array['delivered', 'deposited']
        when 'failed' then array['deposited', 'failed']
        else '{}'::text[] end`,
  },
  {
    rule: 'a cash-in that took cash has one transaction and one send, in the same state',
    sql: `
      select c.cash_in_id subject, format('cash-in %s, transaction %s, sends %s', c.status, t.status,
        (select array_agg(s.status) from sends s where s.project_id = c.project_id
          and s.purpose = 'cash-in' and s.resource_id = c.cash_in_id)) detail
      from cash_ins c
      left join transactions t on t.project_id = c.project_id and t.cash_in_id = c.cash_in_id
      where c.project_id = $1 and c.deposited is not null and (
        t.status is distinct from c.status
        or (select array_agg(case s.status when 'paid' then 'completed' when 'failed' then 'failed'
              else 'processing' end) from sends s
            where s.project_id = c.project_id and s.purpose = 'cash-in' and s.resource_id = c.cash_in_id)
          is distinct from array[c.status])`,
  },
  {
    rule: 'cash is taken once per provider event',
    sql: `
      select 'cash.deposited' subject, format('%s events, %s deposits', e.count, c.count) detail
      from (select count(*) from provider_events where project_id = $1 and type = 'cash.deposited') e,
        (select count(*) from cash_ins where project_id = $1 and deposited is not null) c
      where e.count <> c.count`,
  },
  {
    rule: 'a pending cash-in has a timer for its code',
    sql: `
      select c.cash_in_id subject, c.code_expires_at::text detail from cash_ins c
      where c.project_id = $1 and c.status = 'pending' and not exists (
        select from jobs j where j.project_id = c.project_id and j.task = 'cash-ins.expire' and j.dead_at is null
          and j.payload->>'cashInId' = c.cash_in_id and j.payload->>'code' = c.code)`,
  },
  {
    rule: 'a credited deposit is posted once',
    sql: `
      select d.deposit_id subject, format('%s, %s transfers', d.status, count(t.group_id)) detail
      from deposits d
      left join ledger_transfers t on t.project_id = d.project_id and t.group_id = d.deposit_id || '.credited'
      where d.project_id = $1 group by d.deposit_id, d.status
      having count(t.group_id) <> case d.status when 'credited' then 1 else 0 end`,
  },
  {
    rule: 'the events of a resource are numbered without gaps',
    sql: `
      select s.resource_id subject, format('last %s, %s events', s.last_sequence, count(e.event_id)) detail
      from event_sequences s
      left join events e on e.project_id = s.project_id and e.resource_id = s.resource_id
      where s.project_id = $1 group by s.resource_id, s.last_sequence
      having count(e.event_id) <> s.last_sequence or max(e.sequence) is distinct from s.last_sequence`,
  },
  {
    rule: 'a change of a cash-in is one event',
    sql: `
      select c.cash_in_id subject, format('%s: %s', c.status, array_agg(e.type order by e.sequence)) detail
      from cash_ins c
      left join events e on e.project_id = c.project_id and e.resource_id = c.cash_in_id
      where c.project_id = $1 group by c.cash_in_id, c.status
      having count(*) filter (where e.type = 'cashIn.created') <> 1
        or count(*) filter (where e.type = 'cashIn.processing')
          <> case when c.status in ('processing', 'completed', 'failed') then 1 else 0 end
        or count(*) filter (where e.type = 'cashIn.completed') <> case c.status when 'completed' then 1 else 0 end
        or count(*) filter (where e.type = 'cashIn.failed') <> case c.status when 'failed' then 1 else 0 end`,
  },
  {
    rule: 'a delivery that is due has a job',
    sql: `
      select d.delivery_id subject, d.status detail from webhook_deliveries d
      where d.project_id = $1 and d.status = 'pending' and not exists (
        select from jobs j where j.project_id = d.project_id and j.task = 'webhooks.deliver'
          and j.dead_at is null and j.payload->>'deliveryId' = d.delivery_id)`,
  },
  {
    rule: 'no job is dead',
    sql: `
      select task || ' ' || job_id subject, coalesce(last_error, '') detail from jobs
      where project_id = $1 and dead_at is not null`,
  },
];

/** Findings of one rule that are told; the rule is broken all the same. */
const MAX_FINDINGS_OF_A_RULE = 100;

export async function checkRules(tx: Tx): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { rule, sql } of RULES) {
    const rows = await tx.query<FindingRow>(`${sql} limit ${MAX_FINDINGS_OF_A_RULE}`, [tx.scope]);
    findings.push(...rows.map((row) => ({ rule, subject: row.subject, detail: row.detail })));
  }
  return findings;
}

/** In the platform's scope. */
export async function listProjectIds(tx: Tx): Promise<string[]> {
  const rows = await tx.query<{ project_id: string }>('select project_id from projects order by project_id');
  return rows.map((row) => row.project_id);
}
