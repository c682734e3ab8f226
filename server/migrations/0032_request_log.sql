-- What API keys and members asked of a project, masked, for some days (docs/decisions/0037).
--
-- By the day, like events: request ids begin with their time. Written by the platform, in batches of many projects. Not
-- of the world: what was asked stays, whatever becomes of what it made.

set local lock_timeout = '5s';

-- The first characters of the ids of requests made at that time: no id made later sorts before it.
create function request_id_at(at timestamptz) returns text language sql immutable strict parallel safe as $$
  select 'req' || substr(event_id_at(at), 4)
$$;

create table request_log (
  project_id text not null references projects,
  request_id text collate "C" not null,
  method text not null check (method ~ '^[A-Z]{3,7}$'),
  path text not null,
  -- operationId; null: there is none of that path.
  operation text,
  status integer not null check (status between 200 and 599),
  status_class integer not null generated always as (status / 100) stored,
  duration_us bigint not null check (duration_us >= 0),
  actor text not null,
  idempotency_key text,
  is_replay boolean not null,
  error_code text,
  -- Masked. Null: there was none, or it was too large.
  query json,
  request_body json,
  response_body json,
  resource_ids text[] not null,
  created_at timestamptz not null,
  primary key (project_id, request_id)
) partition by range (request_id);
create index request_log_by_method on request_log (project_id, method, request_id);
create index request_log_by_status on request_log (project_id, status_class, request_id);
create index request_log_by_operation on request_log (project_id, operation, request_id);
create index request_log_by_key on request_log (project_id, idempotency_key, request_id) where idempotency_key is not null;
create table request_log_default partition of request_log default;

-- A row for each id in path and answer, so that the requests about a resource are read in their order.
create table request_resources (
  project_id text not null references projects,
  resource_id text not null,
  request_id text collate "C" not null,
  primary key (project_id, resource_id, request_id)
) partition by range (request_id);
create table request_resources_default partition of request_resources default;

call isolate_by_project('request_log', true);
call isolate_by_project('request_resources', true);
grant select, insert on request_log, request_resources to oms_app;
create trigger request_log_append_only before update on request_log for each row execute function refuse_change();
create trigger request_resources_append_only before update on request_resources for each row execute function refuse_change();

insert into world_exceptions (table_name) values ('request_log'), ('request_resources');

-- Makes the partitions of a day; whether it did. What came before them moves out of the default partition.
create function ensure_request_day(day date) returns boolean
language plpgsql security definer set search_path = public set lock_timeout = '500ms' as $$
declare
  parent text;
  part text;
  first text := request_id_at(day::timestamp at time zone 'UTC');
  beyond text := request_id_at((day + 1)::timestamp at time zone 'UTC');
begin
  if to_regclass('request_log_d' || to_char(day, 'YYYYMMDD')) is not null then
    return false;
  end if;
  perform pg_advisory_xact_lock(7216344003);
  foreach parent in array array['request_resources', 'request_log'] loop
    part := parent || '_d' || to_char(day, 'YYYYMMDD');
    continue when to_regclass(part) is not null;
    execute format('lock table %I in access exclusive mode', parent);
    execute format('create table %I (like %I including all)', part, parent);
    -- A generated column takes no value: what lies in the default partition is attached by its other columns.
    if parent = 'request_log' then
      execute format(
        'with moved as (delete from request_log_default where request_id >= %L and request_id < %L returning *)
         insert into %I (project_id, request_id, method, path, operation, status, duration_us, actor, idempotency_key,
           is_replay, error_code, query, request_body, response_body, resource_ids, created_at)
         select project_id, request_id, method, path, operation, status, duration_us, actor, idempotency_key,
           is_replay, error_code, query, request_body, response_body, resource_ids, created_at from moved',
        first, beyond, part);
    else
      execute format(
        'with moved as (delete from %I where request_id >= %L and request_id < %L returning *) insert into %I select * from moved',
        parent || '_default', first, beyond, part);
    end if;
    execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, part, first, beyond);
  end loop;
  return true;
end $$;
revoke execute on function ensure_request_day from public;
grant execute on function ensure_request_day to oms_app;

-- Drops the days before, and what of them lies in the default partition; the days that were dropped.
create function drop_request_days_before(day date) returns setof date
language plpgsql security definer set search_path = public set lock_timeout = '500ms' as $$
declare
  beyond text := request_id_at(day::timestamp at time zone 'UTC');
  found record;
begin
  perform pg_advisory_xact_lock(7216344003);
  for found in
    select c.relname part, p.relname parent, to_date(right(c.relname, 8), 'YYYYMMDD') of_day
    from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
    where i.inhparent in ('request_log'::regclass, 'request_resources'::regclass)
      and c.relname ~ '_d[0-9]{8}$' and to_date(right(c.relname, 8), 'YYYYMMDD') < day
    order by of_day, part desc
  loop
    execute format('alter table %I detach partition %I', found.parent, found.part);
    execute format('drop table %I', found.part);
    if found.part like 'request_log%' then
      return next found.of_day;
    end if;
  end loop;
  delete from request_resources_default where request_id < beyond;
  delete from request_log_default where request_id < beyond;
end $$;
revoke execute on function drop_request_days_before from public;
grant execute on function drop_request_days_before to oms_app;
