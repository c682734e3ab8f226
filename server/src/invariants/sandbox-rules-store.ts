import { MAGIC_VALUES, type MagicValueRow } from '@openoms/contract/magic-values.ts';
import type { Rule } from './rule.ts';

/** As a list of SQL; the names are constants of the contract and hold no quotes. */
const namesOf = (isMeant: (row: MagicValueRow) => boolean): string =>
  MAGIC_VALUES.filter(isMeant)
    .map(({ name }) => `'${name}'`)
    .join(', ');

const AFTER_SETTLEMENT = namesOf(
  ({ outcome }) => outcome.kind === 'bank' && outcome.event === 'returnedAfterSettlement',
);
const CORRECTED = namesOf(({ outcome }) => outcome.kind === 'bank' && outcome.event === 'changed');

/** What must hold of what a sandbox project was told to have happen. */
export const SANDBOX_RULES: readonly Rule[] = [
  {
    rule: 'only a sandbox is told what is to happen',
    sql: `
      with told as (
        select resource_id subject, scenario detail from sandbox_scenarios where project_id = $1
        union all
        select payment_id, scenario from sandbox_bank_payments where project_id = $1 and scenario is not null
        union all
        select pair, rate from sandbox_rates where project_id = $1
        union all
        select send_id, refused_as from sends where project_id = $1 and refused_as is not null)
      select * from told where (select mode from projects where project_id = $1) <> 'sandbox'`,
  },
  {
    rule: 'a scenario is of something that there is',
    sql: `
      select s.resource_id subject, s.scenario detail from sandbox_scenarios s
      where s.project_id = $1 and not exists (
        select from customers where project_id = $1 and customer_id = s.resource_id
        union all select from external_accounts where project_id = $1 and external_account_id = s.resource_id
        union all select from cash_ins where project_id = $1 and cash_in_id = s.resource_id
        union all select from quotes where project_id = $1 and quote_id = s.resource_id
        union all select from transactions where project_id = $1 and transaction_id = s.resource_id)`,
  },
  {
    rule: 'a payment of the sandbox bank is told by a name of its rail, and only a payout is',
    sql: `
      select payment_id subject, format('%s %s by %s', scenario, kind, rail) detail from sandbox_bank_payments
      where project_id = $1 and scenario is not null
        and (kind <> 'payout' or not starts_with(scenario, rail || '-'))`,
  },
  {
    rule: 'what the sandbox bank does after a payout settled is done, or has a job',
    sql: `
      select s.payment_id subject, s.scenario detail from sandbox_bank_payments s
      where s.project_id = $1 and s.status = 'settled' and s.scenario in (${AFTER_SETTLEMENT}, ${CORRECTED})
        and not exists (
          select from jobs j where j.project_id = $1 and j.task = 'sandbox-bank.afterwards' and j.dead_at is null
            and j.payload->>'paymentId' = s.payment_id)
        and not (s.scenario in (${CORRECTED}) and exists (
          select from provider_events e where e.project_id = $1 and e.provider = 'sandbox-bank'
            and e.type = 'bank.detailsCorrected' and starts_with(e.provider_event_id, s.payment_id || '/')))`,
  },
  {
    // A quote that was begun before the rate was told may be dated after it.
    rule: 'a quote takes the rate that its project was told',
    sql: `
      select q.quote_id subject, format('%s %s, told %s', r.pair, q.exchange_rate, r.rate) detail
      from sandbox_rates r
      join quotes q on q.project_id = r.project_id and q.source_asset || '/' || q.destination_asset = r.pair
      where r.project_id = $1 and q.created_at > r.updated_at + interval '1 minute'
        and q.exchange_rate is distinct from r.rate`,
  },
  {
    rule: 'a send that is refused is never relayed, and fails as it was refused',
    sql: `
      select send_id subject, format('%s, %s relays, %s for %s', status, relays, failure_code, refused_as) detail
      from sends where project_id = $1 and refused_as is not null
        and (relays > 0 or valid_before is not null or status not in ('queued', 'failed')
          or status = 'failed' and failure_code <> refused_as)`,
  },
];
