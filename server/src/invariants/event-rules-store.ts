import type { Rule } from './rule.ts';

/** Events made earlier may have been dropped: what a resource that is older says of its events cannot be checked. */
export const KEPT_SINCE = `coalesce((select events_kept_since from project_clocks where project_id = $1),
  (select kept_since from event_retention))`;

/** What must hold of events and their deliveries, in one project. Each query lists what breaks its rule. */
export const EVENT_RULES: readonly Rule[] = [
  {
    rule: 'the events of a resource are numbered without gaps, up to the last',
    sql: `
      select s.resource_id subject, format('last %s, kept %s', s.last_sequence, array_agg(e.sequence order by e.sequence))
        detail
      from event_sequences s
      left join events e on e.project_id = s.project_id and e.resource_id = s.resource_id
      where s.project_id = $1 group by s.resource_id, s.last_sequence
      having case when count(e.event_id) = 0 then ${KEPT_SINCE} = '-infinity' else
        max(e.sequence) <> s.last_sequence
        or count(e.event_id) <> s.last_sequence - min(e.sequence) + 1
        or min(e.sequence) > 1 and ${KEPT_SINCE} = '-infinity' end`,
  },
  {
    rule: 'a delivery is queued until it has arrived, and dead in the queue when it has failed',
    sql: `
      select coalesce(d.delivery_id, event_id) subject, format('delivery %s, queue %s', d.status, q.state) detail
      from (select d.* from webhook_deliveries d join webhooks w using (project_id, webhook_id)
        where d.project_id = $1 and w.deleted_at is null) d
      full join (select * from webhook_queue where project_id = $1) q using (project_id, event_id, webhook_id)
      where case d.status when 'pending' then 'due' when 'failed' then 'dead' when 'delivered' then '' end
        is distinct from coalesce(q.state, '')
        or (d.delivery_id, d.attempts) <> (q.delivery_id, q.attempts)`,
  },
  {
    rule: 'a delivery has each of its attempts once',
    sql: `
      select d.delivery_id subject, format('%s attempts, %s written', d.attempts, count(a.attempt)) detail
      from webhook_deliveries d
      left join webhook_attempts a
        on a.project_id = d.project_id and a.event_id = d.event_id and a.delivery_id = d.delivery_id
      where d.project_id = $1 group by d.project_id, d.event_id, d.webhook_id
      having count(a.attempt) <> d.attempts or coalesce(max(a.attempt), 0) <> d.attempts`,
  },
];
