-- The outbox and its deliveries by day, and a queue of what is to be delivered.
--
-- Events are kept for a time and then dropped by the day, with everything about them: events, their deliveries and the
-- attempts are partitioned by the event's id, which begins with its time. What falls in no day lies in the default
-- partition. Partitions have no grants: the server reaches their rows through the table and its row level security.

set local lock_timeout = '5s';

alter table events no force row level security;
alter table event_listeners no force row level security;
alter table webhooks no force row level security;
alter table webhook_deliveries no force row level security;
alter table webhook_attempts no force row level security;
alter table jobs no force row level security;

-- The first characters of the ids of events made at that time: no id made later sorts before it.
create function event_id_at(at timestamptz) returns text language sql immutable strict parallel safe as $$
  select 'evt_' || string_agg(
    substr('0123456789abcdefghjkmnpqrstvwxyz', ((ms >> (5 * (9 - place))) & 31)::int + 1, 1), '' order by place)
  from generate_series(0, 9) place, (select greatest(0, (extract(epoch from at) * 1000)::bigint) ms) time
$$;

alter table events rename to events_before;
alter table events_before rename constraint events_pkey to events_before_pkey;
alter table webhook_deliveries rename to webhook_deliveries_before;
alter table webhook_attempts rename to webhook_attempts_before;

-- sequence counts the events of one resource without gaps: event_sequences is locked by whoever records one. data is the
-- text that is sent, in the order in which the API shows its fields.
create table events (
  project_id text not null references projects,
  event_id text collate "C" not null,
  type text not null,
  resource_id text not null,
  sequence bigint not null check (sequence > 0),
  data json not null,
  created_at timestamptz not null,
  primary key (project_id, event_id)
) partition by range (event_id);
create index events_by_resource on events (project_id, resource_id, event_id);
create index events_by_type on events (project_id, type, event_id);
create table events_default partition of events default;
insert into events select project_id, event_id, type, resource_id, sequence, data::json, created_at from events_before;
grant select, insert on events to oms_app;

-- Events of projects with endpoints, until their deliveries are queued.
create table event_outbox (
  project_id text not null references projects,
  event_id text collate "C" not null,
  type text not null,
  resource_id text not null,
  sequence bigint not null,
  primary key (project_id, event_id)
);
insert into event_outbox
select project_id, event_id, type, resource_id, sequence from events where (project_id, event_id) in (
  select project_id, jsonb_array_elements_text(payload -> 'eventIds') from jobs where task = 'events.recorded');
grant select, insert, delete on event_outbox to oms_app;

-- One event for one endpoint. attempts counts all that were made.
create table webhook_deliveries (
  project_id text not null,
  event_id text collate "C" not null,
  webhook_id text not null,
  delivery_id text collate "C" not null,
  event_type text not null,
  status text not null check (status in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, event_id, webhook_id)
) partition by range (event_id);
create index webhook_deliveries_of_webhook on webhook_deliveries (project_id, webhook_id, delivery_id);
create table webhook_deliveries_default partition of webhook_deliveries default with (fillfactor = 80);
insert into webhook_deliveries
select d.project_id, event_id, webhook_id, delivery_id, e.type,
  case d.status when 'parked' then 'pending' else d.status end, attempts, d.created_at, d.updated_at
from webhook_deliveries_before d join events e using (project_id, event_id);
grant select, insert on webhook_deliveries to oms_app;
grant update (status, attempts, updated_at) on webhook_deliveries to oms_app;

-- What each attempt sent and met. status_code is null when no answer came; error and error_code say why. signature and
-- signed_at are the request's: with the event, the delivery and the attempt they give its headers and its body.
create table webhook_attempts (
  project_id text not null,
  event_id text collate "C" not null,
  delivery_id text collate "C" not null,
  attempt integer not null check (attempt > 0),
  url text not null,
  signature text,
  signed_at timestamptz not null,
  status_code integer,
  error_code text,
  error text,
  response_headers json,
  response_body text,
  duration_ms integer not null,
  attempted_at timestamptz not null,
  primary key (project_id, event_id, delivery_id, attempt)
) partition by range (event_id);
create table webhook_attempts_default partition of webhook_attempts default;
insert into webhook_attempts
select a.project_id, event_id, delivery_id, attempt, w.url, null, attempted_at, status_code, null, error, null,
  response_body, duration_ms, attempted_at
from webhook_attempts_before a
join webhook_deliveries_before d using (project_id, delivery_id)
join webhooks w using (project_id, webhook_id);
grant select, insert on webhook_attempts to oms_app;

-- What is not delivered; delivery_id and attempts are the delivery's. due: from due_at on, as soon as the endpoint takes
-- deliveries; dead: given up until asked for.
-- failures: attempts that failed since it was asked for, the place on the ladder. requests: how often it was asked for by
-- hand; an attempt under way when it was asked for does not answer that. in_order: the endpoint wants the next event of a
-- resource only after this one.
create table webhook_queue (
  project_id text not null,
  webhook_id text not null,
  event_id text collate "C" not null,
  delivery_id text collate "C" not null,
  resource_id text not null,
  sequence bigint not null,
  state text not null check (state in ('due', 'dead')),
  in_order boolean not null,
  attempts integer not null default 0,
  failures integer not null default 0,
  requests integer not null default 0,
  due_at timestamptz not null,
  primary key (project_id, webhook_id, event_id)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
create index webhook_queue_due on webhook_queue (project_id, webhook_id, due_at, event_id) where state = 'due';
create index webhook_queue_dead on webhook_queue (project_id, webhook_id, event_id) where state = 'dead';
create index webhook_queue_in_order on webhook_queue (project_id, webhook_id, resource_id, sequence)
  where state = 'due' and in_order;
insert into webhook_queue (project_id, webhook_id, event_id, delivery_id, resource_id, sequence, state, in_order, attempts,
  failures, due_at)
select d.project_id, webhook_id, event_id, delivery_id, e.resource_id, e.sequence,
  case status when 'failed' then 'dead' else 'due' end, false, attempts, attempts, d.updated_at
from webhook_deliveries d join webhooks w using (project_id, webhook_id) join events e using (project_id, event_id)
where status <> 'delivered' and w.deleted_at is null;
grant select, insert, delete on webhook_queue to oms_app;
grant update (state, in_order, attempts, failures, requests, due_at) on webhook_queue to oms_app;

alter table webhooks
  drop constraint webhooks_disabled_reason_check,
  add constraint webhooks_disabled_reason_check check (disabled_reason in ('gone', 'failing')),
  add column description text,
  add column metadata jsonb,
  -- Deliveries a second; null means as many as go.
  add column rate_limit integer check (rate_limit > 0),
  add column in_order boolean not null default false,
  -- The secret before the last rotation, and until when it signs as well.
  add column previous_secret_sealed bytea,
  add column previous_secret_until timestamptz;
grant update (description, metadata, rate_limit, in_order, secret_sealed, previous_secret_sealed,
  previous_secret_until) on webhooks to oms_app;

-- How an endpoint fares. lease_token: the worker that delivers to it, until leased_until.
-- consecutive_failures and failing_since: since it last took a delivery. paused_until: it said, or showed, that it
-- wants a rest.
create table webhook_health (
  project_id text not null,
  webhook_id text not null,
  lease_token uuid,
  leased_until timestamptz not null default '-infinity',
  consecutive_failures integer not null default 0,
  failing_since timestamptz,
  paused_until timestamptz not null default '-infinity',
  -- Of the delivery it took last, and the latest of the events it took.
  succeeded_at timestamptz,
  succeeded_event_id text collate "C",
  primary key (project_id, webhook_id),
  foreign key (project_id, webhook_id) references webhooks
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 100);
insert into webhook_health (project_id, webhook_id) select project_id, webhook_id from webhooks;
grant select, insert on webhook_health to oms_app;
grant update (lease_token, leased_until, consecutive_failures, failing_since, paused_until, succeeded_at,
  succeeded_event_id) on webhook_health to oms_app;

-- Only now: what was moved had to be seen by an owner whom row level security binds.
call isolate_by_project('events', false);
call isolate_by_project('event_outbox', true);
call isolate_by_project('webhook_deliveries', false);
call isolate_by_project('webhook_attempts', false);
call isolate_by_project('webhook_queue', true);
call isolate_by_project('webhook_health', true);
-- Which endpoints may be delivered to is asked for all projects at once.
drop policy by_project on webhooks;
call isolate_by_project('webhooks', true);

delete from jobs where task in ('events.recorded', 'webhooks.deliver');
drop table webhook_attempts_before;
drop table webhook_deliveries_before;
drop table events_before;

alter table jobs force row level security;
alter table event_listeners force row level security;

-- The statements that delivering consists of. With a partition for each day, planning costs several times what they
-- do: they are planned once per connection, for any values. Such a plan may be made while the tables, or the day that
-- begins tomorrow, are empty, when all plans look alike to the planner. So they leave it one plan that is good whatever
-- there is: rows are found by their whole primary key, or by `on conflict`.

-- The next deliveries of an endpoint that are due, without those of p_in_hand.
create function webhook_due(p_project_id text, p_webhook_id text, p_in_hand text[], p_now timestamptz, p_limit integer)
returns table (event_id text, delivery_id text, resource_id text, sequence bigint, failures integer, requests integer,
  attempts integer, type text, data text, created_at timestamptz) language sql stable
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan as $$
  select q.event_id, q.delivery_id, q.resource_id, q.sequence, q.failures, q.requests, q.attempts, e.type, e.data,
    e.created_at
  from (
    select * from webhook_queue
    where project_id = p_project_id and webhook_id = p_webhook_id and state = 'due' and due_at <= p_now
      and event_id <> all (p_in_hand)
    order by due_at, event_id limit p_limit) q
  cross join lateral (
    select type, data::text, created_at from events where project_id = p_project_id and event_id = q.event_id offset 0) e
  order by q.due_at, q.event_id
$$;

-- The same of an endpoint that wants the events of each resource in order: the first of each, from resource to resource
-- along the index, however many wait behind it. It begins after p_after, so that no resource is served before all others
-- again and again.
create function webhook_due_in_order(p_project_id text, p_webhook_id text, p_in_hand text[], p_now timestamptz,
  p_limit integer, p_after text)
returns table (event_id text, delivery_id text, resource_id text, sequence bigint, failures integer, requests integer,
  attempts integer, type text, data text, created_at timestamptz) language sql stable
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan as $$
  with recursive first as (
    (select * from webhook_queue
      where project_id = p_project_id and webhook_id = p_webhook_id and state = 'due' and in_order
        and resource_id > p_after
      order by resource_id, sequence limit 1)
    union all
    select next.* from first cross join lateral (
      select * from webhook_queue q
      where q.project_id = p_project_id and q.webhook_id = p_webhook_id and q.state = 'due' and q.in_order
        and q.resource_id > first.resource_id
      order by q.resource_id, q.sequence limit 1) next)
  select q.event_id, q.delivery_id, q.resource_id, q.sequence, q.failures, q.requests, q.attempts, e.type, e.data,
    e.created_at
  from (select * from first where due_at <= p_now and event_id <> all (p_in_hand) limit p_limit) q
  cross join lateral (
    select type, data::text, created_at from events where project_id = p_project_id and event_id = q.event_id offset 0) e
  order by q.resource_id
$$;

-- Writes what became of attempts of one project, and how their endpoints fare: one statement, whatever their number.
-- p_attempts is an array of objects with webhookId, eventId, eventType, requests (as they were when it was sent), outcome
-- ('delivered', 'retry', 'dead'), dueAt, and the columns of webhook_attempts; p_webhook_ids and p_event_ids are those that
-- occur in it. A delivery that was asked for meanwhile stays due; one that is queued no more is left alone. If one attempt
-- on an endpoint arrived, the failures beside it do not count.
create function webhook_record(p_project_id text, p_webhook_ids text[], p_event_ids text[], p_attempts jsonb,
  p_now timestamptz)
returns table (webhook_id text, consecutive_failures integer, failing_since timestamptz) language sql
set enable_seqscan = off set enable_bitmapscan = off set enable_nestloop = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan as $$
  with given as (
    select * from jsonb_to_recordset(p_attempts) as given(
      "webhookId" text, "eventId" text, "eventType" text, requests integer, outcome text,
      "dueAt" timestamptz, url text, signature text, "signedAt" timestamptz, "statusCode" integer, "errorCode" text,
      error text, "responseHeaders" json, "responseBody" text, "durationMs" integer)),
  held as (
    select webhook_id, event_id, delivery_id, resource_id, sequence, in_order, attempts + 1 as attempt, failures,
      requests as asked, due_at
    from webhook_queue
    where project_id = p_project_id and webhook_id = any (p_webhook_ids) and event_id = any (p_event_ids)
    order by webhook_id, event_id for update),
  outcomes as materialized (
    select g.*, h.*, case when asked = requests then outcome else 'asked' end as state
    from held h join given g on g."webhookId" = h.webhook_id and g."eventId" = h.event_id),
  gone as (
    delete from webhook_queue
    where project_id = p_project_id and webhook_id = any (p_webhook_ids) and event_id = any (p_event_ids)
      and (webhook_id, event_id) in (select o.webhook_id, o.event_id from outcomes o where o.state = 'delivered')),
  kept as (
    insert into webhook_queue (project_id, webhook_id, event_id, delivery_id, resource_id, sequence, in_order, attempts,
      failures, state, due_at)
    select p_project_id, webhook_id, event_id, delivery_id, resource_id, sequence, in_order, attempt,
      case state when 'asked' then failures else failures + 1 end, case state when 'dead' then 'dead' else 'due' end,
      case state when 'asked' then due_at else "dueAt" end
    from outcomes where state <> 'delivered'
    on conflict (project_id, webhook_id, event_id) do update
      set attempts = excluded.attempts, failures = excluded.failures, state = excluded.state, due_at = excluded.due_at),
  delivered as (
    insert into webhook_deliveries (project_id, event_id, webhook_id, delivery_id, event_type, status, attempts,
      created_at, updated_at)
    select p_project_id, event_id, webhook_id, delivery_id, "eventType", 'pending', attempt, p_now, p_now
    from outcomes where state = 'delivered'
    on conflict (project_id, event_id, webhook_id) do update
      set attempts = excluded.attempts, updated_at = excluded.updated_at, status = 'delivered'),
  failed as (
    insert into webhook_deliveries (project_id, event_id, webhook_id, delivery_id, event_type, status, attempts,
      created_at, updated_at)
    select p_project_id, event_id, webhook_id, delivery_id, "eventType", 'pending', attempt, p_now, p_now
    from outcomes where state = 'dead'
    on conflict (project_id, event_id, webhook_id) do update
      set attempts = excluded.attempts, updated_at = excluded.updated_at, status = 'failed'),
  pending as (
    insert into webhook_deliveries (project_id, event_id, webhook_id, delivery_id, event_type, status, attempts,
      created_at, updated_at)
    select p_project_id, event_id, webhook_id, delivery_id, "eventType", 'pending', attempt, p_now, p_now
    from outcomes where state in ('retry', 'asked')
    on conflict (project_id, event_id, webhook_id) do update
      set attempts = excluded.attempts, updated_at = excluded.updated_at, status = 'pending'),
  written as (
    insert into webhook_attempts (project_id, event_id, delivery_id, attempt, url, signature, signed_at, status_code,
      error_code, error, response_headers, response_body, duration_ms, attempted_at)
    select p_project_id, event_id, delivery_id, attempt, url, signature, "signedAt", "statusCode", "errorCode", error,
      "responseHeaders", "responseBody", "durationMs", p_now
    from outcomes),
  shown as (
    select "webhookId", count(*) filter (where outcome = 'delivered') successes,
      count(*) filter (where outcome <> 'delivered') failures,
      max("eventId" collate "C") filter (where outcome = 'delivered') last_event_id
    from given group by "webhookId"),
  held_health as (
    select s.* from shown s join webhook_health h on h.webhook_id = s."webhookId"
    where h.project_id = p_project_id and h.webhook_id = any (p_webhook_ids)
    order by h.webhook_id for update of h)
  update webhook_health h set
    consecutive_failures = case when s.successes > 0 then 0 else h.consecutive_failures + s.failures end,
    failing_since = case when s.successes > 0 then null else coalesce(h.failing_since, p_now) end,
    succeeded_at = case when s.successes > 0 then p_now else h.succeeded_at end,
    succeeded_event_id = greatest(h.succeeded_event_id, s.last_event_id)
  from held_health s
  where h.project_id = p_project_id and h.webhook_id = any (p_webhook_ids) and h.webhook_id = s."webhookId"
  returning h.webhook_id, h.consecutive_failures, h.failing_since
$$;

create trigger webhook_deliveries_first_state before insert on webhook_deliveries
  for each row when (new.status <> 'pending') execute function refuse_first_state();
create trigger webhook_deliveries_legal_changes before update on webhook_deliveries
  for each row when (old.status is distinct from new.status) execute function refuse_illegal_change(
    'pending > delivered', 'pending > failed', 'delivered > pending', 'failed > pending');
create trigger webhook_attempts_append_only before update on webhook_attempts
  for each row execute function refuse_change();
create trigger events_append_only before update on events for each row execute function refuse_change();

-- From when on events are kept. Rules about the events of a resource hold for those made since.
create table event_retention (
  only_one boolean primary key default true check (only_one),
  kept_since timestamptz not null
);
insert into event_retention (kept_since) values ('-infinity');
grant select on event_retention to oms_app;

-- In the platform's scope: makes the partitions of a day that has none. Rows of that day move out of the default partition.
-- Who waits for the table makes everybody wait: it is tried for half a second, and again another time.
create function ensure_event_day(day date) returns boolean
language plpgsql security definer set search_path = public set lock_timeout = '500ms' as $$
declare
  parent text;
  part text;
  first text := event_id_at(day::timestamp at time zone 'UTC');
  beyond text := event_id_at((day + 1)::timestamp at time zone 'UTC');
begin
  if to_regclass('events_d' || to_char(day, 'YYYYMMDD')) is not null then
    return false;
  end if;
  perform pg_advisory_xact_lock(7216344002);
  foreach parent in array array['events', 'webhook_deliveries', 'webhook_attempts'] loop
    part := parent || '_d' || to_char(day, 'YYYYMMDD');
    continue when to_regclass(part) is not null;
    execute format('lock table %I in access exclusive mode', parent);
    execute format('create table %I (like %I including all)', part, parent);
    if parent = 'webhook_deliveries' then
      execute format('alter table %I set (fillfactor = 80)', part);
    end if;
    execute format(
      'with moved as (delete from %I where event_id >= %L and event_id < %L returning *) insert into %I select * from moved',
      parent || '_default', first, beyond, part);
    execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, part, first, beyond);
  end loop;
  return true;
end $$;
revoke all on function ensure_event_day(date) from public;
grant execute on function ensure_event_day(date) to oms_app;

-- How many events each day has, of all projects; the server sees one project's at a time.
create function count_event_days() returns table (day date, events bigint)
language plpgsql security definer set search_path = public as $$
declare
  part text;
begin
  for part in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'events'::regclass and c.relname ~ '_d[0-9]{8}$'
  loop
    day := to_date(right(part, 8), 'YYYYMMDD');
    execute format('select count(*) from %I', part) into events;
    return next;
  end loop;
  return query select (d.created_at at time zone 'UTC')::date, count(*) from events_default d group by 1;
end $$;
revoke all on function count_event_days() from public;
grant execute on function count_event_days() to oms_app;

-- In the platform's scope: drops every day before the given one, and what of them is still queued. Answers the days.
create function drop_event_days_before(day date) returns setof date
language plpgsql security definer set search_path = public set lock_timeout = '500ms' as $$
declare
  project text;
  beyond text := event_id_at(day::timestamp at time zone 'UTC');
  found record;
begin
  perform pg_advisory_xact_lock(7216344002);
  for found in
    select c.relname part, to_date(right(c.relname, 8), 'YYYYMMDD') of_day
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent in ('events'::regclass, 'webhook_deliveries'::regclass, 'webhook_attempts'::regclass)
      and c.relname ~ '_d[0-9]{8}$' and to_date(right(c.relname, 8), 'YYYYMMDD') < day
    order by of_day, part desc
  loop
    execute format('drop table %I', found.part);
    if found.part like 'events%' then
      return next found.of_day;
    end if;
  end loop;
  delete from webhook_attempts_default where event_id < beyond;
  delete from webhook_deliveries_default where event_id < beyond;
  delete from events_default where event_id < beyond;
  -- What is queued is under row level security, of the owner too; the platform sees it all, one project may remove it.
  for project in select distinct project_id from webhook_queue where event_id < beyond loop
    perform set_config('oms.project', project, true);
    delete from webhook_queue where project_id = project and event_id < beyond;
    delete from event_outbox where project_id = project and event_id < beyond;
  end loop;
  perform set_config('oms.project', '*', true);
  update event_retention set kept_since = greatest(kept_since, day::timestamp at time zone 'UTC');
end $$;
revoke all on function drop_event_days_before(date) from public;
grant execute on function drop_event_days_before(date) to oms_app;
