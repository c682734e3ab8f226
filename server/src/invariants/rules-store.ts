import type { Tx } from '../db/database.ts';
import type { Finding } from '../ledger/finding.ts';
import { CLOCK_RULES } from './clock-rules-store.ts';
import { EVENT_RULES, KEPT_SINCE } from './event-rules-store.ts';
import { RECORD_RULES } from './record-rules-store.ts';
import type { Rule } from './rule.ts';
import { SANDBOX_RULES } from './sandbox-rules-store.ts';
import { VIRTUAL_ACCOUNT_RULES } from './virtual-account-rules-store.ts';

interface FindingRow {
  subject: string;
  detail: string;
}

/** The sandbox's bank or network has told of it, and that is late on purpose. */
const notOnItsWay = (subject: string): string => `not exists (
          select from jobs j where j.project_id = $1 and j.task = 'sandbox-rails.tell' and j.dead_at is null
            and j.payload->>'about' = ${subject})`;

/** When we took in what the sandbox's bank told of a payment; null: not yet. */
const toldAt = (paymentId: string, what: 'settled' | 'returned'): string => `(
            select e.received_at from provider_events e where e.project_id = $1 and e.provider = 'sandbox-bank'
              and e.provider_event_id = ${paymentId} || '/${what}')`;

/** What must hold between the slices, in one project. Each query lists what breaks its rule. */
const RULES: readonly Rule[] = [
  {
    rule: 'a cash-in has exactly the postings of its status',
    sql: `
      with posted as (
        select c.cash_in_id, c.status, c.deposited, coalesce(array_agg(distinct split_part(t.group_id, '.', 2)
          order by split_part(t.group_id, '.', 2)) filter (where t.group_id is not null), '{}') groups
        from cash_ins c
        left join ledger_transfers t on t.project_id = c.project_id and t.group_id = any(array[
          c.cash_in_id || '.deposited', c.cash_in_id || '.delivered', c.cash_in_id || '.failed'])
        where c.project_id = $1 group by c.cash_in_id, c.status, c.deposited)
      select cash_in_id subject, format('%s with %s', status, groups) detail from posted
      where groups is distinct from case status
        when 'processing' then array['deposited']
        when 'completed' then array['delivered', 'deposited']
        when 'failed' then case when deposited is null then '{}' else array['deposited', 'failed'] end
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
    rule: 'a cash-in is charged by the schedule it was made with',
    sql: `
      select c.cash_in_id subject,
        format('%s of %s charged on %s', t.source_fee_oms, t.source_gross, c.deposited) detail
      from cash_ins c join transactions t on t.project_id = c.project_id and t.cash_in_id = c.cash_in_id
      where c.project_id = $1 and (t.source_gross <> c.deposited
        or t.source_fee_oms <> round(c.deposited * c.fee_rate::numeric) + c.fee_fixed)`,
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
    rule: 'a transaction has exactly the postings of its status',
    sql: `
      with posted as (
        select t.transaction_id, t.status, t.destination_asset = 'usd' is_payout,
          coalesce(string_agg(distinct split_part(l.group_id, '.', 2), ' '
            order by split_part(l.group_id, '.', 2)), '') groups
        from transactions t
        left join ledger_transfers l on l.project_id = t.project_id and l.group_id = any(array[
          t.transaction_id || '.started', t.transaction_id || '.delivered', t.transaction_id || '.failed',
          t.transaction_id || '.fees', t.transaction_id || '.pulled', t.transaction_id || '.settled',
          t.transaction_id || '.reversed', t.transaction_id || '.returned', t.transaction_id || '.refunded'])
        where t.project_id = $1 and t.cash_in_id is null group by t.project_id, t.transaction_id)
      select transaction_id subject, format('%s with %s', status, groups) detail from posted
      where groups <> all (case
        when is_payout then case status
          when 'processing' then array['started', 'pulled started']
          when 'cashPickupReady' then array['pulled started']
          when 'completed' then array['pulled settled started']
          else array['failed started', 'pulled reversed started', 'pulled refunded reversed started',
            'pulled returned settled started', 'pulled refunded returned settled started'] end
        else case status
          when 'processing' then array['started']
          when 'completed' then array['delivered started', 'delivered fees started']
          else array['failed started'] end end)`,
  },
  {
    rule: 'what a transaction waits for on chain is on its way',
    sql: `
      select t.transaction_id subject, format('%s, refund %s, sends %s', t.status, t.refund_status,
        (select array_agg(s.purpose || ' ' || s.status) from sends s
         where s.project_id = t.project_id and s.resource_id = t.transaction_id)) detail
      from transactions t
      where t.project_id = $1 and t.cash_in_id is null and (
        (t.status = 'processing' and t.sub_status is null and not exists (
          select from sends s where s.project_id = t.project_id and s.resource_id = t.transaction_id
            and s.purpose = 'transaction' and s.status in ('queued', 'relaying')))
        or (t.refund_status = 'pending' and not exists (
          select from sends s where s.project_id = t.project_id and s.resource_id = t.transaction_id
            and s.purpose = 'transaction-refund' and s.status in ('queued', 'relaying')))
        or (select count(*) from sends s where s.project_id = t.project_id and s.resource_id = t.transaction_id
            and s.purpose = 'transaction') <> 1)`,
  },
  {
    rule: 'a bank payout has the state of its transaction',
    sql: `
      select t.transaction_id subject, format('%s %s, payouts %s', t.status, t.sub_status,
        array_agg(p.status order by p.created_at)) detail
      from transactions t
      left join bank_payouts p on p.project_id = t.project_id and p.purpose = 'transaction'
        and p.resource_id = t.transaction_id
      where t.project_id = $1 and t.destination_asset = 'usd' and t.destination_external_account_id is not null
      group by t.project_id, t.transaction_id
      having case
        when t.status = 'completed' then array_agg(p.status) <> array['settled']
        when t.returned_at is not null then array_agg(p.status) <> array['returned']
        when t.status = 'failed' and t.refund is not null then array_agg(p.status) <> array['failed']
        when t.sub_status = 'fundsPulled' then array_agg(p.status) not in (array['queued'], array['submitted'])
        else count(p.payout_id) > 0 end`,
  },
  {
    rule: 'a credited deposit to a deposit address is kept there once',
    sql: `
      select coalesce(c.deposit_id, k.deposit_id) subject, format('credited %s, kept %s', c.amount, k.amount) detail
      from (select * from deposits
            where project_id = $1 and purpose = 'depositAddress' and status = 'credited') c
      full join (select * from deposit_address_deposits where project_id = $1) k on k.deposit_id = c.deposit_id
      where (c.resource_id, c.amount, c.tx_hash, c.log_index) is distinct from
          (k.deposit_address_id, k.amount, k.tx_hash, k.log_index)
        or k.status = 'received'`,
  },
  {
    rule: 'what is free at a deposit address is what is held there, and fees that could not be collected',
    sql: `
      select a.deposit_address_id subject, format('free %s, held %s, waived %s', l.free, h.held, w.waived) detail
      from deposit_addresses a
      cross join lateral (
        select coalesce(sum(credits_posted - debits_posted - debits_pending), 0) free from ledger_accounts
        where project_id = $1 and account_id = 'deposit_address:' || a.deposit_address_id || ':' || a.asset) l
      cross join lateral (
        select coalesce(sum(remaining), 0) held from deposit_address_deposits d
        where d.project_id = $1 and d.deposit_address_id = a.deposit_address_id and d.status = 'held') h
      cross join lateral (
        select coalesce(sum(s.amount), 0) waived from transactions t
        join sends s on s.project_id = $1 and s.resource_id = t.transaction_id
          and s.purpose = 'transaction-fee' and s.status = 'failed'
        where t.project_id = $1 and t.deposit_address_id = a.deposit_address_id) w
      where a.project_id = $1 and l.free <> h.held + w.waived`,
  },
  {
    rule: 'a deposit is where the transaction that sent it on says',
    sql: `
      select d.deposit_id subject, format('%s, transaction %s %s refund %s', d.status, t.transaction_id, t.status,
        t.refund_status) detail
      from deposit_address_deposits d
      left join transactions t on t.project_id = $1 and t.transaction_id = d.transaction_id
      where d.project_id = $1 and (
        t.deposit_address_id is distinct from case when d.transaction_id is not null then d.deposit_address_id end
        or d.status <> case
          when t.status is null then 'held'
          when t.status = 'completed' then 'delivered'
          when t.status <> 'failed' then 'processing'
          when t.refund_status = 'pending' then 'returning'
          when t.refund_status = 'failed' then 'failed'
          else 'held' end)`,
  },
  {
    rule: 'a transaction that sends deposits on takes all of them',
    sql: `
      select t.transaction_id subject, format('%s of deposits, %s of the transaction', sum(d.remaining),
        t.source_gross) detail
      from transactions t
      left join deposit_address_deposits d on d.project_id = $1 and d.transaction_id = t.transaction_id
      where t.project_id = $1 and t.deposit_address_id is not null and t.status <> 'failed'
      group by t.transaction_id, t.source_gross
      having sum(d.remaining) is distinct from t.source_gross`,
  },
  {
    rule: 'a deposit that waits for a rate is tried again',
    sql: `
      select d.deposit_id subject, a.status detail from deposit_address_deposits d
      join deposit_addresses a on a.project_id = $1 and a.deposit_address_id = d.deposit_address_id
      where d.project_id = $1 and d.hold_reason = 'rate_unavailable' and a.status <> 'paused' and not exists (
        select from jobs j where j.project_id = $1 and j.task = 'deposit-addresses.release' and j.dead_at is null
          and j.payload->>'depositAddressId' = d.deposit_address_id)`,
  },
  {
    rule: 'a final deposit is told of once',
    sql: `
      select d.deposit_id subject, array_agg(e.type order by e.sequence)::text detail
      from deposit_address_deposits d
      left join events e on e.project_id = $1 and e.resource_id = d.deposit_id
      where d.project_id = $1 and d.created_at >= ${KEPT_SINCE} group by d.deposit_id
      having count(*) filter (where e.type like '%.settled') <> 1`,
  },
  {
    rule: 'a quote is executed by one transaction, and priced it',
    sql: `
      select coalesce(q.quote_id, t.quote_id) subject, format('quote %s, transaction %s', q.status, t.transaction_id) detail
      from (select * from quotes where project_id = $1) q
      full join (select * from transactions where project_id = $1 and quote_id is not null) t
        on t.quote_id = q.quote_id
      where (q.status = 'accepted' or t.transaction_id is not null) and (
        q.transaction_id is distinct from t.transaction_id
        or (q.source_gross, q.fee_oms, q.fee_developer, q.fee_gas, q.destination_gross) is distinct from
          (t.source_gross, t.source_fee_oms, t.source_fee_developer, t.source_fee_gas, t.destination_gross))`,
  },
  {
    rule: 'a change of a transaction is one event',
    sql: `
      select t.transaction_id subject, format('%s: %s', t.status, array_agg(e.type order by e.sequence)) detail
      from transactions t
      left join events e on e.project_id = t.project_id and e.resource_id = t.transaction_id
      where t.project_id = $1 and t.created_at >= ${KEPT_SINCE} group by t.project_id, t.transaction_id
      having count(*) filter (where e.type like '%.processing') <> 1
        or count(*) filter (where e.type like '%.completed') <> (t.completed_at is not null)::int
        or count(*) filter (where e.type like '%.failed') <> (t.status = 'failed')::int
        or count(*) filter (where e.type like '%.returned') <> (t.returned_at is not null)::int`,
  },
  {
    rule: 'an unfinished cash pickup has a job',
    sql: `
      select p.pickup_id subject, p.status detail from cash_pickups p
      where p.project_id = $1 and p.status in ('requested', 'ready') and not exists (
        select from jobs j where j.project_id = p.project_id and j.dead_at is null
          and j.task = case p.status when 'requested' then 'cash-pickups.reserve' else 'cash-pickups.expire' end
          and j.payload->>'pickupId' = p.pickup_id)`,
  },
  {
    rule: 'a cash-out whose tokens were pulled has one pickup, of its amount and in its state',
    sql: `
      select coalesce(p.pickup_id, t.transaction_id) subject,
        format('pickup %s %s, transaction %s %s', p.status, p.amount, t.status, t.destination_gross) detail
      from (select * from cash_pickups where project_id = $1) p
      full join (select * from transactions where project_id = $1 and destination_location_id is not null
        and source_tx_hash is not null) t on t.transaction_id = p.transaction_id
      where p.amount is distinct from t.destination_gross or p.location_id <> t.destination_location_id
        or (t.cash_pickup is null) and p.status = 'ready'
        or t.status is distinct from case p.status when 'requested' then 'processing' when 'ready' then 'cashPickupReady'
          when 'collected' then 'completed' else 'failed' end`,
  },
  {
    rule: 'cash is collected, given back and refused by a provider event each',
    sql: `
      select 'cash_pickups' subject, format('%s events for %s pickups', e.count, p.count) detail
      from (select count(*) from provider_events where project_id = $1
          and type in ('cashPickup.collected', 'cashPickup.expired', 'cashPickup.refused')) e,
        (select count(*) from cash_pickups where project_id = $1 and status in ('collected', 'expired', 'failed')) p
      where e.count < p.count`,
  },
  {
    rule: 'a cash pickup and the reservation of the sandbox network are one and the same',
    sql: `
      select s.pickup_id subject, format('reservation %s %s, pickup %s %s', s.status, s.amount, p.status, p.amount) detail
      from sandbox_cash_pickups s
      left join cash_pickups p on p.project_id = s.project_id and p.pickup_id = s.pickup_id
      where s.project_id = $1 and (
        p.amount is distinct from s.amount or p.location_id <> s.location_id
        or case s.status
          when 'open' then p.status in ('requested', 'ready')
          when 'collected' then p.status = 'collected'
          -- Cancelled at our word: the answer may be on its way.
          when 'cancelled' then p.status in ('ready', 'expired')
        end is not true) and ${notOnItsWay('s.pickup_id')}`,
  },
  {
    rule: 'no cash network contradicts itself',
    sql: `
      select pickup_id subject, format('%s tells %s of what is %s', provider, kind, found) detail
      from cash_pickup_contradictions where project_id = $1`,
  },
  {
    rule: 'a change of a cash-in is one event',
    sql: `
      select c.cash_in_id subject, format('%s: %s', c.status, array_agg(e.type order by e.sequence)) detail
      from cash_ins c
      left join events e on e.project_id = c.project_id and e.resource_id = c.cash_in_id
      where c.project_id = $1 and c.created_at >= ${KEPT_SINCE}
      group by c.cash_in_id, c.status, c.deposited
      having count(*) filter (where e.type = 'cashIn.created') <> 1
        or count(*) filter (where e.type = 'cashIn.processing') <> (c.deposited is not null)::int
        or count(*) filter (where e.type = 'cashIn.completed') <> case c.status when 'completed' then 1 else 0 end
        or count(*) filter (where e.type = 'cashIn.failed') <> case c.status when 'failed' then 1 else 0 end`,
  },
  {
    rule: 'a change of an external account is one event',
    sql: `
      with histories as (
        select a.external_account_id, a.status, coalesce(string_agg(split_part(e.type, '.', 2), ' '
          order by e.sequence) filter (where e.type <> 'externalAccount.updated'), '') history
        from external_accounts a
        left join events e on e.project_id = a.project_id and e.resource_id = a.external_account_id
        where a.project_id = $1 and a.created_at >= ${KEPT_SINCE} group by a.external_account_id, a.status)
      select external_account_id subject, format('%s: %s', status, history) detail from histories
      where history <> all (case status
        when 'pending' then array['created']
        when 'verified' then array['created verified']
        when 'declined' then array['created declined']
        else array['created deleted', 'created verified deleted', 'created declined deleted'] end)`,
  },
  {
    rule: 'an external account shows its numbers by their end only, and an address as it is paid to',
    sql: `
      select external_account_id subject, display::text detail from external_accounts
      where project_id = $1 and (
        display ? 'cardNumber'
        or coalesce(display->>'accountNumber', display->>'iban', '****0000') !~ '^[*]{4}[0-9A-Z]{4}$'
        or address is distinct from display->>'address')`,
  },
  {
    rule: 'a cash-in to a saved address goes to it, and it is the customer’s own',
    sql: `
      select c.cash_in_id subject, format('%s of %s to %s', a.external_account_id, a.customer_id,
        c.destination_address) detail
      from cash_ins c join external_accounts a
        on a.project_id = c.project_id and a.external_account_id = c.destination_external_account_id
      where c.project_id = $1
        and (a.address is distinct from c.destination_address or a.customer_id <> c.customer_id)`,
  },
  {
    rule: 'an unfinished payout has a job, or a bank that has it',
    sql: `
      select p.payout_id subject, p.status detail from bank_payouts p
      where p.project_id = $1 and (
        p.status = 'queued' and not exists (
          select from jobs j where j.project_id = p.project_id and j.task = 'bank.submit' and j.dead_at is null
            and j.payload->>'payoutId' = p.payout_id)
        or p.status = 'submitted' and p.provider = 'sandbox-bank' and not exists (
          select from sandbox_bank_payments s
          where s.project_id = p.project_id and s.payment_id = p.payout_id and s.status = 'accepted')
          and ${notOnItsWay('p.payout_id')})`,
  },
  {
    rule: 'a payout and the payment of the sandbox bank are one and the same',
    sql: `
      select s.payment_id subject,
        format('payment %s %s %s, payout %s %s %s', s.status, s.amount, s.code, p.status, p.amount,
          coalesce(p.return_code, p.reject_code)) detail
      from sandbox_bank_payments s
      left join bank_payouts p on p.project_id = s.project_id and p.payout_id = s.payment_id
      where s.project_id = $1 and s.kind = 'payout' and (
        p.amount is distinct from s.amount or p.rail is distinct from s.rail
        or case s.status
          when 'accepted' then p.status in ('queued', 'submitted')
          when 'settled' then p.status = 'settled'
          -- What is told late may be overtaken.
          when 'returned' then p.return_code = s.code and p.status = case
            when ${toldAt('s.payment_id', 'settled')} <= ${toldAt('s.payment_id', 'returned')} then 'returned'
            else 'failed' end
          -- Refused at once: the answer may be on its way.
          when 'rejected' then p.status = 'queued' or p.status = 'failed' and p.reject_code = s.code
        end is not true) and ${notOnItsWay('s.payment_id')}`,
  },
  {
    rule: 'a payment that the sandbox bank settles by itself has a job',
    sql: `
      select s.payment_id subject, s.pace detail from sandbox_bank_payments s
      where s.project_id = $1 and s.status = 'accepted' and s.pace <> 'manual' and not exists (
        select from jobs j where j.project_id = s.project_id and j.task = 'sandbox-bank.settle' and j.dead_at is null
          and j.payload->>'paymentId' = s.payment_id)`,
  },
  {
    rule: 'a payout settles and returns by an event each, and fails by one',
    sql: `
      select 'bank_payouts' subject, format('%s events for %s changes', e.count, p.count) detail
      from (select count(*) from provider_events where project_id = $1
          and type in ('bank.payoutSettled', 'bank.payoutReturned', 'bank.payoutRejected')) e,
        (select count(*) filter (where settled_at is not null)
            + count(*) filter (where status in ('returned', 'failed')) count
          from bank_payouts where project_id = $1) p
      where e.count < p.count`,
  },
  {
    rule: 'a credit is taken in once per provider event, and goes back by one',
    sql: `
      select 'bank_credits' subject, format('%s events, %s credits; %s events, %s returned', e.received, c.received,
        e.returned, c.returned) detail
      from (select count(*) filter (where type = 'bank.credit') received,
            count(*) filter (where type = 'bank.creditReturned') returned
          from provider_events where project_id = $1) e,
        (select count(*) received, count(*) filter (where status = 'returned') returned
          from bank_credits where project_id = $1) c
      where e.received <> c.received or e.returned < c.returned`,
  },
  {
    rule: 'a credit on its way back has a job, or a bank that has its return',
    sql: `
      select c.credit_id subject, c.status detail from bank_credits c
      where c.project_id = $1 and c.status = 'returning' and not exists (
        select from jobs j where j.project_id = c.project_id and j.task = 'bank.return-credit' and j.dead_at is null
          and j.payload->>'creditId' = c.credit_id)
      and c.provider = 'sandbox-bank' and not exists (
        select from sandbox_bank_payments s where s.project_id = c.project_id and s.payment_id = c.credit_id
          and s.kind = 'credit_return' and s.status = 'accepted' and s.amount = c.amount)
      and ${notOnItsWay('c.credit_id')}`,
  },
  {
    rule: 'no bank contradicts itself',
    sql: `
      select subject_id subject, format('%s tells %s of what is %s', provider, kind, found) detail
      from bank_contradictions where project_id = $1`,
  },
  ...VIRTUAL_ACCOUNT_RULES,
  ...EVENT_RULES,
  ...RECORD_RULES,
  ...CLOCK_RULES,
  ...SANDBOX_RULES,
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
