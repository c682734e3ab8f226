import type { Rule } from './rule.ts';

/** What must hold of the time of a project that has a clock of its own. */
export const CLOCK_RULES: readonly Rule[] = [
  {
    rule: 'a clock that moves is on one way, and one that does not on none',
    sql: `
      select m.move_id subject, format('ended at %s, target %s', m.ended_at, c.target_at) detail
      from clock_moves m join project_clocks c on c.project_id = m.project_id
      where m.project_id = $1 and (m.ended_at is null) <> (c.target_at is not null and c.move_id = m.move_id)
      union all
      select c.move_id, 'there is no such move' from project_clocks c
      where c.project_id = $1 and c.target_at is not null and not exists (
        select from clock_moves m where m.project_id = $1 and m.move_id = c.move_id)`,
  },
  {
    rule: 'jobs are due by the clock of their project',
    sql: `
      select j.job_id::text subject, format('%s, own time: %s', j.task, j.own_time) detail
      from jobs j left join project_clocks c on c.project_id = j.project_id and c.is_known
      where j.project_id = $1 and j.own_time and not exists (select from project_clocks where project_id = $1)
        or j.project_id = $1 and not j.own_time and c.project_id is not null`,
  },
  {
    rule: 'nothing has happened later than the clock of the project stands',
    sql: `
      select e.event_id subject, format('%s, and the clock stands at %s', e.created_at, c.stands_at) detail
      from events e join project_clocks c on c.project_id = e.project_id
      where e.project_id = $1 and e.created_at > c.stands_at`,
  },
  {
    rule: 'the id of an event says when it was recorded',
    sql: `
      select event_id subject, created_at::text detail from events
      where project_id = $1 and event_id collate "C" not between event_id_at(created_at - interval '1 minute')
        and event_id_at(created_at + interval '1 minute')`,
  },
];
