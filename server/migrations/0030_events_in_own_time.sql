-- A project with a clock of its own keeps its events by that clock (docs/decisions/0027).

set local lock_timeout = '5s';

create or replace function count_event_days() returns table (day date, events bigint)
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
  return query select (d.created_at at time zone 'UTC')::date, count(*) from events_default d
    where not exists (select from project_clocks c where c.project_id = d.project_id) group by 1;
end $$;

-- What projects with a clock of their own have in a day that is dropped moves to the default partition.
create or replace function drop_event_days_before(day date) returns setof date
language plpgsql security definer set search_path = public set lock_timeout = '500ms' as $$
declare
  project text;
  beyond text := event_id_at(day::timestamp at time zone 'UTC');
  found record;
begin
  perform pg_advisory_xact_lock(7216344002);
  for found in
    select c.relname part, p.relname parent, to_date(right(c.relname, 8), 'YYYYMMDD') of_day
    from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
    where i.inhparent in ('events'::regclass, 'webhook_deliveries'::regclass, 'webhook_attempts'::regclass)
      and c.relname ~ '_d[0-9]{8}$' and to_date(right(c.relname, 8), 'YYYYMMDD') < day
    order by of_day, part desc
  loop
    execute format('alter table %I detach partition %I', found.parent, found.part);
    execute format('insert into %I select * from %I d where exists (select from project_clocks c where c.project_id = d.project_id)',
      found.parent || '_default', found.part);
    execute format('drop table %I', found.part);
    if found.part like 'events%' then
      return next found.of_day;
    end if;
  end loop;
  delete from webhook_attempts_default d where event_id < beyond
    and not exists (select from project_clocks c where c.project_id = d.project_id);
  delete from webhook_deliveries_default d where event_id < beyond
    and not exists (select from project_clocks c where c.project_id = d.project_id);
  delete from events_default d where event_id < beyond
    and not exists (select from project_clocks c where c.project_id = d.project_id);
  -- What is queued is under row level security, of the owner too; the platform sees it all, one project may remove it.
  for project in
    select distinct q.project_id from webhook_queue q where q.event_id < beyond
      and not exists (select from project_clocks c where c.project_id = q.project_id)
  loop
    perform set_config('oms.project', project, true);
    delete from webhook_queue where project_id = project and event_id < beyond;
    delete from event_outbox where project_id = project and event_id < beyond;
  end loop;
  perform set_config('oms.project', '*', true);
  update event_retention set kept_since = greatest(kept_since, day::timestamp at time zone 'UTC');
end $$;

-- In the scope of a project with a clock of its own: drops its events from before the day, their deliveries, and what of
-- them is still queued. Whether there were any.
create function drop_own_events_before(day date) returns boolean
language plpgsql security definer set search_path = public as $$
declare
  project text := current_setting('oms.project');
  since timestamptz := day::timestamp at time zone 'UTC';
  beyond text := event_id_at(since);
begin
  update project_clocks set events_kept_since = since where project_id = project and events_kept_since < since;
  if not found then
    return false;
  end if;
  delete from webhook_queue where project_id = project and event_id < beyond;
  delete from event_outbox where project_id = project and event_id < beyond;
  delete from webhook_attempts where project_id = project and event_id < beyond;
  delete from webhook_deliveries where project_id = project and event_id < beyond;
  delete from events where project_id = project and event_id < beyond;
  return found;
end $$;
revoke all on function drop_own_events_before(date) from public;
grant execute on function drop_own_events_before(date) to oms_app;
