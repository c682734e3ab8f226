import { TOTALS } from '../ledger/totals.ts';
import { KEPT_SINCE } from './event-rules-store.ts';
import type { Rule } from './rule.ts';

/** What must hold of what is only recorded: reviews, statement lines and the audit log. Events are kept for a while, reviews for good. */
export const RECORD_RULES: readonly Rule[] = [
  {
    rule: 'the totals of the ledger are the sums of its accounts',
    sql: `
      with totals as (${TOTALS}), sums as (
        select kind, asset, sum(credits_posted - debits_posted) net from ledger_accounts
        where project_id = $1 group by kind, asset)
      select kind || ' ' || asset subject, format('%s instead of %s', totals.net, sums.net) detail
      from totals full join sums using (kind, asset) where coalesce(totals.net, 0) <> coalesce(sums.net, 0)`,
  },
  {
    rule: 'a review is told of once, under its own name alone',
    sql: `
      with reviews as (
        select r.*, t.type from transaction_reviews r
        join transactions t on t.project_id = $1 and t.transaction_id = r.transaction_id
        where r.project_id = $1),
      told as (
        select * from events
        where project_id = $1 and (resource_id like 'rvw\\_%' or type like '%.underReview'))
      select coalesce(r.review_id, e.resource_id) subject, format('%s of %s', e.type, r.transaction_id) detail
      from reviews r full join told e on e.resource_id = r.review_id
      where (e.type, e.sequence, e.data ->> 'id')
          is distinct from ('transaction.' || r.type || '.underReview', 1::bigint, r.transaction_id)
        and (e.event_id is not null
          or r.opened_at >= ${KEPT_SINCE})`,
  },
  {
    rule: 'a review is opened once per finding',
    sql: `
      select 'transaction_reviews' subject, format('%s findings, %s reviews', e.count, r.count) detail
      from (select count(*) from provider_events where project_id = $1 and type = 'screening.reviewOpened') e,
        (select count(*) from transaction_reviews where project_id = $1) r
      where e.count <> r.count`,
  },
  {
    rule: 'a statement line is matched with what it says, and that has moved',
    sql: `
      select l.line_id subject, format('%s %s of %s, expected %s', l.direction, l.amount, l.reference, l.expected) detail
      from bank_statement_lines l
      left join bank_payouts p on p.project_id = l.project_id and p.payout_id = l.payout_id
      left join bank_credits c on c.project_id = l.project_id and c.credit_id = l.credit_id
      where l.project_id = $1 and l.status = 'matched' and (
        coalesce(p.amount, c.amount) is distinct from l.amount
        or coalesce(p.reference, c.reference) is distinct from l.reference
        or p.resource_id is distinct from l.transaction_id
        or case l.direction when 'debit' then p.status = 'queued' or c.status <> 'returned'
          else p.return_code is null and c.credit_id is null end)`,
  },
  {
    rule: 'the chain of audit entries is unbroken',
    sql: `
      with links as (
        select a.*, audit_line(a) line,
          lag(a.hash, 1, decode(repeat('00', 32), 'hex')) over (order by a.position) hash_before,
          row_number() over (order by a.position) place
        from audit_entries a where a.project_id = $1)
      select audit_entry_id subject, format('position %s', position) detail from links
      where position <> place or hash <> sha256(hash_before || convert_to(line, 'UTF8'))
      union all
      select 'audit_heads', format('head at %s, last entry at %s', h.position, last.position)
      from (select * from audit_heads where project_id = $1) h
      full join (select * from links order by position desc limit 1) last on true
      where h.position is distinct from coalesce(last.position, 0)
        or h.position > 0 and h.hash is distinct from last.hash`,
  },
];
