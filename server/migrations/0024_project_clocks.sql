-- A sandbox project may have a clock of its own (docs/decisions/0027).

set local lock_timeout = '5s';

-- stands_at: where the clock stands; null while it runs, off the server's clock by offset_ms. set_at: since when it does
-- so, by the server's clock. is_known: every process goes by it; until then it is the server's clock.
-- target_at: where it is being moved to, from timer to timer, by the worker that holds the lease.
create table project_clocks (
  project_id text primary key references projects,
  stands_at timestamptz,
  offset_ms bigint not null,
  set_at timestamptz not null,
  is_known boolean not null,
  move_id text,
  target_at timestamptz,
  runs_after boolean not null default false,
  timers bigint not null default 0,
  lease_token uuid,
  leased_until timestamptz not null default '-infinity',
  events_kept_since timestamptz not null default '-infinity',
  check (target_at is null or (stands_at is not null and move_id is not null)),
  check (stands_at is null or is_known),
  check (offset_ms = 0 or is_known)
);
create index project_clocks_moving on project_clocks (project_id) where target_at is not null;
call isolate_by_project('project_clocks', true);
grant select, insert, update on project_clocks to oms_app;

-- Time goes forward: what stands is moved on, and what runs is not set back.
create function project_clock_goes_forward() returns trigger language plpgsql as $$
begin
  if new.stands_at < old.stands_at
    or (new.stands_at is null and old.stands_at is null and new.offset_ms < old.offset_ms)
    or new.set_at < old.set_at or (old.is_known and not new.is_known) then
    raise 'the clock of % would go back', old.project_id;
  end if;
  return new;
end $$;
create trigger project_clocks_go_forward before update on project_clocks
  for each row execute function project_clock_goes_forward();
create trigger project_clocks_kept before delete on project_clocks
  for each row execute function refuse_change();

-- Moves of a clock, each asked for once under its key. ended_at is null while it goes on; reached_at: where it ended.
create table clock_moves (
  project_id text not null references project_clocks,
  move_id text not null,
  request_key text not null,
  from_at timestamptz not null,
  target_at timestamptz not null,
  -- The place in the order of events before the first that it caused, and behind the last.
  first_event_id text not null,
  last_event_id text,
  reached_at timestamptz,
  timers bigint,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (project_id, move_id),
  unique (project_id, request_key),
  check (target_at >= from_at and reached_at between from_at and target_at),
  check ((ended_at is null) = (reached_at is null) and (ended_at is null) = (timers is null)
    and (ended_at is null) = (last_event_id is null))
);
call isolate_by_project('clock_moves', false);
grant select, insert on clock_moves to oms_app;
grant update (last_event_id, reached_at, timers, ended_at) on clock_moves to oms_app;

-- own_time: run_at is a time of the project's own clock. Then leases and pauses before a further attempt, which are real
-- time, are in not_before instead of run_at.
alter table jobs add column own_time boolean not null default false;
alter table jobs add column not_before timestamptz;
drop index jobs_due;
create index jobs_due on jobs (task, run_at, job_id) where dead_at is null and not own_time;
create index jobs_due_in_own_time on jobs (project_id, run_at, job_id) where dead_at is null and own_time;

-- When an endpoint of the project is due next; null: never. What waits for an earlier event of its resource is not due.
create function next_delivery_at(p_project text) returns timestamptz language sql stable as $$
  select min(greatest(next.due_at, h.paused_until))
  from webhooks w
  join webhook_health h on h.project_id = w.project_id and h.webhook_id = w.webhook_id
  cross join lateral (
    select q.due_at from webhook_queue q
    where q.project_id = p_project and q.webhook_id = w.webhook_id and q.state = 'due'
      and not (q.in_order and exists (
        select from webhook_queue earlier
        where earlier.project_id = p_project and earlier.webhook_id = q.webhook_id
          and earlier.resource_id = q.resource_id and earlier.sequence < q.sequence
          and earlier.state = 'due' and earlier.in_order))
    order by q.due_at limit 1) next
  where w.project_id = p_project and w.enabled and w.deleted_at is null
$$;
