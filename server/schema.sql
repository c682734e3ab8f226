-- The schema that server/migrations make. Written by `npm run generate`, compared by `npm run check`.

create role oms_app nologin nosuperuser nobypassrls nocreatedb nocreaterole;

grant usage on schema public to oms_app;
grant usage on schema public to public;

CREATE OR REPLACE FUNCTION public.audit_append(p_project text, p_entries jsonb, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
declare
  entry audit_entries;
  head audit_heads;
begin
  if p_project is distinct from current_setting('oms.project', true) then
    raise exception 'audit_append outside its project' using errcode = 'insufficient_privilege';
  end if;
  insert into audit_heads (project_id, position, hash) values (p_project, 0, decode(repeat('00', 32), 'hex'))
  on conflict do nothing;
  select * into head from audit_heads h where h.project_id = p_project for no key update;
  for entry in
    select new.* from jsonb_array_elements(p_entries) with ordinality listed (fields, place),
      jsonb_populate_record(null::audit_entries, listed.fields) new
    order by place
  loop
    head.position := head.position + 1;
    entry.project_id := p_project;
    entry.position := head.position;
    entry.created_at := p_now;
    head.hash := sha256(head.hash || convert_to(audit_line(entry), 'UTF8'));
    entry.hash := head.hash;
    insert into audit_entries values (entry.*);
  end loop;
  update audit_heads h set position = head.position, hash = head.hash where h.project_id = p_project;
end $function$;
grant execute on routine audit_append(p_project text, p_entries jsonb, p_now timestamp with time zone) to oms_app;

CREATE OR REPLACE FUNCTION public.audit_append_to_organization(p_entries jsonb, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  project text := current_setting('oms.project', true);
  organization text;
begin
  select p.organization_id into strict organization from projects p where p.project_id = project;
  perform set_config('oms.project', organization, true);
  perform audit_append(organization, p_entries, p_now);
  perform set_config('oms.project', project, true);
end $function$;
grant execute on routine audit_append_to_organization(p_entries jsonb, p_now timestamp with time zone) to oms_app;

CREATE OR REPLACE FUNCTION public.audit_line(entry audit_entries)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select jsonb_build_array(entry.position, entry.audit_entry_id, entry.actor, entry.action, entry.resource_id,
    entry.details, entry.request_id, extract(epoch from entry.created_at))::text
$function$;
grant execute on routine audit_line(entry audit_entries) to public;

CREATE OR REPLACE FUNCTION public.chain_moves(p_project text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (select from sends s where s.project_id = p_project and s.status in ('queued', 'relaying'))
    or exists (select from deposits d where d.project_id = p_project and d.status = 'detected')
    or exists (
      select from project_clocks c cross join unnest(c.awaited_transfers) hash
      where c.project_id = p_project and c.awaited_until > now() and not has_arrived(hash))
$function$;
grant execute on routine chain_moves(p_project text) to public;

CREATE OR REPLACE FUNCTION public.claim_project_name(p_organization text, p_mode text, p_name text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  scope text := current_setting('oms.project', true);
  is_free boolean;
begin
  perform pg_advisory_xact_lock(naming_key(p_organization));
  perform set_config('oms.project', '*', true);
  select not exists (
    select from projects p where p.organization_id = p_organization and p.mode = p_mode and p.name = p_name
  ) into is_free;
  perform set_config('oms.project', scope, true);
  return is_free;
end $function$;
grant execute on routine claim_project_name(p_organization text, p_mode text, p_name text) to oms_app;

CREATE OR REPLACE FUNCTION public.claim_request(p_principal text, p_key text)
 RETURNS TABLE(standing text[], is_claimed boolean, fingerprint bytea, status integer, sealed_reply bytea, created_at timestamp with time zone)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
#variable_conflict use_column
declare
  project text := current_setting('oms.project', true);
begin
  standing := standing_of(p_principal);
  if p_key is null then
    is_claimed := true;
    return next;
    return;
  end if;
  is_claimed := pg_try_advisory_xact_lock(hashtextextended('idempotency:' || project || ':' || p_key, 0));
  if is_claimed then
    select i.fingerprint, i.status, i.sealed_reply, i.created_at
    into fingerprint, status, sealed_reply, created_at
    from idempotency_keys i where i.project_id = project and i.key = p_key;
  end if;
  return next;
end $function$;
grant execute on routine claim_request(p_principal text, p_key text) to oms_app;
grant execute on routine claim_request(p_principal text, p_key text) to public;

CREATE OR REPLACE FUNCTION public.clock_step(p_project text, p_token uuid, p_now timestamp with time zone, p_clock_lease_ms bigint, p_job_token uuid, p_job_lease_ms bigint, p_tasks text[], p_limit integer)
 RETURNS TABLE(state text, stands_at timestamp with time zone, set_at timestamp with time zone, job_id bigint, task text, payload jsonb, attempts integer)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
declare
  clock project_clocks;
  next_job timestamptz;
  next_delivery timestamptz;
  become text;
  claimed bigint := 0;
begin
  select * into clock from project_clocks c where c.project_id = p_project for update;
  if clock.target_at is null or (clock.lease_token is distinct from p_token and clock.leased_until > p_now) then
    return query select 'over', clock.stands_at, clock.set_at, null::bigint, null, null::jsonb, null::integer;
    return;
  end if;
  clock.lease_token := p_token;
  clock.leased_until := p_now + p_clock_lease_ms * interval '1 millisecond';
  select min(j.run_at) into next_job from jobs j
  where j.project_id = p_project and j.own_time and j.dead_at is null and j.task = any(p_tasks);
  if next_job <= clock.stands_at then
    become := 'jobs';
  else
    next_delivery := next_delivery_at(p_project);
    become := clock_waits_for(p_project, clock.stands_at, next_delivery);
    if become is null then
      clock.stands_at := least(next_job, next_delivery, clock.target_at);
      clock.set_at := greatest(clock.set_at, p_now);
      become := case when next_job <= clock.stands_at then 'jobs' when next_delivery <= clock.stands_at then 'webhooks'
        else 'reached' end;
    end if;
  end if;
  if become = 'jobs' then
    return query
      with due as materialized (
        select j.job_id from jobs j
        where j.project_id = p_project and j.own_time and j.dead_at is null and j.run_at <= clock.stands_at
          and (j.not_before is null or j.not_before <= p_now) and j.task = any(p_tasks)
          and (clock.seed is null or not job_runs(p_project, p_now))
        order by j.run_at, j.job_id limit case when clock.seed is null then p_limit else 1 end
        for update skip locked)
      update jobs j set attempts = j.attempts + 1, lease_token = p_job_token,
        not_before = p_now + p_job_lease_ms * interval '1 millisecond'
      from due where j.job_id = due.job_id
      returning 'run', clock.stands_at, clock.set_at, j.job_id, j.task, j.payload, j.attempts;
    get diagnostics claimed = row_count;
  end if;
  if claimed = 0 then
    return query select become, clock.stands_at, clock.set_at, null::bigint, null, null::jsonb, null::integer;
  end if;
  update project_clocks c set stands_at = clock.stands_at, set_at = clock.set_at, timers = clock.timers + claimed,
    lease_token = clock.lease_token, leased_until = clock.leased_until
  where c.project_id = p_project;
end $function$;
grant execute on routine clock_step(p_project text, p_token uuid, p_now timestamp with time zone, p_clock_lease_ms bigint, p_job_token uuid, p_job_lease_ms bigint, p_tasks text[], p_limit integer) to public;

CREATE OR REPLACE FUNCTION public.clock_waits_for(p_project text, p_at timestamp with time zone, p_next_delivery timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select case
    when p_next_delivery <= p_at or exists (select from event_outbox o where o.project_id = p_project) then 'webhooks'
    when chain_moves(p_project) then 'chain'
  end
$function$;
grant execute on routine clock_waits_for(p_project text, p_at timestamp with time zone, p_next_delivery timestamp with time zone) to public;

CREATE OR REPLACE FUNCTION public.count_event_days()
 RETURNS TABLE(day date, events bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
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
end $function$;
grant execute on routine count_event_days() to oms_app;

CREATE OR REPLACE FUNCTION public.drop_event_days_before(day date)
 RETURNS SETOF date
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
 SET lock_timeout TO '500ms'
AS $function$
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
end $function$;
grant execute on routine drop_event_days_before(day date) to oms_app;

CREATE OR REPLACE FUNCTION public.drop_own_events_before(day date)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
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
end $function$;
grant execute on routine drop_own_events_before(day date) to oms_app;

CREATE OR REPLACE FUNCTION public.drop_request_days_before(day date)
 RETURNS SETOF date
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
 SET lock_timeout TO '500ms'
AS $function$
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
end $function$;
grant execute on routine drop_request_days_before(day date) to oms_app;

CREATE OR REPLACE FUNCTION public.end_sessions_of(p_user text, p_kept text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  scope text := current_setting('oms.project', true);
begin
  perform set_config('oms.project', '*', true);
  delete from sessions s where s.user_id = p_user and s.session_id is distinct from p_kept;
  perform set_config('oms.project', scope, true);
end $function$;
grant execute on routine end_sessions_of(p_user text, p_kept text) to oms_app;

CREATE OR REPLACE FUNCTION public.ensure_event_day(day date)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
 SET lock_timeout TO '500ms'
AS $function$
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
end $function$;
grant execute on routine ensure_event_day(day date) to oms_app;

CREATE OR REPLACE FUNCTION public.ensure_request_day(day date)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
 SET lock_timeout TO '500ms'
AS $function$
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
end $function$;
grant execute on routine ensure_request_day(day date) to oms_app;

CREATE OR REPLACE FUNCTION public.event_id_at(at timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  select 'evt_' || string_agg(
    substr('0123456789abcdefghjkmnpqrstvwxyz', ((ms >> (5 * (9 - place))) & 31)::int + 1, 1), '' order by place)
  from generate_series(0, 9) place, (select greatest(0, (extract(epoch from at) * 1000)::bigint) ms) time
$function$;
grant execute on routine event_id_at(at timestamp with time zone) to public;

CREATE OR REPLACE FUNCTION public.first_organization()
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  scope text := current_setting('oms.project', true);
  found text;
begin
  perform set_config('oms.project', '*', true);
  select o.organization_id into strict found from organizations o order by o.created_at, o.organization_id limit 1;
  perform set_config('oms.project', coalesce(scope, ''), true);
  return found;
end $function$;
grant execute on routine first_organization() to oms_app;

CREATE OR REPLACE FUNCTION public.free_address_space(p_seed text, p_skipped integer)
 RETURNS integer
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  space integer := ((('x' || substr(md5(p_seed), 1, 8))::bit(32)::bigint + p_skipped) & 1073741823)::integer;
begin
  while exists (select from project_clocks where address_space = space) loop
    space := (space + 1) & 1073741823;
  end loop;
  return space;
end $function$;
grant execute on routine free_address_space(p_seed text, p_skipped integer) to public;

CREATE OR REPLACE PROCEDURE public.guard_states(IN target regclass, IN first_states text[], IN legal_changes text[])
 LANGUAGE plpgsql
AS $procedure$
begin
  execute format(
    'create trigger %I before insert on %s for each row when (new.status <> all (%L)) execute function refuse_first_state()',
    target || '_first_state', target, first_states);
  execute format(
    'create trigger %I before update on %s for each row when (old.status is distinct from new.status)
       execute function refuse_illegal_change(%s)',
    target || '_legal_changes', target,
    (select string_agg(quote_literal(change), ', ') from unnest(legal_changes) change));
  execute format(
    'create trigger %I before delete on %s for each row execute function refuse_removal()', target || '_kept', target);
  execute format(
    'create trigger %I before truncate on %s for each statement execute function refuse_removal()',
    target || '_kept_all', target);
end $procedure$;
grant execute on routine guard_states(IN target regclass, IN first_states text[], IN legal_changes text[]) to public;

CREATE OR REPLACE FUNCTION public.has_arrived(p_tx_hash text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (
    select from deposits d where d.network = 'polygon' and d.tx_hash = p_tx_hash and d.status <> 'detected')
$function$;
grant execute on routine has_arrived(p_tx_hash text) to public;

CREATE OR REPLACE FUNCTION public.is_of_changing_world(p_project text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select current_setting('oms.changing_world', true) = p_project and current_user <> 'oms_app'
$function$;
grant execute on routine is_of_changing_world(p_project text) to public;

CREATE OR REPLACE PROCEDURE public.isolate_by_project(IN target regclass, IN platform_too boolean)
 LANGUAGE plpgsql
AS $procedure$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy by_project on %s using (project_id = current_setting(''oms.project'', true)%s)',
    target, case when platform_too then ' or current_setting(''oms.project'', true) = ''*''' else '' end);
end $procedure$;
grant execute on routine isolate_by_project(IN target regclass, IN platform_too boolean) to public;

CREATE OR REPLACE PROCEDURE public.isolate_to_platform(IN target regclass)
 LANGUAGE plpgsql
AS $procedure$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy platform_only on %s using (current_setting(''oms.project'', true) = ''*'')', target);
end $procedure$;
grant execute on routine isolate_to_platform(IN target regclass) to public;

CREATE OR REPLACE FUNCTION public.job_runs(p_project text, p_now timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (
    select from jobs j
    where j.project_id = p_project and j.own_time and j.dead_at is null
      and j.lease_token is not null and j.not_before > p_now)
$function$;
grant execute on routine job_runs(p_project text, p_now timestamp with time zone) to public;

CREATE OR REPLACE FUNCTION public.key_customer_name()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.name_key := lower(nullif(concat_ws(' ', new.first_name, new.last_name), ''));
  new.last_name_key := lower(new.last_name);
  return new;
end $function$;
grant execute on routine key_customer_name() to public;

CREATE OR REPLACE FUNCTION public.ledger_apply(p_project text, p_now timestamp with time zone, p_account_ids text[], p_limit_sides text[], p_groups integer[], p_group_ids text[], p_positions integer[], p_kinds text[], p_transfer_ids text[], p_pending_ids text[], p_debits integer[], p_credits integer[], p_amounts numeric[], p_expires_at timestamp with time zone[], p_made_at integer[], p_same_group integer[], p_same_hold integer[], p_may_open boolean)
 RETURNS text[]
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  n constant integer := cardinality(p_groups);
  may_open boolean := p_may_open;
  now_at timestamptz;
  now_us bigint;
  -- The accounts, by their place in the order of their ids' bytes.
  wanted text[] := p_account_ids;
  ids text[];
  assets text[];
  numbers bigint[];
  sides text[];
  closed boolean[];
  debit_holds numeric[];
  debit_sums numeric[];
  credit_holds numeric[];
  credit_sums numeric[];
  touched boolean[];
  -- The items. debits and credits are places of accounts.
  debits integer[] := p_debits;
  credits integer[] := p_credits;
  amounts numeric[] := p_amounts;
  held numeric[];
  held_until timestamptz[];
  is_used boolean[] := array_fill(false, array[n]);
  is_resolved boolean[] := array_fill(false, array[n]);
  accepted boolean[] := array_fill(false, array[n]);
  debit_posted numeric[] := array_fill(null::numeric, array[n]);
  debit_reserved numeric[] := array_fill(null::numeric, array[n]);
  debit_incoming numeric[] := array_fill(null::numeric, array[n]);
  credit_posted numeric[] := array_fill(null::numeric, array[n]);
  credit_reserved numeric[] := array_fill(null::numeric, array[n]);
  credit_incoming numeric[] := array_fill(null::numeric, array[n]);
  outcomes text[] := '{}';
  refusal text;
  batch bigint;
  i integer;
  d integer;
  c integer;
  first integer;
  last integer;
begin
  if p_project is distinct from current_setting('oms.project', true) then
    raise exception 'ledger_apply outside its project' using errcode = 'insufficient_privilege';
  end if;

  -- Holds never change: they can be read before their accounts are locked.
  if array_remove(p_pending_ids, null) <> '{}' then
    with items as materialized (
      select item.place, hold.amount hold_amount, hold.expires_at hold_until,
        coalesce(item.amount, hold.amount, p_amounts[item.made_at]) amount,
        coalesce(hold.debit, p_account_ids[item.debit]) debit, coalesce(hold.credit, p_account_ids[item.credit]) credit,
        item.made_at
      from unnest(p_pending_ids, p_made_at, p_debits, p_credits, p_amounts)
        with ordinality item(pending_id, made_at, debit, credit, amount, place)
      left join lateral (
        select t.amount, t.expires_at, da.account_id debit, ca.account_id credit
        from ledger_transfers t
        cross join lateral (select a.account_id from ledger_accounts a where a.account_no = t.debit_no limit 1) da
        cross join lateral (select a.account_id from ledger_accounts a where a.account_no = t.credit_no limit 1) ca
        where t.project_id = p_project and t.transfer_id = item.pending_id and item.made_at = 0 limit 1) hold on true
    ), listed as materialized (
      select id, row_number() over (order by id collate "C") as number
      from (select debit id from items union select credit from items) named where id is not null
    ), numbered as materialized (
      select jsonb_object_agg(id, number) account_places, array_agg(id order by number) account_list from listed
    )
    select array_agg(coalesce(hold_amount, p_amounts[made_at]) order by place),
      array_agg(coalesce(hold_until, p_expires_at[made_at]) order by place), array_agg(amount order by place),
      array_agg((account_places->>debit)::integer order by place),
      array_agg((account_places->>credit)::integer order by place), coalesce(account_list, '{}')
    into held, held_until, amounts, debits, credits, wanted
    from items, numbered group by account_places, account_list;
  end if;

  loop
    if may_open then
      -- Before any lock: two calls that open each other's accounts would otherwise wait for each other.
      insert into ledger_accounts (project_id, account_id, kind, owner, asset, limit_side, created_at)
      select p_project, named.id, split_part(named.id, ':', 1), split_part(named.id, ':', 2),
        split_part(named.id, ':', 3), named.side, p_now
      from unnest(p_account_ids, p_limit_sides) named(id, side)
      where named.id not in (
        select a.account_id from ledger_accounts a
        where a.project_id = p_project and a.account_id = any(p_account_ids))
      order by named.id collate "C"
      on conflict do nothing;
    end if;
    with locked as materialized (
      select * from ledger_accounts a where a.project_id = p_project and a.account_id = any(wanted)
      order by a.account_id collate "C" for no key update)
    select coalesce(array_agg(account_id), '{}'), array_agg(account_no), array_agg(asset), array_agg(limit_side),
      array_agg(closed_at is not null), array_agg(debits_pending), array_agg(debits_posted),
      array_agg(credits_pending), array_agg(credits_posted), array_agg(false), greatest(p_now, max(last_entry_at))
    into ids, numbers, assets, sides, closed, debit_holds, debit_sums, credit_holds, credit_sums, touched, now_at
    from (select * from locked order by account_id collate "C") sorted;
    exit when ids = wanted;
    if may_open then
      raise exception 'accounts are not those that were named' using errcode = 'assert_failure';
    end if;
    may_open := true;
  end loop;
  now_us := ledger_us(now_at);

  -- Statements of their own: their snapshots are younger than the locks.
  for i in
    select p_same_group[array_position(p_group_ids, t.group_id)] from ledger_transfers t
    where t.project_id = p_project and t.group_id = any(p_group_ids) and t.position = 1
  loop
    is_used[i] := true;
  end loop;
  if held is not null then
    for i in
      select p_same_hold[array_position(p_pending_ids, t.pending_id)] from ledger_transfers t
      where t.project_id = p_project and t.pending_id = any(array_remove(p_pending_ids, null))
    loop
      is_resolved[i] := true;
    end loop;
  end if;

  first := 1;
  while first <= n loop
    last := first;
    while last < n and p_groups[last + 1] = p_groups[first] loop
      last := last + 1;
    end loop;
    refusal := case when is_used[p_same_group[first]] then 'exists' end;
    i := first - 1;
    while refusal is null and i < last loop
      i := i + 1;
      d := debits[i];
      c := credits[i];
      if p_kinds[i] in ('post', 'void') then
        if held[i] is null or is_resolved[p_same_hold[i]] or amounts[i] > held[i] or not (p_made_at[i] = 0
            or p_made_at[i] < i and p_transfer_ids[p_made_at[i]] = p_pending_ids[i]
              and (p_made_at[i] >= first or accepted[p_made_at[i]])) then
          refusal := 'hold_unresolvable';
        elsif p_kinds[i] = 'post' and held_until[i] <= now_at then
          refusal := 'hold_expired';
        end if;
      elsif assets[d] <> assets[c] then
        raise exception 'a transfer moves one asset: % to %', ids[d], ids[c];
      end if;
      if refusal is null and (closed[d] or closed[c]) then
        refusal := 'account_closed';
      end if;
      if refusal is not null then
        i := i - 1;
        exit;
      end if;
      if p_kinds[i] = 'pending' then
        debit_holds[d] := debit_holds[d] + amounts[i];
        credit_holds[c] := credit_holds[c] + amounts[i];
      else
        if p_kinds[i] <> 'single' then
          is_resolved[p_same_hold[i]] := true;
          debit_holds[d] := debit_holds[d] - held[i];
          credit_holds[c] := credit_holds[c] - held[i];
        end if;
        if p_kinds[i] <> 'void' then
          debit_sums[d] := debit_sums[d] + amounts[i];
          credit_sums[c] := credit_sums[c] + amounts[i];
        end if;
      end if;
      debit_posted[i] := credit_sums[d] - debit_sums[d];
      debit_reserved[i] := debit_holds[d];
      debit_incoming[i] := credit_holds[d];
      credit_posted[i] := credit_sums[c] - debit_sums[c];
      credit_reserved[i] := debit_holds[c];
      credit_incoming[i] := credit_holds[c];
      if (sides[d] = 'credit' and debit_sums[d] + debit_holds[d] > credit_sums[d])
        or (sides[c] = 'debit' and credit_sums[c] + credit_holds[c] > debit_sums[c]) then
        refusal := 'insufficient_funds';
      end if;
    end loop;
    if refusal is null then
      is_used[p_same_group[first]] := true;
      for i in first..last loop
        accepted[i] := true;
        touched[debits[i]] := true;
        touched[credits[i]] := true;
      end loop;
    else
      -- What the group's items did so far, backwards.
      while i >= first loop
        d := debits[i];
        c := credits[i];
        if p_kinds[i] = 'pending' then
          debit_holds[d] := debit_holds[d] - amounts[i];
          credit_holds[c] := credit_holds[c] - amounts[i];
        else
          if p_kinds[i] <> 'void' then
            debit_sums[d] := debit_sums[d] - amounts[i];
            credit_sums[c] := credit_sums[c] - amounts[i];
          end if;
          if p_kinds[i] <> 'single' then
            is_resolved[p_same_hold[i]] := false;
            debit_holds[d] := debit_holds[d] + held[i];
            credit_holds[c] := credit_holds[c] + held[i];
          end if;
        end if;
        i := i - 1;
      end loop;
    end if;
    outcomes := outcomes || coalesce(refusal, 'applied');
    first := last + 1;
  end loop;
  if not true = any(accepted) then
    return outcomes;
  end if;

  update ledger_accounts a
  set debits_pending = m.dp, debits_posted = m.dd, credits_pending = m.cp, credits_posted = m.cd,
    last_entry_at = now_at
  from unnest(numbers, debit_holds, debit_sums, credit_holds, credit_sums, touched) m(no, dp, dd, cp, cd, hit)
  where a.account_no = m.no and m.hit;

  batch := nextval(pg_get_serial_sequence('ledger_batches', 'batch_id'));
  with rows as materialized (
    select * from unnest(p_group_ids, p_positions, p_kinds, p_transfer_ids, p_pending_ids, debits, credits, amounts,
      debit_posted, debit_reserved, debit_incoming, credit_posted, credit_reserved, credit_incoming, p_expires_at,
      accepted) with ordinality r(g, p, k, t, pe, debit, credit, a, dp, dr, di, cp, cr, ci, e, ok, place)
    where ok
  ), added as (
    insert into ledger_transfers (project_id, batch_id, group_id, position, kind, transfer_id, pending_id, debit_no,
      credit_no, amount, debit_posted_after, debit_reserved_after, debit_incoming_after, credit_posted_after,
      credit_reserved_after, credit_incoming_after, created_at, expires_at)
    select p_project, batch, g, p, k, t, pe, numbers[debit], numbers[credit], a, dp, dr, di, cp, cr, ci, now_at, e
    from rows order by place
  )
  insert into ledger_batches (project_id, batch_id, transfers, digest, created_at) overriding system value
  select p_project, batch, count(*), sha256(convert_to(string_agg(
    ledger_line(g, p, k, t, pe, ids[debit], ids[credit], a, now_us, ledger_us(e)), chr(10) order by place), 'UTF8')),
    now_at
  from rows;
  return outcomes;
end $function$;
grant execute on routine ledger_apply(p_project text, p_now timestamp with time zone, p_account_ids text[], p_limit_sides text[], p_groups integer[], p_group_ids text[], p_positions integer[], p_kinds text[], p_transfer_ids text[], p_pending_ids text[], p_debits integer[], p_credits integer[], p_amounts numeric[], p_expires_at timestamp with time zone[], p_made_at integer[], p_same_group integer[], p_same_hold integer[], p_may_open boolean) to oms_app;

CREATE OR REPLACE FUNCTION public.ledger_chain(p_project text, p_limit integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  batch record;
  head bytea;
  place bigint;
  chained bigint[] := '{}';
begin
  if p_project is distinct from current_setting('oms.project', true) then
    raise exception 'ledger_chain outside its project' using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('ledger-chain:' || p_project, 0));
  select b.chain_position, b.chain_hash into place, head from ledger_batches b
  where b.project_id = p_project and b.chain_position is not null order by b.chain_position desc limit 1;
  place := coalesce(place, 0);
  head := coalesce(head, decode(repeat('00', 32), 'hex'));
  for batch in
    select b.batch_id, b.digest from ledger_batches b
    where b.project_id = p_project and b.chain_position is null order by b.batch_id limit p_limit
  loop
    place := place + 1;
    head := sha256(head || batch.digest);
    update ledger_batches b set chain_position = place, chain_hash = head
    where b.project_id = p_project and b.batch_id = batch.batch_id;
    chained := chained || batch.batch_id;
  end loop;
  insert into ledger_totals (project_id, kind, asset, net)
  select p_project, a.kind, a.asset, sum(entry.net)
  from unnest(chained) new (batch_id)
  join ledger_transfers t on t.batch_id = new.batch_id and t.kind in ('single', 'post')
  cross join lateral (values (t.credit_no, t.amount), (t.debit_no, -t.amount)) entry (account_no, net)
  join ledger_accounts a on a.account_no = entry.account_no
  group by a.kind, a.asset order by a.kind, a.asset
  on conflict (project_id, kind, asset) do update set net = ledger_totals.net + excluded.net;
  return cardinality(chained);
end $function$;
grant execute on routine ledger_chain(p_project text, p_limit integer) to oms_app;

CREATE OR REPLACE FUNCTION public.ledger_close(p_project text, p_now timestamp with time zone, p_account_ids text[])
 RETURNS text[]
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
declare
  answers text[];
begin
  if p_project is distinct from current_setting('oms.project', true) then
    raise exception 'ledger_close outside its project' using errcode = 'insufficient_privilege';
  end if;
  perform from ledger_accounts a where a.project_id = p_project and a.account_id = any(p_account_ids)
  order by a.account_id collate "C" for no key update;
  update ledger_accounts a set closed_at = greatest(p_now, a.last_entry_at)
  where a.project_id = p_project and a.account_id = any(p_account_ids) and a.closed_at is null
    and a.debits_posted = a.credits_posted and a.debits_pending = 0 and a.credits_pending = 0;
  select array_agg(case when a.account_id is null then 'not_found' when a.closed_at is null then 'not_empty'
    else 'closed' end order by asked.place) into answers
  from unnest(p_account_ids) with ordinality asked(id, place)
  left join ledger_accounts a on a.project_id = p_project and a.account_id = asked.id;
  return answers;
end $function$;
grant execute on routine ledger_close(p_project text, p_now timestamp with time zone, p_account_ids text[]) to oms_app;

CREATE OR REPLACE FUNCTION public.ledger_line(group_id text, "position" integer, kind text, transfer_id text, pending_id text, debit text, credit text, amount numeric, created_us bigint, expires_us bigint)
 RETURNS text
 LANGUAGE sql
 STABLE
RETURN concat_ws(chr(31), group_id, "position", kind, COALESCE(transfer_id, '-'::text), COALESCE(pending_id, '-'::text), debit, credit, amount, created_us, COALESCE(expires_us, (0)::bigint));
grant execute on routine ledger_line(group_id text, "position" integer, kind text, transfer_id text, pending_id text, debit text, credit text, amount numeric, created_us bigint, expires_us bigint) to public;

CREATE OR REPLACE FUNCTION public.ledger_us(at timestamp with time zone)
 RETURNS bigint
 LANGUAGE sql
 STABLE
RETURN ((EXTRACT(epoch FROM at) * (1000000)::numeric))::bigint;
grant execute on routine ledger_us(at timestamp with time zone) to public;

CREATE OR REPLACE FUNCTION public.naming_key(p_organization text)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select hashtextextended('project-names:' || p_organization, 0)
$function$;
grant execute on routine naming_key(p_organization text) to oms_app;
grant execute on routine naming_key(p_organization text) to public;

CREATE OR REPLACE FUNCTION public.next_delivery_at(p_project text)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$
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
$function$;
grant execute on routine next_delivery_at(p_project text) to public;

CREATE OR REPLACE FUNCTION public.project_clock_goes_forward()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if is_of_changing_world(new.project_id) then
    return new;
  end if;
  if new.stands_at < old.stands_at
    or (new.stands_at is null and old.stands_at is null and new.offset_ms < old.offset_ms)
    or new.set_at < old.set_at or (old.is_known and not new.is_known) then
    raise 'the clock of % would go back', old.project_id;
  end if;
  return new;
end $function$;
grant execute on routine project_clock_goes_forward() to public;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if lower(tg_op) = 'delete' and current_setting('oms.changing_world', true) <> '' then
    if is_of_changing_world(old.project_id) then
      return old;
    end if;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $function$;
grant execute on routine refuse_change() to public;

CREATE OR REPLACE FUNCTION public.refuse_first_state()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if current_setting('oms.changing_world', true) <> '' then
    if is_of_changing_world(new.project_id) then
      return new;
    end if;
  end if;
  raise exception '% cannot begin as %', tg_table_name, new.status using errcode = 'check_violation';
end $function$;
grant execute on routine refuse_first_state() to public;

CREATE OR REPLACE FUNCTION public.refuse_illegal_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (old.status || ' > ' || new.status) = any (tg_argv) then
    return new;
  end if;
  raise exception '% cannot go from % to %', tg_table_name, old.status, new.status using errcode = 'check_violation';
end $function$;
grant execute on routine refuse_illegal_change() to public;

CREATE OR REPLACE FUNCTION public.refuse_rechaining()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.chain_position is not null
    or (new.project_id, new.batch_id, new.transfers, new.digest, new.created_at)
      is distinct from (old.project_id, old.batch_id, old.transfers, old.digest, old.created_at) then
    raise exception 'ledger_batches is append-only' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $function$;
grant execute on routine refuse_rechaining() to public;

CREATE OR REPLACE FUNCTION public.refuse_removal()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if lower(tg_op) = 'delete' and current_setting('oms.changing_world', true) <> '' then
    if is_of_changing_world(old.project_id) then
      return old;
    end if;
  end if;
  raise exception '% are kept', tg_table_name using errcode = 'insufficient_privilege';
end $function$;
grant execute on routine refuse_removal() to public;

CREATE OR REPLACE FUNCTION public.rename_project(p_name text)
 RETURNS TABLE(counterpart_id text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  own projects;
  other text;
begin
  select * into strict own from projects p where p.project_id = current_setting('oms.project', true);
  perform pg_advisory_xact_lock(naming_key(own.organization_id));
  select * into strict own from projects p where p.project_id = own.project_id;
  perform set_config('oms.project', '*', true);
  if p_name <> own.name and exists (
    select from projects p where p.organization_id = own.organization_id and p.name = p_name
  ) then
    perform set_config('oms.project', own.project_id, true);
    return;
  end if;
  -- The oldest of the name is the counterpart; older projects than names were asked to differ may share one.
  select p.project_id into other from projects p
  where p.organization_id = own.organization_id and p.name = own.name and p.mode <> own.mode
  order by p.created_at, p.project_id limit 1;
  update projects p set name = p_name where p.project_id in (own.project_id, other);
  perform set_config('oms.project', own.project_id, true);
  return query select other;
end $function$;
grant execute on routine rename_project(p_name text) to oms_app;

CREATE OR REPLACE FUNCTION public.request_id_at(at timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  select 'req' || substr(event_id_at(at), 4)
$function$;
grant execute on routine request_id_at(at timestamp with time zone) to public;

CREATE OR REPLACE FUNCTION public.seeded_project_moves(p_project text, p_now timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (
    select from project_clocks c
    where c.project_id = p_project and c.seed is not null and c.target_at is null
      and (chain_moves(p_project) or exists (
        select from jobs j
        where j.project_id = p_project and j.own_time and j.dead_at is null and j.run_at <= c.stands_at
          and (j.not_before is null or j.not_before <= p_now or j.lease_token is not null))))
$function$;
grant execute on routine seeded_project_moves(p_project text, p_now timestamp with time zone) to public;

CREATE OR REPLACE FUNCTION public.send_relays(p_resource_ids text[])
 RETURNS TABLE(send_id text, status text, nonce bigint, hash text, made_at timestamp with time zone, sent_at timestamp with time zone, block_number bigint, block_hash text)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
declare
  project text := current_setting('oms.project');
begin
  perform set_config('oms.project', '*', true);
  return query
    select s.send_id, b.status, b.nonce, a.hash, b.created_at, b.sent_at, b.block_number, b.block_hash
    from sends s join relay_batches b on b.batch_id = s.batch_id
    left join lateral (
      select hash from relay_attempts where batch_id = s.batch_id order by created_at desc limit 1) a on true
    where s.project_id = project and s.resource_id = any (p_resource_ids);
  perform set_config('oms.project', project, true);
end $function$;
grant execute on routine send_relays(p_resource_ids text[]) to public;

CREATE OR REPLACE FUNCTION public.session_role(p_session text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  project text := current_setting('oms.project', true);
  found text;
begin
  perform set_config('oms.project', '*', true);
  select m.role into found
  from sessions s join memberships m using (organization_id, user_id) join projects p using (organization_id)
  where s.session_id = p_session and p.project_id = project;
  perform set_config('oms.project', project, true);
  return found;
end $function$;
grant execute on routine session_role(p_session text) to oms_app;

CREATE OR REPLACE FUNCTION public.snapshot_table(p_snapshot bigint, p_table text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select format('snapshots.%I', 's' || p_snapshot || '_' || p_table)
$function$;
grant execute on routine snapshot_table(p_snapshot bigint, p_table text) to public;

CREATE OR REPLACE FUNCTION public.standing_of(p_principal text)
 RETURNS text[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
declare
  project text := current_setting('oms.project', true);
  found text[];
begin
  if p_principal like 'ses\_%' then
    return array[session_role(p_principal)];
  end if;
  select k.scopes into found from api_keys k
  where k.project_id = project and k.api_key = p_principal and k.revoked_at is null;
  return found;
end $function$;
grant execute on routine standing_of(p_principal text) to oms_app;
grant execute on routine standing_of(p_principal text) to public;

CREATE OR REPLACE FUNCTION public.trouble_is_for_sandboxes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (select from projects p where p.project_id = new.project_id and p.mode = 'sandbox') then
    raise '% is no sandbox', new.project_id;
  end if;
  return new;
end $function$;
grant execute on routine trouble_is_for_sandboxes() to public;

CREATE OR REPLACE FUNCTION public.webhook_due(p_project_id text, p_webhook_id text, p_in_hand text[], p_now timestamp with time zone, p_limit integer)
 RETURNS TABLE(event_id text, delivery_id text, resource_id text, sequence bigint, failures integer, requests integer, attempts integer, type text, data text, created_at timestamp with time zone)
 LANGUAGE sql
 STABLE
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
$function$;
grant execute on routine webhook_due(p_project_id text, p_webhook_id text, p_in_hand text[], p_now timestamp with time zone, p_limit integer) to public;

CREATE OR REPLACE FUNCTION public.webhook_due_in_order(p_project_id text, p_webhook_id text, p_in_hand text[], p_now timestamp with time zone, p_limit integer, p_after text)
 RETURNS TABLE(event_id text, delivery_id text, resource_id text, sequence bigint, failures integer, requests integer, attempts integer, type text, data text, created_at timestamp with time zone)
 LANGUAGE sql
 STABLE
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
$function$;
grant execute on routine webhook_due_in_order(p_project_id text, p_webhook_id text, p_in_hand text[], p_now timestamp with time zone, p_limit integer, p_after text) to public;

CREATE OR REPLACE FUNCTION public.webhook_record(p_project_id text, p_webhook_ids text[], p_event_ids text[], p_attempts jsonb, p_now timestamp with time zone)
 RETURNS TABLE(webhook_id text, consecutive_failures integer, failing_since timestamp with time zone)
 LANGUAGE sql
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
$function$;
grant execute on routine webhook_record(p_project_id text, p_webhook_ids text[], p_event_ids text[], p_attempts jsonb, p_now timestamp with time zone) to public;

CREATE OR REPLACE FUNCTION public.world_close()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  if current_setting('session_replication_role') = 'replica' then
    perform set_config('session_replication_role', 'origin', true);
  else
    set constraints all immediate;
  end if;
  perform set_config('oms.changing_world', '', true);
end $function$;

CREATE OR REPLACE FUNCTION public.world_copy(p_project text, p_name text)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  snapshot bigint;
  target text;
  found bigint;
  total bigint := 0;
begin
  perform world_take(p_project);
  select s.snapshot_no into strict snapshot from sandbox_snapshots s where s.project_id = p_project and s.name = p_name;
  for target in select t.name from world_tables() t loop
    execute format('create table %s as select * from %I where project_id = %L', snapshot_table(snapshot, target), target,
      p_project);
    get diagnostics found = row_count;
    total := total + found;
  end loop;
  update sandbox_snapshots s set row_count = total where s.project_id = p_project and s.name = p_name;
  return total;
end $function$;
grant execute on routine world_copy(p_project text, p_name text) to oms_app;

CREATE OR REPLACE FUNCTION public.world_empty(p_project text)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  target text;
  found bigint;
  total bigint := 0;
begin
  perform world_take(p_project);
  perform world_open(p_project);
  for target in select t.name from world_tables() t loop
    execute format('delete from %I where project_id = $1', target) using p_project;
    get diagnostics found = row_count;
    total := total + found;
  end loop;
  perform world_close();
  return total;
end $function$;
grant execute on routine world_empty(p_project text) to oms_app;

CREATE OR REPLACE FUNCTION public.world_forget(p_project text, p_name text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  snapshot bigint;
  copy regclass;
begin
  perform world_require(p_project);
  delete from sandbox_snapshots s where s.project_id = p_project and s.name = p_name returning s.snapshot_no into snapshot;
  if snapshot is null then
    return false;
  end if;
  for copy in
    select c.oid from pg_class c
    where c.relnamespace = 'snapshots'::regnamespace and c.relkind = 'r' and c.relname like 's' || snapshot || '\_%'
  loop
    execute format('drop table %s', copy);
  end loop;
  return true;
end $function$;
grant execute on routine world_forget(p_project text, p_name text) to oms_app;

CREATE OR REPLACE FUNCTION public.world_lock_key(p_project text)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select hashtextextended('world:' || p_project, 0)
$function$;
grant execute on routine world_lock_key(p_project text) to public;

CREATE OR REPLACE FUNCTION public.world_open(p_project text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  perform set_config('oms.changing_world', p_project, true);
  if has_parameter_privilege('session_replication_role', 'set') then
    perform set_config('session_replication_role', 'replica', true);
  else
    set constraints all deferred;
  end if;
end $function$;

CREATE OR REPLACE FUNCTION public.world_put_back(p_project text, p_name text)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  snapshot sandbox_snapshots;
  target text;
  copy text;
  same text;
  found bigint;
  total bigint := 0;
begin
  perform world_take(p_project);
  select * into strict snapshot from sandbox_snapshots s where s.project_id = p_project and s.name = p_name;
  if snapshot.shape <> world_shape() then
    raise exception 'the snapshot is of other tables' using errcode = 'object_not_in_prerequisite_state';
  end if;
  perform world_open(p_project);
  for target in select t.name from world_tables() t where t.name <> 'jobs' loop
    copy := snapshot_table(snapshot.snapshot_no, target);
    select string_agg(format('kept.%1$I = t.%1$I', a.attname), ' and ') into same
    from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    where i.indrelid = target::regclass and i.indisprimary;
    execute format('delete from %I t where t.project_id = $1 and not exists (select from %s kept where %s and kept *= t)',
      target, copy, same) using p_project;
    get diagnostics found = row_count;
    total := total + found;
    execute format(
      'insert into %1$I overriding system value select kept.* from %2$s kept where not exists (
         select from %1$I t where t.project_id = $1 and %3$s)', target, copy, same) using p_project;
    get diagnostics found = row_count;
    total := total + found;
  end loop;
  delete from jobs j where j.project_id = p_project;
  execute format(
    'insert into jobs (project_id, task, payload, run_at, attempts, last_error, dead_at, created_at, own_time)
     select project_id, task, payload, run_at, attempts, last_error, dead_at, created_at,
       exists (select from project_clocks c where c.project_id = $1)
     from %s order by job_id', snapshot_table(snapshot.snapshot_no, 'jobs')) using p_project;
  -- Nobody has an endpoint in hand, and what is asked of one now counts: what was due is sent again.
  update webhook_health h set lease_token = null, leased_until = '-infinity' where h.project_id = p_project;
  update webhook_queue q set requests = q.requests + 1 where q.project_id = p_project;
  update reconciliation_runs r set status = 'failed', error = 'the world was put back', completed_at = r.started_at
  where r.project_id = p_project and r.status = 'running';
  perform world_close();
  return total;
end $function$;
grant execute on routine world_put_back(p_project text, p_name text) to oms_app;

CREATE OR REPLACE FUNCTION public.world_require(p_project text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  if p_project is distinct from current_setting('oms.project', true) then
    raise exception 'a world is changed outside its project' using errcode = 'insufficient_privilege';
  end if;
  if not exists (select from projects p where p.project_id = p_project and p.mode = 'sandbox') then
    raise exception 'the world of a live project is not changed' using errcode = 'insufficient_privilege';
  end if;
end $function$;

CREATE OR REPLACE FUNCTION public.world_set_clock(p_project text, p_stands_at timestamp with time zone, p_offset_ms bigint, p_set_at timestamp with time zone, p_seed text, p_address_space integer, p_drawn bigint, p_addresses bigint)
 RETURNS SETOF project_clocks
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  space integer := p_address_space;
begin
  perform world_take(p_project);
  if p_seed is not null and space is null then
    select c.address_space into space from project_clocks c where c.project_id = p_project and c.seed = p_seed;
    if space is null then
      -- Which ones are free is seen by the platform.
      perform set_config('oms.project', '*', true);
      space := free_address_space(p_seed, 0);
      perform set_config('oms.project', p_project, true);
    end if;
  end if;
  perform set_config('oms.changing_world', p_project, true);
  return query
    update project_clocks c set stands_at = p_stands_at, offset_ms = p_offset_ms, set_at = p_set_at, seed = p_seed,
      address_space = space, drawn = p_drawn, addresses = p_addresses, epoch = c.epoch + 1,
      awaited_transfers = default, awaited_until = default,
      events_kept_since = least(c.events_kept_since, coalesce(p_stands_at, p_set_at + p_offset_ms * interval '1 millisecond'))
    where c.project_id = p_project returning c.*;
  perform set_config('oms.changing_world', '', true);
end $function$;
grant execute on routine world_set_clock(p_project text, p_stands_at timestamp with time zone, p_offset_ms bigint, p_set_at timestamp with time zone, p_seed text, p_address_space integer, p_drawn bigint, p_addresses bigint) to oms_app;

CREATE OR REPLACE FUNCTION public.world_shape()
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select md5(string_agg(concat_ws(' ', t.name, a.attname, a.atttypid::regtype, a.atttypmod), ',' order by t.name, a.attnum))
  from world_tables() t
  join pg_attribute a on a.attrelid = t.name::regclass and a.attnum > 0 and not a.attisdropped
$function$;
grant execute on routine world_shape() to public;

CREATE OR REPLACE FUNCTION public.world_tables()
 RETURNS TABLE(name text)
 LANGUAGE sql
 STABLE
AS $function$
  select c.relname::text from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and c.relname not in (select e.table_name from world_exceptions e)
  order by c.relname
$function$;
grant execute on routine world_tables() to public;

CREATE OR REPLACE FUNCTION public.world_take(p_project text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  perform world_require(p_project);
  perform pg_advisory_xact_lock(world_lock_key(p_project));
end $function$;

CREATE OR REPLACE FUNCTION public.world_unrest(p_project text, p_now timestamp with time zone)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
begin
  perform from jobs j where j.project_id = p_project for update;
  return case
    when exists (select from project_clocks c where c.project_id = p_project and c.target_at is not null)
      then 'the clock, which is being advanced'
    when exists (
      select from jobs j where j.project_id = p_project and j.dead_at is null and j.lease_token is not null
        and case when j.own_time then j.not_before else j.run_at end > p_now) then 'work of the server'
    when chain_moves(p_project) then 'payments on the chain'
  end;
end $function$;
grant execute on routine world_unrest(p_project text, p_now timestamp with time zone) to public;

create table address_pool (
  key_index bigint not null,
  key_set integer default 0 not null,
  address text not null,
  taken_at timestamp with time zone,
  constraint address_pool_pkey PRIMARY KEY (key_index),
  constraint address_pool_address_key UNIQUE (address),
  constraint address_pool_key_index_address_key UNIQUE (key_index, address),
  constraint address_pool_address_check CHECK ((address ~ '^0x[0-9a-f]{40}$'::text)),
  constraint address_pool_key_index_check CHECK ((key_index >= 0)),
  constraint address_pool_key_set_check CHECK (((key_set >= '-1'::integer) AND ((key_set = '-1'::integer) = (key_index >= '2147483648'::bigint))))
);
CREATE INDEX address_pool_by_key_set ON public.address_pool USING btree (key_set, key_index);
CREATE INDEX address_pool_free ON public.address_pool USING btree (key_set, key_index) WHERE (taken_at IS NULL);
grant insert, select on address_pool to oms_app;
grant update (taken_at) on address_pool to oms_app;

create table api_keys (
  project_id text not null,
  api_key text not null,
  name text not null,
  secret_hash bytea not null,
  created_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  scopes text[] default '{read,operate,simulate,develop,configure}'::text[] not null,
  created_by text default 'system'::text not null,
  last_used_at timestamp with time zone,
  constraint api_keys_pkey PRIMARY KEY (project_id, api_key),
  constraint api_keys_scopes_check CHECK (((cardinality(scopes) > 0) AND (scopes <@ '{read,operate,simulate,develop,configure}'::text[]))),
  constraint api_keys_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE UNIQUE INDEX api_keys_by_key ON public.api_keys USING btree (api_key);
alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy by_project on api_keys as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant insert, select on api_keys to oms_app;
grant update (revoked_at, last_used_at) on api_keys to oms_app;

create table audit_entries (
  project_id text not null,
  audit_entry_id text not null,
  "position" bigint not null,
  actor text not null,
  action text not null,
  resource_id text not null,
  details jsonb not null,
  request_id text,
  created_at timestamp with time zone not null,
  hash bytea not null,
  constraint audit_entries_pkey PRIMARY KEY (project_id, audit_entry_id),
  constraint audit_entries_project_id_position_key UNIQUE (project_id, "position"),
  constraint audit_entries_actor_check CHECK (((actor = 'system'::text) OR (actor ~~ 'apiKey:_%'::text) OR (actor ~~ 'user:_%'::text))),
  constraint audit_entries_details_check CHECK ((jsonb_typeof(details) = 'object'::text)),
  constraint audit_entries_hash_check CHECK ((length(hash) = 32)),
  constraint audit_entries_position_check CHECK (("position" > 0))
);
CREATE INDEX audit_entries_by_action ON public.audit_entries USING btree (project_id, action, audit_entry_id);
CREATE INDEX audit_entries_by_resource ON public.audit_entries USING btree (project_id, resource_id, audit_entry_id);
alter table audit_entries enable row level security;
alter table audit_entries force row level security;
create policy by_project on audit_entries as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER audit_entries_append_only BEFORE DELETE OR UPDATE ON public.audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entries_kept_all BEFORE TRUNCATE ON public.audit_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
grant select on audit_entries to oms_app;

create table audit_heads (
  project_id text not null,
  "position" bigint not null,
  hash bytea not null,
  constraint audit_heads_pkey PRIMARY KEY (project_id)
);
alter table audit_heads enable row level security;
alter table audit_heads force row level security;
create policy by_project on audit_heads as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant select on audit_heads to oms_app;

create table bank_contradictions (
  project_id text not null,
  provider text not null,
  provider_event_id text not null,
  kind text not null,
  subject_id text not null,
  found text not null,
  created_at timestamp with time zone not null,
  constraint bank_contradictions_pkey PRIMARY KEY (project_id, provider, provider_event_id),
  constraint bank_contradictions_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table bank_contradictions enable row level security;
alter table bank_contradictions force row level security;
create policy by_project on bank_contradictions as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on bank_contradictions to oms_app;

create table bank_credits (
  project_id text not null,
  credit_id text not null,
  status text not null,
  provider text not null,
  provider_event_id text not null,
  rail text not null,
  amount numeric(38,0) not null,
  reference text not null,
  return_code text,
  reason text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint bank_credits_pkey PRIMARY KEY (project_id, credit_id),
  constraint bank_credits_project_id_provider_provider_event_id_key UNIQUE (project_id, provider, provider_event_id),
  constraint bank_credits_amount_check CHECK ((amount > (0)::numeric)),
  constraint bank_credits_check CHECK (((status = 'received'::text) = (return_code IS NULL))),
  constraint bank_credits_check1 CHECK (((return_code IS NULL) = (reason IS NULL))),
  constraint bank_credits_rail_check CHECK ((rail = ANY (ARRAY['ach'::text, 'wire'::text, 'swift'::text, 'rtp'::text]))),
  constraint bank_credits_status_check CHECK ((status = ANY (ARRAY['received'::text, 'returning'::text, 'returned'::text]))),
  constraint bank_credits_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX bank_credits_by_reference ON public.bank_credits USING btree (project_id, reference);
alter table bank_credits enable row level security;
alter table bank_credits force row level security;
create policy by_project on bank_credits as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER bank_credits_first_state BEFORE INSERT ON public.bank_credits FOR EACH ROW WHEN ((new.status <> ALL ('{received}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER bank_credits_kept BEFORE DELETE ON public.bank_credits FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER bank_credits_kept_all BEFORE TRUNCATE ON public.bank_credits FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER bank_credits_legal_changes BEFORE UPDATE ON public.bank_credits FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('received > returning', 'returning > returned');
grant insert, select on bank_credits to oms_app;
grant update (status, return_code, reason, updated_at) on bank_credits to oms_app;

create table bank_payouts (
  project_id text not null,
  payout_id text not null,
  status text not null,
  rail text not null,
  amount numeric(38,0) not null,
  external_account_id text not null,
  purpose text not null,
  resource_id text not null,
  provider text,
  reference text,
  effective_at timestamp with time zone,
  return_code text,
  reject_code text,
  reason text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  submitted_at timestamp with time zone,
  settled_at timestamp with time zone,
  constraint bank_payouts_pkey PRIMARY KEY (project_id, payout_id),
  constraint bank_payouts_amount_check CHECK ((amount > (0)::numeric)),
  constraint bank_payouts_check CHECK (((status <> ALL (ARRAY['submitted'::text, 'settled'::text, 'returned'::text])) OR (submitted_at IS NOT NULL))),
  constraint bank_payouts_check1 CHECK (((submitted_at IS NULL) = (provider IS NULL))),
  constraint bank_payouts_check2 CHECK (((status = ANY (ARRAY['settled'::text, 'returned'::text])) = (settled_at IS NOT NULL))),
  constraint bank_payouts_check3 CHECK ((num_nonnulls(return_code, reject_code) =
CASE
    WHEN (status = ANY (ARRAY['returned'::text, 'failed'::text])) THEN 1
    ELSE 0
END)),
  constraint bank_payouts_check4 CHECK (((status <> 'returned'::text) OR (return_code IS NOT NULL))),
  constraint bank_payouts_check5 CHECK (((status = ANY (ARRAY['returned'::text, 'failed'::text])) = (reason IS NOT NULL))),
  constraint bank_payouts_rail_check CHECK ((rail = ANY (ARRAY['ach'::text, 'wire'::text, 'swift'::text]))),
  constraint bank_payouts_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'submitted'::text, 'settled'::text, 'returned'::text, 'failed'::text]))),
  constraint bank_payouts_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX bank_payouts_by_reference ON public.bank_payouts USING btree (project_id, reference) WHERE (reference IS NOT NULL);
CREATE INDEX bank_payouts_by_resource ON public.bank_payouts USING btree (project_id, purpose, resource_id, payout_id);
CREATE UNIQUE INDEX bank_payouts_once ON public.bank_payouts USING btree (project_id, purpose, resource_id) WHERE (status = ANY (ARRAY['queued'::text, 'submitted'::text, 'settled'::text]));
alter table bank_payouts enable row level security;
alter table bank_payouts force row level security;
create policy by_project on bank_payouts as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER bank_payouts_first_state BEFORE INSERT ON public.bank_payouts FOR EACH ROW WHEN ((new.status <> ALL ('{queued}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER bank_payouts_kept BEFORE DELETE ON public.bank_payouts FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER bank_payouts_kept_all BEFORE TRUNCATE ON public.bank_payouts FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER bank_payouts_legal_changes BEFORE UPDATE ON public.bank_payouts FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('queued > submitted', 'queued > failed', 'submitted > settled', 'submitted > failed', 'settled > returned');
grant insert, select on bank_payouts to oms_app;
grant update (status, provider, reference, effective_at, return_code, reject_code, reason, updated_at, submitted_at, settled_at) on bank_payouts to oms_app;

create table bank_statement_lines (
  project_id text not null,
  line_id text not null,
  provider text not null,
  status text not null,
  direction text not null,
  amount numeric(38,0) not null,
  reference text not null,
  cause text,
  expected numeric(38,0),
  payout_id text,
  transaction_id text,
  credit_id text,
  created_at timestamp with time zone not null,
  constraint bank_statement_lines_pkey PRIMARY KEY (project_id, line_id),
  constraint bank_statement_lines_amount_check CHECK ((amount > (0)::numeric)),
  constraint bank_statement_lines_cause_check CHECK ((cause = ANY (ARRAY['unknown_reference'::text, 'wrong_amount'::text, 'not_expected'::text, 'listed_before'::text]))),
  constraint bank_statement_lines_check CHECK (((status = 'break'::text) = (cause IS NOT NULL))),
  constraint bank_statement_lines_check1 CHECK ((num_nonnulls(payout_id, credit_id) =
CASE cause
    WHEN 'unknown_reference'::text THEN 0
    ELSE 1
END)),
  constraint bank_statement_lines_check2 CHECK (((status = 'break'::text) OR (amount = expected))),
  constraint bank_statement_lines_direction_check CHECK ((direction = ANY (ARRAY['debit'::text, 'credit'::text]))),
  constraint bank_statement_lines_status_check CHECK ((status = ANY (ARRAY['matched'::text, 'break'::text]))),
  constraint bank_statement_lines_project_id_credit_id_fkey FOREIGN KEY (project_id, credit_id) REFERENCES bank_credits(project_id, credit_id) DEFERRABLE,
  constraint bank_statement_lines_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id),
  constraint bank_statement_lines_project_id_payout_id_fkey FOREIGN KEY (project_id, payout_id) REFERENCES bank_payouts(project_id, payout_id) DEFERRABLE
);
CREATE INDEX bank_statement_lines_by_status ON public.bank_statement_lines USING btree (project_id, status, line_id);
CREATE UNIQUE INDEX bank_statement_lines_credit_once ON public.bank_statement_lines USING btree (project_id, direction, credit_id) WHERE (status = 'matched'::text);
CREATE UNIQUE INDEX bank_statement_lines_payout_once ON public.bank_statement_lines USING btree (project_id, direction, payout_id) WHERE (status = 'matched'::text);
alter table bank_statement_lines enable row level security;
alter table bank_statement_lines force row level security;
create policy by_project on bank_statement_lines as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER bank_statement_lines_first_state BEFORE INSERT ON public.bank_statement_lines FOR EACH ROW WHEN ((new.status <> ALL ('{matched,break}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER bank_statement_lines_kept BEFORE DELETE ON public.bank_statement_lines FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER bank_statement_lines_kept_all BEFORE TRUNCATE ON public.bank_statement_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER bank_statement_lines_legal_changes BEFORE UPDATE ON public.bank_statement_lines FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change();
grant insert, select on bank_statement_lines to oms_app;

create table cash_ins (
  project_id text not null,
  cash_in_id text not null,
  customer_id text not null,
  status text not null,
  sub_status text not null,
  provider text not null,
  indicated numeric(38,0) not null,
  deposited numeric(38,0),
  deposited_at timestamp with time zone,
  email text,
  destination_asset text not null,
  destination_network text not null,
  destination_wallet_id text,
  destination_address text not null,
  location_id text not null,
  location_reference text not null,
  location_name text not null,
  location_address text not null,
  max_deposit numeric(38,0) not null,
  code text not null,
  code_expires_at timestamp with time zone not null,
  sponsor_gas boolean not null,
  metadata jsonb not null,
  transaction_id text,
  error_code text,
  error_message text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  completed_at timestamp with time zone,
  destination_external_account_id text,
  fee_rate text default '0.015'::text not null,
  fee_fixed numeric(38,0) default 50 not null,
  constraint cash_ins_pkey PRIMARY KEY (project_id, cash_in_id),
  constraint cash_ins_check CHECK (((deposited IS NULL) = (deposited_at IS NULL))),
  constraint cash_ins_check1 CHECK ((((deposited IS NOT NULL) AND (status <> ALL (ARRAY['pending'::text, 'expired'::text]))) = (transaction_id IS NOT NULL))),
  constraint cash_ins_check2 CHECK (((status = 'failed'::text) = (error_code IS NOT NULL))),
  constraint cash_ins_check3 CHECK (((status = 'completed'::text) = (completed_at IS NOT NULL))),
  constraint cash_ins_check4 CHECK ((num_nonnulls(destination_wallet_id, destination_external_account_id) <= 1)),
  constraint cash_ins_deposited_check CHECK ((deposited > (0)::numeric)),
  constraint cash_ins_deposited_when_taken CHECK (((status <> ALL (ARRAY['processing'::text, 'completed'::text])) OR (deposited IS NOT NULL))),
  constraint cash_ins_destination_asset_check CHECK ((destination_asset = 'usdc'::text)),
  constraint cash_ins_destination_network_check CHECK ((destination_network = 'polygon'::text)),
  constraint cash_ins_fee_fixed_check CHECK ((fee_fixed >= (0)::numeric)),
  constraint cash_ins_fee_rate_check CHECK ((fee_rate ~ '^0(\.[0-9]{1,6})?$'::text)),
  constraint cash_ins_indicated_check CHECK ((indicated > (0)::numeric)),
  constraint cash_ins_max_deposit_check CHECK ((max_deposit > (0)::numeric)),
  constraint cash_ins_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'completed'::text, 'expired'::text, 'failed'::text]))),
  constraint cash_ins_sub_status_check CHECK ((sub_status = ANY (ARRAY['order_reserved'::text, 'settled'::text, 'cash_deposit_expired'::text, 'cash_deposit_failed'::text, 'provider_order_failed'::text, 'provider_order_template_error'::text]))),
  constraint cash_ins_project_id_customer_id_fkey FOREIGN KEY (project_id, customer_id) REFERENCES customers(project_id, customer_id) DEFERRABLE,
  constraint cash_ins_project_id_destination_external_account_id_fkey FOREIGN KEY (project_id, destination_external_account_id) REFERENCES external_accounts(project_id, external_account_id) DEFERRABLE,
  constraint cash_ins_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id),
  constraint cash_ins_project_id_transaction_id_fkey FOREIGN KEY (project_id, transaction_id) REFERENCES transactions(project_id, transaction_id) DEFERRABLE
);
CREATE UNIQUE INDEX cash_ins_by_code ON public.cash_ins USING btree (project_id, code);
CREATE INDEX cash_ins_by_customer ON public.cash_ins USING btree (project_id, customer_id, cash_in_id);
CREATE INDEX cash_ins_by_status ON public.cash_ins USING btree (project_id, status, cash_in_id);
CREATE INDEX cash_ins_by_transaction ON public.cash_ins USING btree (project_id, transaction_id) WHERE (transaction_id IS NOT NULL);
CREATE INDEX cash_ins_deposited ON public.cash_ins USING btree (project_id, customer_id, deposited_at) WHERE (deposited_at IS NOT NULL);
alter table cash_ins enable row level security;
alter table cash_ins force row level security;
create policy by_project on cash_ins as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER cash_ins_first_state BEFORE INSERT ON public.cash_ins FOR EACH ROW WHEN ((new.status <> ALL ('{pending}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER cash_ins_kept BEFORE DELETE ON public.cash_ins FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER cash_ins_kept_all BEFORE TRUNCATE ON public.cash_ins FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER cash_ins_legal_changes BEFORE UPDATE ON public.cash_ins FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('pending > processing', 'pending > expired', 'pending > failed', 'expired > pending', 'expired > processing', 'processing > completed', 'processing > failed');
grant insert, select on cash_ins to oms_app;
grant update (status, sub_status, deposited, deposited_at, code, code_expires_at, transaction_id, error_code, error_message, updated_at, completed_at) on cash_ins to oms_app;

create table cash_pickup_contradictions (
  project_id text not null,
  provider text not null,
  provider_event_id text not null,
  kind text not null,
  pickup_id text not null,
  found text not null,
  created_at timestamp with time zone not null,
  constraint cash_pickup_contradictions_pkey PRIMARY KEY (project_id, provider, provider_event_id),
  constraint cash_pickup_contradictions_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table cash_pickup_contradictions enable row level security;
alter table cash_pickup_contradictions force row level security;
create policy by_project on cash_pickup_contradictions as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on cash_pickup_contradictions to oms_app;

create table cash_pickups (
  project_id text not null,
  pickup_id text not null,
  transaction_id text not null,
  status text not null,
  location_id text not null,
  location jsonb,
  amount numeric(38,0) not null,
  provider text,
  expires_at timestamp with time zone,
  failure_code text,
  failure_reason text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint cash_pickups_pkey PRIMARY KEY (project_id, pickup_id),
  constraint cash_pickups_project_id_transaction_id_key UNIQUE (project_id, transaction_id),
  constraint cash_pickups_amount_check CHECK ((amount > (0)::numeric)),
  constraint cash_pickups_check CHECK (((status = 'requested'::text) = (provider IS NULL))),
  constraint cash_pickups_check1 CHECK (((status <> 'ready'::text) OR (expires_at IS NOT NULL))),
  constraint cash_pickups_check2 CHECK ((num_nonnulls(failure_code, failure_reason) =
CASE status
    WHEN 'failed'::text THEN 2
    ELSE 0
END)),
  constraint cash_pickups_status_check CHECK ((status = ANY (ARRAY['requested'::text, 'ready'::text, 'collected'::text, 'expired'::text, 'failed'::text]))),
  constraint cash_pickups_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id),
  constraint cash_pickups_project_id_transaction_id_fkey FOREIGN KEY (project_id, transaction_id) REFERENCES transactions(project_id, transaction_id) DEFERRABLE
);
alter table cash_pickups enable row level security;
alter table cash_pickups force row level security;
create policy by_project on cash_pickups as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER cash_pickups_first_state BEFORE INSERT ON public.cash_pickups FOR EACH ROW WHEN ((new.status <> ALL ('{requested}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER cash_pickups_kept BEFORE DELETE ON public.cash_pickups FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER cash_pickups_kept_all BEFORE TRUNCATE ON public.cash_pickups FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER cash_pickups_legal_changes BEFORE UPDATE ON public.cash_pickups FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('requested > ready', 'requested > collected', 'requested > expired', 'requested > failed', 'ready > collected', 'ready > expired');
grant insert, select on cash_pickups to oms_app;
grant update (status, provider, expires_at, failure_code, failure_reason, updated_at) on cash_pickups to oms_app;

create table chain_blocks (
  network text not null,
  number bigint not null,
  hash text not null,
  parent_hash text not null,
  constraint chain_blocks_pkey PRIMARY KEY (network, number),
  constraint chain_blocks_network_check CHECK ((network = 'polygon'::text))
);
alter table chain_blocks enable row level security;
alter table chain_blocks force row level security;
create policy platform_only on chain_blocks as permissive for all to public using ((current_setting('oms.project'::text, true) = '*'::text));
grant delete, insert, select on chain_blocks to oms_app;

create table clock_moves (
  project_id text not null,
  move_id text not null,
  request_key text not null,
  from_at timestamp with time zone not null,
  target_at timestamp with time zone not null,
  first_event_id text not null,
  last_event_id text,
  reached_at timestamp with time zone,
  timers bigint,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint clock_moves_pkey PRIMARY KEY (project_id, move_id),
  constraint clock_moves_project_id_request_key_key UNIQUE (project_id, request_key),
  constraint clock_moves_check CHECK (((target_at >= from_at) AND ((reached_at >= from_at) AND (reached_at <= target_at)))),
  constraint clock_moves_check1 CHECK ((((ended_at IS NULL) = (reached_at IS NULL)) AND ((ended_at IS NULL) = (timers IS NULL)) AND ((ended_at IS NULL) = (last_event_id IS NULL)))),
  constraint clock_moves_project_id_fkey FOREIGN KEY (project_id) REFERENCES project_clocks(project_id) DEFERRABLE
);
alter table clock_moves enable row level security;
alter table clock_moves force row level security;
create policy by_project on clock_moves as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on clock_moves to oms_app;
grant update (last_event_id, reached_at, timers, ended_at) on clock_moves to oms_app;

create table customers (
  project_id text not null,
  customer_id text not null,
  type text not null,
  status text not null,
  first_name text,
  middle_name text,
  last_name text,
  email text,
  phone text,
  nationality text,
  external_id text,
  signed_agreement_at timestamp with time zone,
  metadata jsonb not null,
  birth_date_sealed bytea,
  residential_address_sealed bytea,
  identifying_information_sealed bytea,
  ip_address_sealed bytea,
  missing_identity text[] not null,
  review_round integer default 0 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  name_key text collate "C",
  last_name_key text collate "C",
  constraint customers_pkey PRIMARY KEY (project_id, customer_id),
  constraint customers_status_check CHECK ((status = ANY (ARRAY['active'::text, 'inactive'::text]))),
  constraint customers_type_check CHECK ((type = 'individual'::text)),
  constraint customers_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX customers_by_email ON public.customers USING btree (project_id, email, customer_id) WHERE (email IS NOT NULL);
CREATE INDEX customers_by_external_id ON public.customers USING btree (project_id, external_id, customer_id) WHERE (external_id IS NOT NULL);
CREATE INDEX customers_by_last_name ON public.customers USING btree (project_id, last_name_key, customer_id) WHERE (last_name_key IS NOT NULL);
CREATE INDEX customers_by_name ON public.customers USING btree (project_id, name_key, customer_id) WHERE (name_key IS NOT NULL);
CREATE INDEX customers_inactive ON public.customers USING btree (project_id, customer_id) WHERE (status = 'inactive'::text);
alter table customers enable row level security;
alter table customers force row level security;
create policy by_project on customers as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER customers_first_state BEFORE INSERT ON public.customers FOR EACH ROW WHEN ((new.status <> ALL ('{active}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER customers_kept BEFORE DELETE ON public.customers FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER customers_kept_all BEFORE TRUNCATE ON public.customers FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER customers_legal_changes BEFORE UPDATE ON public.customers FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('active > inactive', 'inactive > active');
CREATE TRIGGER customers_name_keys BEFORE INSERT OR UPDATE OF first_name, last_name ON public.customers FOR EACH ROW EXECUTE FUNCTION key_customer_name();
grant insert, select, update on customers to oms_app;

create table data_keys (
  project_id text not null,
  sealed_key bytea not null,
  created_at timestamp with time zone not null,
  constraint data_keys_pkey PRIMARY KEY (project_id),
  constraint data_keys_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table data_keys enable row level security;
alter table data_keys force row level security;
create policy by_project on data_keys as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant insert, select on data_keys to oms_app;

create table day_count_changes (
  project_id text not null,
  change_no bigint generated always as identity not null,
  day date not null,
  name text not null,
  amount numeric(38,0) not null,
  constraint day_count_changes_pkey PRIMARY KEY (project_id, change_no),
  constraint day_count_changes_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
) with (autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=1000);
alter table day_count_changes enable row level security;
alter table day_count_changes force row level security;
create policy by_project on day_count_changes as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant delete, insert, select on day_count_changes to oms_app;

create table day_counts (
  project_id text not null,
  day date not null,
  name text not null,
  total numeric(38,0) not null,
  constraint day_counts_pkey PRIMARY KEY (project_id, day, name),
  constraint day_counts_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table day_counts enable row level security;
alter table day_counts force row level security;
create policy by_project on day_counts as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on day_counts to oms_app;
grant update (total) on day_counts to oms_app;

create table deployment (
  only_one boolean default true not null,
  key_check bytea not null,
  created_at timestamp with time zone not null,
  constraint deployment_pkey PRIMARY KEY (only_one),
  constraint deployment_only_one_check CHECK (only_one)
);
grant insert, select on deployment to oms_app;

create table deposit_address_deposits (
  project_id text not null,
  deposit_id text not null,
  deposit_address_id text not null,
  customer_id text not null,
  status text not null,
  hold_reason text,
  amount numeric(38,0) not null,
  remaining numeric(38,0) not null,
  asset text not null,
  network text not null,
  address text not null,
  from_address text not null,
  tx_hash text not null,
  log_index integer not null,
  block_number bigint not null,
  transaction_id text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint deposit_address_deposits_pkey PRIMARY KEY (project_id, deposit_id),
  constraint deposit_address_deposits_amount_check CHECK ((amount > (0)::numeric)),
  constraint deposit_address_deposits_asset_check CHECK ((asset = 'usdc'::text)),
  constraint deposit_address_deposits_check CHECK (((remaining >= (0)::numeric) AND (remaining <= amount))),
  constraint deposit_address_deposits_check1 CHECK (((status = 'held'::text) = (hold_reason IS NOT NULL))),
  constraint deposit_address_deposits_check2 CHECK (((status = ANY (ARRAY['received'::text, 'held'::text])) OR (transaction_id IS NOT NULL))),
  constraint deposit_address_deposits_network_check CHECK ((network = 'polygon'::text)),
  constraint deposit_address_deposits_status_check CHECK ((status = ANY (ARRAY['received'::text, 'held'::text, 'processing'::text, 'delivered'::text, 'returning'::text, 'failed'::text]))),
  constraint deposit_address_deposits_project_id_deposit_address_id_fkey FOREIGN KEY (project_id, deposit_address_id) REFERENCES deposit_addresses(project_id, deposit_address_id) DEFERRABLE,
  constraint deposit_address_deposits_project_id_deposit_id_fkey FOREIGN KEY (project_id, deposit_id) REFERENCES deposits(project_id, deposit_id) DEFERRABLE,
  constraint deposit_address_deposits_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id),
  constraint deposit_address_deposits_project_id_transaction_id_fkey FOREIGN KEY (project_id, transaction_id) REFERENCES transactions(project_id, transaction_id) DEFERRABLE
);
CREATE INDEX deposit_address_deposits_by_address ON public.deposit_address_deposits USING btree (project_id, deposit_address_id, deposit_id);
CREATE INDEX deposit_address_deposits_by_customer ON public.deposit_address_deposits USING btree (project_id, customer_id, deposit_id);
CREATE INDEX deposit_address_deposits_by_reason ON public.deposit_address_deposits USING btree (project_id, hold_reason, deposit_id) WHERE (hold_reason IS NOT NULL);
CREATE INDEX deposit_address_deposits_by_status ON public.deposit_address_deposits USING btree (project_id, status, deposit_id) WHERE (status <> 'delivered'::text);
CREATE INDEX deposit_address_deposits_by_transaction ON public.deposit_address_deposits USING btree (project_id, transaction_id) WHERE (transaction_id IS NOT NULL);
CREATE INDEX deposit_address_deposits_held ON public.deposit_address_deposits USING btree (project_id, deposit_address_id, remaining DESC, deposit_id) WHERE (status = 'held'::text);
alter table deposit_address_deposits enable row level security;
alter table deposit_address_deposits force row level security;
create policy by_project on deposit_address_deposits as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER deposit_address_deposits_first_state BEFORE INSERT ON public.deposit_address_deposits FOR EACH ROW WHEN ((new.status <> ALL ('{received}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER deposit_address_deposits_kept BEFORE DELETE ON public.deposit_address_deposits FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER deposit_address_deposits_kept_all BEFORE TRUNCATE ON public.deposit_address_deposits FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER deposit_address_deposits_legal_changes BEFORE UPDATE ON public.deposit_address_deposits FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('received > held', 'received > processing', 'held > processing', 'processing > delivered', 'processing > held', 'processing > returning', 'delivered > returning', 'returning > held', 'returning > failed');
grant insert, select on deposit_address_deposits to oms_app;
grant update (status, hold_reason, remaining, transaction_id, updated_at) on deposit_address_deposits to oms_app;

create table deposit_addresses (
  project_id text not null,
  deposit_address_id text not null,
  customer_id text not null,
  status text not null,
  asset text not null,
  network text not null,
  address text not null,
  key_index bigint not null,
  destination_asset text not null,
  destination_network text not null,
  destination_wallet_id text,
  destination_address text,
  destination_external_account_id text,
  developer_fees jsonb,
  label text,
  metadata jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  deleted_at timestamp with time zone,
  constraint deposit_addresses_pkey PRIMARY KEY (project_id, deposit_address_id),
  constraint deposit_addresses_asset_check CHECK ((asset = 'usdc'::text)),
  constraint deposit_addresses_check CHECK (((destination_asset = 'usd'::text) = (destination_network <> 'polygon'::text))),
  constraint deposit_addresses_check1 CHECK (
CASE
    WHEN (destination_wallet_id IS NOT NULL) THEN (num_nonnulls(destination_address, destination_external_account_id) = 0)
    ELSE (num_nonnulls(destination_address, destination_external_account_id) > 0)
END),
  constraint deposit_addresses_check2 CHECK (((status = 'deleted'::text) = (deleted_at IS NOT NULL))),
  constraint deposit_addresses_destination_asset_check CHECK ((destination_asset = ANY (ARRAY['usdc'::text, 'usd'::text]))),
  constraint deposit_addresses_destination_network_check CHECK ((destination_network = ANY (ARRAY['polygon'::text, 'ach'::text, 'wire'::text, 'swift'::text]))),
  constraint deposit_addresses_developer_fees_check CHECK ((jsonb_typeof(developer_fees) = 'array'::text)),
  constraint deposit_addresses_network_check CHECK ((network = 'polygon'::text)),
  constraint deposit_addresses_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'deleted'::text]))),
  constraint deposit_addresses_project_id_customer_id_fkey FOREIGN KEY (project_id, customer_id) REFERENCES customers(project_id, customer_id) DEFERRABLE,
  constraint deposit_addresses_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE UNIQUE INDEX deposit_addresses_by_address ON public.deposit_addresses USING btree (project_id, lower(address));
CREATE INDEX deposit_addresses_by_customer ON public.deposit_addresses USING btree (project_id, customer_id, deposit_address_id);
alter table deposit_addresses enable row level security;
alter table deposit_addresses force row level security;
create policy by_project on deposit_addresses as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER deposit_addresses_first_state BEFORE INSERT ON public.deposit_addresses FOR EACH ROW WHEN ((new.status <> ALL ('{active}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER deposit_addresses_kept BEFORE DELETE ON public.deposit_addresses FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER deposit_addresses_kept_all BEFORE TRUNCATE ON public.deposit_addresses FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER deposit_addresses_legal_changes BEFORE UPDATE ON public.deposit_addresses FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('active > paused', 'paused > active', 'active > deleted', 'paused > deleted');
grant insert, select on deposit_addresses to oms_app;
grant update (status, destination_asset, destination_network, destination_wallet_id, destination_address, destination_external_account_id, developer_fees, label, metadata, updated_at, deleted_at) on deposit_addresses to oms_app;

create table deposits (
  project_id text not null,
  deposit_id text not null,
  network text not null,
  asset text not null,
  tx_hash text not null,
  log_index integer not null,
  block_number bigint not null,
  block_hash text not null,
  from_address text not null,
  to_address text not null,
  amount numeric(38,0) not null,
  purpose text not null,
  resource_id text not null,
  status text not null,
  created_at timestamp with time zone not null,
  credited_at timestamp with time zone,
  constraint deposits_pkey PRIMARY KEY (project_id, deposit_id),
  constraint deposits_network_tx_hash_log_index_block_hash_key UNIQUE (network, tx_hash, log_index, block_hash),
  constraint deposits_amount_check CHECK ((amount > (0)::numeric)),
  constraint deposits_asset_check CHECK ((asset = 'usdc'::text)),
  constraint deposits_check CHECK (((status = 'credited'::text) = (credited_at IS NOT NULL))),
  constraint deposits_network_check CHECK ((network = 'polygon'::text)),
  constraint deposits_purpose_check CHECK ((purpose = ANY (ARRAY['wallet'::text, 'treasury'::text, 'depositAddress'::text]))),
  constraint deposits_status_check CHECK ((status = ANY (ARRAY['detected'::text, 'credited'::text, 'orphaned'::text]))),
  constraint deposits_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX deposits_credited_by_address ON public.deposits USING btree (project_id, to_address, block_number) WHERE (status = 'credited'::text);
CREATE UNIQUE INDEX deposits_credited_once ON public.deposits USING btree (network, tx_hash, log_index) WHERE (status = 'credited'::text);
CREATE INDEX deposits_detected ON public.deposits USING btree (network, block_number) WHERE (status = 'detected'::text);
alter table deposits enable row level security;
alter table deposits force row level security;
create policy by_project on deposits as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
CREATE TRIGGER deposits_first_state BEFORE INSERT ON public.deposits FOR EACH ROW WHEN ((new.status <> ALL ('{detected}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER deposits_kept BEFORE DELETE ON public.deposits FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER deposits_kept_all BEFORE TRUNCATE ON public.deposits FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER deposits_legal_changes BEFORE UPDATE ON public.deposits FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('detected > credited', 'detected > orphaned', 'orphaned > detected');
grant insert, select on deposits to oms_app;
grant update (status, credited_at) on deposits to oms_app;

create table endorsements (
  project_id text not null,
  customer_id text not null,
  type text not null,
  status text not null,
  rejection_reasons jsonb default '[]'::jsonb not null,
  updated_at timestamp with time zone not null,
  missing text[] default '{}'::text[] not null,
  issues text[] default '{}'::text[] not null,
  constraint endorsements_pkey PRIMARY KEY (project_id, customer_id, type),
  constraint endorsements_status_check CHECK ((status = ANY (ARRAY['PENDING'::text, 'ACTIVE'::text, 'REJECTED'::text, 'REVOKED'::text]))),
  constraint endorsements_type_check CHECK ((type = ANY (ARRAY['basic'::text, 'cryptoCustody'::text, 'usd'::text]))),
  constraint endorsements_project_id_customer_id_fkey FOREIGN KEY (project_id, customer_id) REFERENCES customers(project_id, customer_id) DEFERRABLE
);
alter table endorsements enable row level security;
alter table endorsements force row level security;
create policy by_project on endorsements as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER endorsements_first_state BEFORE INSERT ON public.endorsements FOR EACH ROW WHEN ((new.status <> ALL ('{PENDING,ACTIVE,REJECTED}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER endorsements_kept BEFORE DELETE ON public.endorsements FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER endorsements_kept_all BEFORE TRUNCATE ON public.endorsements FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER endorsements_legal_changes BEFORE UPDATE ON public.endorsements FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('PENDING > ACTIVE', 'PENDING > REJECTED', 'ACTIVE > REJECTED', 'ACTIVE > REVOKED', 'REJECTED > PENDING', 'REJECTED > ACTIVE', 'REVOKED > PENDING');
grant insert, select, update on endorsements to oms_app;

create table event_listeners (
  project_id text not null,
  created_at timestamp with time zone not null,
  constraint event_listeners_pkey PRIMARY KEY (project_id),
  constraint event_listeners_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table event_listeners enable row level security;
alter table event_listeners force row level security;
create policy by_project on event_listeners as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on event_listeners to oms_app;

create table event_outbox (
  project_id text not null,
  event_id text collate "C" not null,
  type text not null,
  resource_id text not null,
  sequence bigint not null,
  constraint event_outbox_pkey PRIMARY KEY (project_id, event_id),
  constraint event_outbox_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table event_outbox enable row level security;
alter table event_outbox force row level security;
create policy by_project on event_outbox as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant delete, insert, select on event_outbox to oms_app;

create table event_retention (
  only_one boolean default true not null,
  kept_since timestamp with time zone not null,
  constraint event_retention_pkey PRIMARY KEY (only_one),
  constraint event_retention_only_one_check CHECK (only_one)
);
grant select on event_retention to oms_app;

create table event_sequences (
  project_id text not null,
  resource_id text not null,
  last_sequence bigint not null,
  constraint event_sequences_pkey PRIMARY KEY (project_id, resource_id),
  constraint event_sequences_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
) with (fillfactor=80);
alter table event_sequences enable row level security;
alter table event_sequences force row level security;
create policy by_project on event_sequences as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select, update on event_sequences to oms_app;

create table events (
  project_id text not null,
  event_id text collate "C" not null,
  type text not null,
  resource_id text not null,
  sequence bigint not null,
  data json not null,
  created_at timestamp with time zone not null,
  constraint events_pkey PRIMARY KEY (project_id, event_id),
  constraint events_sequence_check1 CHECK ((sequence > 0)),
  constraint events_project_id_fkey1 FOREIGN KEY (project_id) REFERENCES projects(project_id)
) partition by RANGE (event_id);
CREATE INDEX events_by_resource ON ONLY public.events USING btree (project_id, resource_id, event_id);
CREATE INDEX events_by_type ON ONLY public.events USING btree (project_id, type, event_id);
alter table events enable row level security;
alter table events force row level security;
create policy by_project on events as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER events_append_only BEFORE UPDATE ON public.events FOR EACH ROW EXECUTE FUNCTION refuse_change();
grant insert, select on events to oms_app;

create table exchange_rates (
  pair text not null,
  rate text not null,
  observed_at timestamp with time zone not null,
  reference_rate text not null,
  reference_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint exchange_rates_pkey PRIMARY KEY (pair),
  constraint exchange_rates_pair_check CHECK ((pair ~ '^[a-z]{2,10}/[a-z]{2,10}$'::text)),
  constraint exchange_rates_rate_check CHECK (((rate ~ '^(0|[1-9][0-9]{0,8})(\.[0-9]{1,12})?$'::text) AND ((rate)::numeric > (0)::numeric))),
  constraint exchange_rates_reference_rate_check CHECK (((reference_rate ~ '^(0|[1-9][0-9]{0,8})(\.[0-9]{1,12})?$'::text) AND ((reference_rate)::numeric > (0)::numeric)))
);
grant insert, select on exchange_rates to oms_app;
grant update (rate, observed_at, reference_rate, reference_at, updated_at) on exchange_rates to oms_app;

create table external_accounts (
  project_id text not null,
  external_account_id text not null,
  customer_id text not null,
  type text not null,
  network text not null,
  status text not null,
  owner_name text not null,
  owner_type text not null,
  country text,
  currency text not null,
  address text,
  display jsonb not null,
  numbers_sealed bytea,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint external_accounts_pkey PRIMARY KEY (project_id, external_account_id),
  constraint external_accounts_check CHECK (((type = 'blockchainAddress'::text) = (address IS NOT NULL))),
  constraint external_accounts_check1 CHECK (((type = 'blockchainAddress'::text) = (country IS NULL))),
  constraint external_accounts_check2 CHECK (((type = ANY (ARRAY['usBank'::text, 'intlBank'::text])) = (numbers_sealed IS NOT NULL))),
  constraint external_accounts_currency_check CHECK ((currency = ANY (ARRAY['usd'::text, 'usdc'::text]))),
  constraint external_accounts_network_check CHECK ((network = ANY (ARRAY['ach'::text, 'wire'::text, 'swift'::text, 'card'::text, 'polygon'::text]))),
  constraint external_accounts_owner_type_check CHECK ((owner_type = ANY (ARRAY['individual'::text, 'business'::text]))),
  constraint external_accounts_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'verified'::text, 'declined'::text, 'deleted'::text]))),
  constraint external_accounts_type_check CHECK ((type = ANY (ARRAY['usBank'::text, 'intlBank'::text, 'debitCard'::text, 'blockchainAddress'::text]))),
  constraint external_accounts_project_id_customer_id_fkey FOREIGN KEY (project_id, customer_id) REFERENCES customers(project_id, customer_id) DEFERRABLE,
  constraint external_accounts_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX external_accounts_by_address ON public.external_accounts USING btree (project_id, lower(address)) WHERE (address IS NOT NULL);
CREATE INDEX external_accounts_by_customer ON public.external_accounts USING btree (project_id, customer_id, external_account_id);
alter table external_accounts enable row level security;
alter table external_accounts force row level security;
create policy by_project on external_accounts as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER external_accounts_first_state BEFORE INSERT ON public.external_accounts FOR EACH ROW WHEN ((new.status <> ALL ('{pending}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER external_accounts_kept BEFORE DELETE ON public.external_accounts FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER external_accounts_kept_all BEFORE TRUNCATE ON public.external_accounts FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER external_accounts_legal_changes BEFORE UPDATE ON public.external_accounts FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('pending > verified', 'pending > declined', 'pending > deleted', 'verified > deleted', 'declined > deleted');
grant insert, select on external_accounts to oms_app;
grant update (status, display, numbers_sealed, updated_at) on external_accounts to oms_app;

create table idempotency_keys (
  project_id text not null,
  key text not null,
  fingerprint bytea not null,
  status integer not null,
  sealed_reply bytea,
  created_at timestamp with time zone not null,
  constraint idempotency_keys_pkey PRIMARY KEY (project_id, key),
  constraint idempotency_keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint idempotency_keys_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy by_project on idempotency_keys as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant delete, insert, select on idempotency_keys to oms_app;
grant update (sealed_reply) on idempotency_keys to oms_app;

create table ignored_transfer_cursors (
  network text not null,
  listed_number bigint not null,
  constraint ignored_transfer_cursors_pkey PRIMARY KEY (network),
  constraint ignored_transfer_cursors_network_check CHECK ((network = 'polygon'::text))
);
alter table ignored_transfer_cursors enable row level security;
alter table ignored_transfer_cursors force row level security;
create policy platform_only on ignored_transfer_cursors as permissive for all to public using ((current_setting('oms.project'::text, true) = '*'::text));
grant insert, select on ignored_transfer_cursors to oms_app;
grant update (listed_number) on ignored_transfer_cursors to oms_app;

create table ignored_transfers (
  project_id text not null,
  ignored_transfer_id text not null,
  network text not null,
  reason text not null,
  token text not null,
  from_address text not null,
  to_address text not null,
  amount numeric(78,0) not null,
  tx_hash text not null,
  log_index integer not null,
  block_number bigint not null,
  block_hash text not null,
  block_time timestamp with time zone not null,
  purpose text not null,
  resource_id text not null,
  created_at timestamp with time zone not null,
  constraint ignored_transfers_pkey PRIMARY KEY (project_id, ignored_transfer_id),
  constraint ignored_transfers_network_tx_hash_log_index_key UNIQUE (network, tx_hash, log_index),
  constraint ignored_transfers_amount_check CHECK ((amount >= (0)::numeric)),
  constraint ignored_transfers_network_check CHECK ((network = 'polygon'::text)),
  constraint ignored_transfers_purpose_check CHECK ((purpose = ANY (ARRAY['wallet'::text, 'treasury'::text, 'depositAddress'::text]))),
  constraint ignored_transfers_reason_check CHECK ((reason = ANY (ARRAY['wrong_token'::text, 'zero_value'::text]))),
  constraint ignored_transfers_token_check CHECK ((token ~ '^0x[0-9a-f]{40}$'::text)),
  constraint ignored_transfers_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX ignored_transfers_by_address ON public.ignored_transfers USING btree (project_id, to_address, ignored_transfer_id);
CREATE INDEX ignored_transfers_by_reason ON public.ignored_transfers USING btree (project_id, reason, ignored_transfer_id);
alter table ignored_transfers enable row level security;
alter table ignored_transfers force row level security;
create policy by_project on ignored_transfers as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER ignored_transfers_append_only BEFORE DELETE OR UPDATE ON public.ignored_transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
grant insert, select on ignored_transfers to oms_app;

create table indexer_cursors (
  network text not null,
  finalized_number bigint not null,
  finalized_hash text not null,
  constraint indexer_cursors_pkey PRIMARY KEY (network),
  constraint indexer_cursors_network_check CHECK ((network = 'polygon'::text))
);
alter table indexer_cursors enable row level security;
alter table indexer_cursors force row level security;
create policy platform_only on indexer_cursors as permissive for all to public using ((current_setting('oms.project'::text, true) = '*'::text));
grant insert, select on indexer_cursors to oms_app;
grant update (finalized_number, finalized_hash) on indexer_cursors to oms_app;

create table invitations (
  organization_id text not null,
  invitation_id text not null,
  email text not null,
  role text not null,
  token_hash bytea not null,
  invited_by text not null,
  invited_by_email text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint invitations_pkey PRIMARY KEY (organization_id, invitation_id),
  constraint invitations_organization_id_email_key UNIQUE (organization_id, email),
  constraint invitations_token_hash_key UNIQUE (token_hash),
  constraint invitations_email_check CHECK ((email = lower(email))),
  constraint invitations_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'developer'::text, 'operator'::text, 'viewer'::text]))),
  constraint invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES users(user_id),
  constraint invitations_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(organization_id)
);
alter table invitations enable row level security;
alter table invitations force row level security;
create policy by_organization on invitations as permissive for all to public using (((current_setting('oms.project'::text, true) = '*'::text) OR (current_setting('oms.project'::text, true) = organization_id)));
grant delete, insert, select on invitations to oms_app;

create table jobs (
  job_id bigint generated always as identity not null,
  project_id text not null,
  task text not null,
  payload jsonb not null,
  run_at timestamp with time zone not null,
  attempts integer default 0 not null,
  lease_token uuid,
  last_error text,
  dead_at timestamp with time zone,
  created_at timestamp with time zone not null,
  own_time boolean default false not null,
  not_before timestamp with time zone,
  constraint jobs_pkey PRIMARY KEY (job_id)
) with (fillfactor=70, autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=1000);
CREATE INDEX jobs_dead ON public.jobs USING btree (project_id, dead_at) WHERE (dead_at IS NOT NULL);
CREATE INDEX jobs_due ON public.jobs USING btree (task, run_at, job_id) WHERE ((dead_at IS NULL) AND (NOT own_time));
CREATE INDEX jobs_due_in_own_time ON public.jobs USING btree (project_id, run_at, job_id) WHERE ((dead_at IS NULL) AND own_time);
alter table jobs enable row level security;
alter table jobs force row level security;
create policy by_project on jobs as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant delete, insert, select, update on jobs to oms_app;

create table ledger_accounts (
  project_id text not null,
  account_id text not null,
  kind text not null,
  owner text not null,
  asset text not null,
  limit_side text not null,
  debits_pending numeric(38,0) default 0 not null,
  debits_posted numeric(38,0) default 0 not null,
  credits_pending numeric(38,0) default 0 not null,
  credits_posted numeric(38,0) default 0 not null,
  created_at timestamp with time zone not null,
  account_no bigint generated always as identity not null,
  last_entry_at timestamp with time zone default '-infinity'::timestamp with time zone not null,
  closed_at timestamp with time zone,
  constraint ledger_accounts_pkey PRIMARY KEY (project_id, account_id),
  constraint ledger_accounts_by_no UNIQUE (account_no),
  constraint closed_is_empty CHECK (((closed_at IS NULL) OR ((debits_posted = credits_posted) AND (debits_pending = (0)::numeric) AND (credits_pending = (0)::numeric)))),
  constraint funds_suffice CHECK (
CASE limit_side
    WHEN 'credit'::text THEN ((debits_posted + debits_pending) <= credits_posted)
    WHEN 'debit'::text THEN ((credits_posted + credits_pending) <= debits_posted)
    ELSE true
END),
  constraint ledger_accounts_asset_check CHECK ((asset = ANY (ARRAY['usd'::text, 'usdc'::text, 'usdt'::text, 'eth'::text]))),
  constraint ledger_accounts_check CHECK ((account_id = ((((kind || ':'::text) || owner) || ':'::text) || asset))),
  constraint ledger_accounts_credits_pending_check CHECK ((credits_pending >= (0)::numeric)),
  constraint ledger_accounts_credits_posted_check CHECK ((credits_posted >= (0)::numeric)),
  constraint ledger_accounts_debits_pending_check CHECK ((debits_pending >= (0)::numeric)),
  constraint ledger_accounts_debits_posted_check CHECK ((debits_posted >= (0)::numeric)),
  constraint ledger_accounts_limit_side_check CHECK ((limit_side = ANY (ARRAY['credit'::text, 'debit'::text, 'none'::text]))),
  constraint ledger_accounts_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
) with (fillfactor=70);
CREATE INDEX ledger_accounts_by_age ON public.ledger_accounts USING btree (project_id, account_no);
CREATE INDEX ledger_accounts_by_asset ON public.ledger_accounts USING btree (project_id, asset, account_no);
CREATE INDEX ledger_accounts_by_kind ON public.ledger_accounts USING btree (project_id, kind, asset, account_no);
CREATE INDEX ledger_accounts_by_owner ON public.ledger_accounts USING btree (project_id, owner);
alter table ledger_accounts enable row level security;
alter table ledger_accounts force row level security;
create policy by_project on ledger_accounts as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant select on ledger_accounts to oms_app;

create table ledger_batches (
  project_id text not null,
  batch_id bigint generated always as identity not null,
  transfers integer not null,
  digest bytea not null,
  created_at timestamp with time zone not null,
  chain_position bigint,
  chain_hash bytea,
  constraint ledger_batches_pkey PRIMARY KEY (project_id, batch_id),
  constraint ledger_batches_project_id_chain_position_key UNIQUE (project_id, chain_position),
  constraint ledger_batches_chain_hash_check CHECK ((length(chain_hash) = 32)),
  constraint ledger_batches_chain_position_check CHECK ((chain_position > 0)),
  constraint ledger_batches_check CHECK (((chain_position IS NULL) = (chain_hash IS NULL))),
  constraint ledger_batches_digest_check CHECK ((length(digest) = 32)),
  constraint ledger_batches_transfers_check CHECK ((transfers > 0))
);
CREATE INDEX ledger_batches_unchained ON public.ledger_batches USING btree (project_id, batch_id) WHERE (chain_position IS NULL);
alter table ledger_batches enable row level security;
alter table ledger_batches force row level security;
create policy by_project on ledger_batches as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
CREATE TRIGGER ledger_batches_append_only BEFORE DELETE ON public.ledger_batches FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_batches_chained_once BEFORE UPDATE ON public.ledger_batches FOR EACH ROW EXECUTE FUNCTION refuse_rechaining();
CREATE TRIGGER ledger_batches_kept_all BEFORE TRUNCATE ON public.ledger_batches FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
grant select on ledger_batches to oms_app;

create table ledger_totals (
  project_id text not null,
  kind text not null,
  asset text not null,
  net numeric(38,0) not null,
  constraint ledger_totals_pkey PRIMARY KEY (project_id, kind, asset),
  constraint ledger_totals_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table ledger_totals enable row level security;
alter table ledger_totals force row level security;
create policy by_project on ledger_totals as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant select on ledger_totals to oms_app;

create table ledger_transfers (
  project_id text not null,
  seq bigint generated always as identity not null,
  batch_id bigint not null,
  group_id text not null,
  "position" integer not null,
  kind text not null,
  transfer_id text,
  pending_id text,
  debit_no bigint not null,
  credit_no bigint not null,
  amount numeric(38,0) not null,
  debit_posted_after numeric(38,0) not null,
  debit_reserved_after numeric(38,0) not null,
  debit_incoming_after numeric(38,0) not null,
  credit_posted_after numeric(38,0) not null,
  credit_reserved_after numeric(38,0) not null,
  credit_incoming_after numeric(38,0) not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  constraint ledger_transfers_pk PRIMARY KEY (project_id, group_id, "position"),
  constraint ledger_transfers_amount_check1 CHECK ((amount > (0)::numeric)),
  constraint ledger_transfers_check2 CHECK ((debit_no <> credit_no)),
  constraint ledger_transfers_check3 CHECK (((kind = 'pending'::text) = (transfer_id IS NOT NULL))),
  constraint ledger_transfers_check4 CHECK (((kind = ANY (ARRAY['post'::text, 'void'::text])) = (pending_id IS NOT NULL))),
  constraint ledger_transfers_check5 CHECK (((expires_at IS NULL) OR (kind = 'pending'::text))),
  constraint ledger_transfers_kind_check1 CHECK ((kind = ANY (ARRAY['single'::text, 'pending'::text, 'post'::text, 'void'::text])))
);
CREATE INDEX ledger_transfers_by_batch ON public.ledger_transfers USING btree (batch_id);
CREATE INDEX ledger_transfers_by_credit ON public.ledger_transfers USING btree (credit_no, created_at, seq);
CREATE INDEX ledger_transfers_by_debit ON public.ledger_transfers USING btree (debit_no, created_at, seq);
CREATE UNIQUE INDEX ledger_transfers_holds ON public.ledger_transfers USING btree (project_id, transfer_id) WHERE (transfer_id IS NOT NULL);
CREATE UNIQUE INDEX ledger_transfers_resolved_once ON public.ledger_transfers USING btree (project_id, pending_id) WHERE (pending_id IS NOT NULL);
alter table ledger_transfers enable row level security;
alter table ledger_transfers force row level security;
create policy by_project on ledger_transfers as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER ledger_transfers_append_only BEFORE DELETE OR UPDATE ON public.ledger_transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_transfers_kept_all BEFORE TRUNCATE ON public.ledger_transfers FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
grant select on ledger_transfers to oms_app;

create table ledger_verifications (
  project_id text not null,
  verification_id text not null,
  status text not null,
  checked bigint default 0 not null,
  total bigint default 0 not null,
  findings text[] default '{}'::text[] not null,
  hash text,
  lease_token uuid,
  leased_until timestamp with time zone default '-infinity'::timestamp with time zone not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint ledger_verifications_pkey PRIMARY KEY (project_id, verification_id),
  constraint ledger_verifications_check CHECK (((status = 'running'::text) = (ended_at IS NULL))),
  constraint ledger_verifications_status_check CHECK ((status = ANY (ARRAY['running'::text, 'holds'::text, 'broken'::text, 'failed'::text]))),
  constraint ledger_verifications_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE UNIQUE INDEX ledger_verifications_running ON public.ledger_verifications USING btree (project_id) WHERE (status = 'running'::text);
alter table ledger_verifications enable row level security;
alter table ledger_verifications force row level security;
create policy by_project on ledger_verifications as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER ledger_verifications_first_state BEFORE INSERT ON public.ledger_verifications FOR EACH ROW WHEN ((new.status <> ALL ('{running}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER ledger_verifications_kept BEFORE DELETE ON public.ledger_verifications FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER ledger_verifications_kept_all BEFORE TRUNCATE ON public.ledger_verifications FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER ledger_verifications_legal_changes BEFORE UPDATE ON public.ledger_verifications FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('running > holds', 'running > broken', 'running > failed');
grant insert, select on ledger_verifications to oms_app;
grant update (status, checked, total, findings, hash, lease_token, leased_until, ended_at) on ledger_verifications to oms_app;

create table local_chain_log (
  seq bigint generated always as identity not null,
  kind text not null,
  payload jsonb not null,
  hash text,
  constraint local_chain_log_pkey PRIMARY KEY (seq),
  constraint local_chain_log_check CHECK (((hash IS NULL) OR (kind = 'block'::text))),
  constraint local_chain_log_hash_check CHECK ((hash ~ '^0x[0-9a-f]{64}$'::text)),
  constraint local_chain_log_kind_check CHECK ((kind = ANY (ARRAY['genesis'::text, 'transaction'::text, 'call'::text, 'block'::text])))
);
grant insert, select on local_chain_log to oms_app;
grant update (hash) on local_chain_log to oms_app;

create table memberships (
  organization_id text not null,
  user_id text not null,
  role text not null,
  joined_at timestamp with time zone not null,
  constraint memberships_pkey PRIMARY KEY (organization_id, user_id),
  constraint memberships_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'developer'::text, 'operator'::text, 'viewer'::text]))),
  constraint memberships_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(organization_id),
  constraint memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(user_id)
);
CREATE INDEX memberships_by_user ON public.memberships USING btree (user_id);
alter table memberships enable row level security;
alter table memberships force row level security;
create policy by_organization on memberships as permissive for all to public using (((current_setting('oms.project'::text, true) = '*'::text) OR (current_setting('oms.project'::text, true) = organization_id)));
grant delete, insert, select on memberships to oms_app;
grant update (role) on memberships to oms_app;

create table organizations (
  organization_id text not null,
  name text not null,
  created_at timestamp with time zone not null,
  constraint organizations_pkey PRIMARY KEY (organization_id)
);
alter table organizations enable row level security;
alter table organizations force row level security;
create policy by_organization on organizations as permissive for all to public using (((current_setting('oms.project'::text, true) = '*'::text) OR (current_setting('oms.project'::text, true) = organization_id)));
grant insert, select on organizations to oms_app;
grant update (name) on organizations to oms_app;

create table project_clocks (
  project_id text not null,
  stands_at timestamp with time zone,
  offset_ms bigint not null,
  set_at timestamp with time zone not null,
  is_known boolean not null,
  move_id text,
  target_at timestamp with time zone,
  runs_after boolean default false not null,
  timers bigint default 0 not null,
  lease_token uuid,
  leased_until timestamp with time zone default '-infinity'::timestamp with time zone not null,
  events_kept_since timestamp with time zone default '-infinity'::timestamp with time zone not null,
  seed text,
  address_space integer,
  drawn bigint default 0 not null,
  addresses bigint default 0 not null,
  epoch bigint default 0 not null,
  awaited_transfers text[] default '{}'::text[] not null,
  awaited_until timestamp with time zone default '-infinity'::timestamp with time zone not null,
  constraint project_clocks_pkey PRIMARY KEY (project_id),
  constraint project_clocks_address_space_key UNIQUE (address_space),
  constraint project_clocks_address_space_check CHECK (((address_space >= 0) AND (address_space < 1073741824))),
  constraint project_clocks_addresses_check CHECK ((addresses >= 0)),
  constraint project_clocks_check CHECK (((target_at IS NULL) OR ((stands_at IS NOT NULL) AND (move_id IS NOT NULL)))),
  constraint project_clocks_check1 CHECK (((stands_at IS NULL) OR is_known)),
  constraint project_clocks_check2 CHECK (((offset_ms = 0) OR is_known)),
  constraint project_clocks_check3 CHECK (((seed IS NULL) = (address_space IS NULL))),
  constraint project_clocks_check4 CHECK (((seed IS NULL) OR is_known)),
  constraint project_clocks_drawn_check CHECK ((drawn >= 0)),
  constraint project_clocks_epoch_check CHECK ((epoch >= 0)),
  constraint project_clocks_seed_check CHECK ((seed ~ '^[A-Za-z0-9._-]{1,64}$'::text)),
  constraint project_clocks_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX project_clocks_moving ON public.project_clocks USING btree (project_id) WHERE (target_at IS NOT NULL);
alter table project_clocks enable row level security;
alter table project_clocks force row level security;
create policy by_project on project_clocks as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
CREATE TRIGGER project_clocks_go_forward BEFORE UPDATE ON public.project_clocks FOR EACH ROW EXECUTE FUNCTION project_clock_goes_forward();
CREATE TRIGGER project_clocks_kept BEFORE DELETE ON public.project_clocks FOR EACH ROW EXECUTE FUNCTION refuse_change();
grant insert, select, update on project_clocks to oms_app;

create table project_settings (
  project_id text not null,
  changed jsonb not null,
  updated_at timestamp with time zone not null,
  constraint project_settings_pkey PRIMARY KEY (project_id),
  constraint project_settings_changed_check CHECK ((jsonb_typeof(changed) = 'object'::text)),
  constraint project_settings_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table project_settings enable row level security;
alter table project_settings force row level security;
create policy by_project on project_settings as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on project_settings to oms_app;
grant update (changed, updated_at) on project_settings to oms_app;

create table projects (
  project_id text not null,
  name text not null,
  mode text not null,
  created_at timestamp with time zone not null,
  origin bytea,
  organization_id text default first_organization() not null,
  constraint projects_pkey PRIMARY KEY (project_id),
  constraint projects_origin_key UNIQUE (origin),
  constraint projects_mode_check CHECK ((mode = ANY (ARRAY['sandbox'::text, 'live'::text]))),
  constraint projects_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(organization_id)
);
CREATE INDEX projects_by_organization ON public.projects USING btree (organization_id, created_at);
CREATE INDEX projects_by_organization_name ON public.projects USING btree (organization_id, name);
alter table projects enable row level security;
alter table projects force row level security;
create policy by_organization on projects as permissive for select to public using ((organization_id = current_setting('oms.project'::text, true)));
create policy by_project on projects as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant insert, select on projects to oms_app;

create table provider_events (
  project_id text not null,
  provider text not null,
  provider_event_id text not null,
  type text not null,
  received_at timestamp with time zone not null,
  constraint provider_events_pkey PRIMARY KEY (project_id, provider, provider_event_id),
  constraint provider_events_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table provider_events enable row level security;
alter table provider_events force row level security;
create policy by_project on provider_events as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER provider_events_append_only BEFORE DELETE OR UPDATE ON public.provider_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
grant insert, select on provider_events to oms_app;

create table quotes (
  project_id text not null,
  quote_id text not null,
  customer_id text not null,
  type text not null,
  status text not null,
  source_wallet_id text not null,
  source_asset text not null,
  source_network text not null,
  source_gross numeric(38,0) not null,
  fee_developer numeric(38,0) not null,
  fee_oms numeric(38,0) not null,
  fee_gas numeric(38,0) not null,
  destination_wallet_id text,
  destination_address text,
  destination_external_account_id text,
  destination_location_id text,
  destination_location_reference text,
  destination_asset text not null,
  destination_network text not null,
  destination_gross numeric(38,0) not null,
  exchange_rate text not null,
  fixed_side text not null,
  developer_fees jsonb not null,
  sponsor_gas boolean not null,
  gas_cost numeric(38,0) not null,
  metadata jsonb not null,
  transaction_id text,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint quotes_pkey PRIMARY KEY (project_id, quote_id),
  constraint quotes_check CHECK (((num_nonnulls(destination_wallet_id, destination_address, destination_external_account_id, destination_location_id) >= 1) AND (num_nonnulls(destination_wallet_id, destination_address, destination_external_account_id, destination_location_id) <= 2))),
  constraint quotes_check1 CHECK (((status = 'accepted'::text) = (transaction_id IS NOT NULL))),
  constraint quotes_destination_gross_check CHECK ((destination_gross > (0)::numeric)),
  constraint quotes_fee_developer_check CHECK ((fee_developer >= (0)::numeric)),
  constraint quotes_fee_gas_check CHECK ((fee_gas >= (0)::numeric)),
  constraint quotes_fee_oms_check CHECK ((fee_oms >= (0)::numeric)),
  constraint quotes_fixed_side_check CHECK ((fixed_side = ANY (ARRAY['source'::text, 'destination'::text]))),
  constraint quotes_gas_cost_check CHECK ((gas_cost >= (0)::numeric)),
  constraint quotes_source_gross_check CHECK ((source_gross > (0)::numeric)),
  constraint quotes_status_check CHECK ((status = ANY (ARRAY['open'::text, 'accepted'::text]))),
  constraint quotes_type_check CHECK ((type = ANY (ARRAY['cryptoToCrypto'::text, 'cryptoToFiat'::text]))),
  constraint quotes_project_id_customer_id_fkey FOREIGN KEY (project_id, customer_id) REFERENCES customers(project_id, customer_id) DEFERRABLE,
  constraint quotes_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX quotes_by_customer ON public.quotes USING btree (project_id, customer_id);
alter table quotes enable row level security;
alter table quotes force row level security;
create policy by_project on quotes as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER quotes_first_state BEFORE INSERT ON public.quotes FOR EACH ROW WHEN ((new.status <> ALL ('{open}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER quotes_kept BEFORE DELETE ON public.quotes FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER quotes_kept_all BEFORE TRUNCATE ON public.quotes FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER quotes_legal_changes BEFORE UPDATE ON public.quotes FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('open > accepted');
grant insert, select on quotes to oms_app;
grant update (status, transaction_id, updated_at) on quotes to oms_app;

create table reconciliation_breaks (
  project_id text not null,
  break_id text not null,
  subject_type text not null,
  subject_id text not null,
  address text not null,
  network text not null,
  asset text not null,
  ledger_minor numeric(38,0) not null,
  chain_minor numeric(38,0) not null,
  cause text not null,
  block_number bigint not null,
  status text not null,
  first_run_id text not null,
  first_seen_at timestamp with time zone not null,
  last_run_id text not null,
  last_seen_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  constraint reconciliation_breaks_pkey PRIMARY KEY (project_id, break_id),
  constraint reconciliation_breaks_asset_check CHECK ((asset = 'usdc'::text)),
  constraint reconciliation_breaks_cause_check CHECK ((cause = ANY (ARRAY['in_flight'::text, 'unbooked_transfer'::text, 'missing_on_chain'::text, 'unknown'::text]))),
  constraint reconciliation_breaks_check CHECK ((ledger_minor <> chain_minor)),
  constraint reconciliation_breaks_check1 CHECK (((status = 'closed'::text) = (closed_at IS NOT NULL))),
  constraint reconciliation_breaks_network_check CHECK ((network = 'polygon'::text)),
  constraint reconciliation_breaks_status_check CHECK ((status = ANY (ARRAY['open'::text, 'closed'::text]))),
  constraint reconciliation_breaks_subject_type_check CHECK ((subject_type = ANY (ARRAY['wallet'::text, 'treasury'::text, 'depositAddress'::text]))),
  constraint reconciliation_breaks_project_id_first_run_id_fkey FOREIGN KEY (project_id, first_run_id) REFERENCES reconciliation_runs(project_id, run_id) DEFERRABLE,
  constraint reconciliation_breaks_project_id_last_run_id_fkey FOREIGN KEY (project_id, last_run_id) REFERENCES reconciliation_runs(project_id, run_id) DEFERRABLE
);
CREATE INDEX reconciliation_breaks_by_status ON public.reconciliation_breaks USING btree (project_id, status, break_id);
CREATE UNIQUE INDEX reconciliation_breaks_open ON public.reconciliation_breaks USING btree (project_id, subject_type, subject_id, asset) WHERE (status = 'open'::text);
alter table reconciliation_breaks enable row level security;
alter table reconciliation_breaks force row level security;
create policy by_project on reconciliation_breaks as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER reconciliation_breaks_first_state BEFORE INSERT ON public.reconciliation_breaks FOR EACH ROW WHEN ((new.status <> ALL ('{open}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER reconciliation_breaks_kept BEFORE DELETE ON public.reconciliation_breaks FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER reconciliation_breaks_kept_all BEFORE TRUNCATE ON public.reconciliation_breaks FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER reconciliation_breaks_legal_changes BEFORE UPDATE ON public.reconciliation_breaks FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('open > closed');
grant insert, select on reconciliation_breaks to oms_app;
grant update (ledger_minor, chain_minor, cause, block_number, status, last_run_id, last_seen_at, closed_at) on reconciliation_breaks to oms_app;

create table reconciliation_runs (
  project_id text not null,
  run_id text not null,
  network text not null,
  asset text not null,
  status text not null,
  block_number bigint not null,
  addresses integer default 0 not null,
  ledger_minor numeric(38,0) default 0 not null,
  chain_minor numeric(38,0) default 0 not null,
  adjusted_items integer default 0 not null,
  opened_breaks integer default 0 not null,
  closed_breaks integer default 0 not null,
  open_breaks integer default 0 not null,
  error text,
  started_at timestamp with time zone not null,
  completed_at timestamp with time zone,
  constraint reconciliation_runs_pkey PRIMARY KEY (project_id, run_id),
  constraint reconciliation_runs_asset_check CHECK ((asset = 'usdc'::text)),
  constraint reconciliation_runs_block_number_check CHECK ((block_number >= 0)),
  constraint reconciliation_runs_check CHECK (((status = 'running'::text) = (completed_at IS NULL))),
  constraint reconciliation_runs_check1 CHECK (((status = 'failed'::text) = (error IS NOT NULL))),
  constraint reconciliation_runs_network_check CHECK ((network = 'polygon'::text)),
  constraint reconciliation_runs_status_check CHECK ((status = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text]))),
  constraint reconciliation_runs_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX reconciliation_runs_by_start ON public.reconciliation_runs USING btree (project_id, started_at);
alter table reconciliation_runs enable row level security;
alter table reconciliation_runs force row level security;
create policy by_project on reconciliation_runs as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
CREATE TRIGGER reconciliation_runs_first_state BEFORE INSERT ON public.reconciliation_runs FOR EACH ROW WHEN ((new.status <> ALL ('{running}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER reconciliation_runs_kept BEFORE DELETE ON public.reconciliation_runs FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER reconciliation_runs_kept_all BEFORE TRUNCATE ON public.reconciliation_runs FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER reconciliation_runs_legal_changes BEFORE UPDATE ON public.reconciliation_runs FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('running > completed', 'running > failed');
grant insert, select on reconciliation_runs to oms_app;
grant update (status, addresses, ledger_minor, chain_minor, adjusted_items, opened_breaks, closed_breaks, open_breaks, error, completed_at) on reconciliation_runs to oms_app;

create table recovery_codes (
  user_id text not null,
  code_hash bytea not null,
  constraint recovery_codes_pkey PRIMARY KEY (user_id, code_hash),
  constraint recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(user_id)
);
alter table recovery_codes enable row level security;
alter table recovery_codes force row level security;
create policy by_membership on recovery_codes as permissive for all to public using (((current_setting('oms.project'::text, true) = '*'::text) OR (EXISTS ( SELECT
   FROM memberships m
  WHERE ((m.user_id = recovery_codes.user_id) AND (m.organization_id = current_setting('oms.project'::text, true)))))));
grant delete, insert, select on recovery_codes to oms_app;

create table relay_attempts (
  batch_id text not null,
  hash text not null,
  raw text not null,
  max_fee_per_gas numeric(38,0) not null,
  max_priority_fee_per_gas numeric(38,0) not null,
  created_at timestamp with time zone not null,
  constraint relay_attempts_pkey PRIMARY KEY (batch_id, hash),
  constraint relay_attempts_hash_check CHECK ((hash ~ '^0x[0-9a-f]{64}$'::text)),
  constraint relay_attempts_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES relay_batches(batch_id)
);
alter table relay_attempts enable row level security;
alter table relay_attempts force row level security;
create policy platform_only on relay_attempts as permissive for all to public using ((current_setting('oms.project'::text, true) = '*'::text));
CREATE TRIGGER relay_attempts_append_only BEFORE DELETE OR UPDATE ON public.relay_attempts FOR EACH ROW EXECUTE FUNCTION refuse_change();
grant insert, select on relay_attempts to oms_app;

create table relay_batches (
  network text not null,
  batch_id text not null,
  relayer_index integer not null,
  nonce bigint not null,
  status text not null,
  gas bigint not null,
  transfers jsonb not null,
  block_number bigint,
  block_hash text,
  created_at timestamp with time zone not null,
  sent_at timestamp with time zone,
  constraint relay_batches_pkey PRIMARY KEY (batch_id),
  constraint relay_batches_network_relayer_index_nonce_key UNIQUE (network, relayer_index, nonce),
  constraint relay_batches_check CHECK (((status <> ALL (ARRAY['mined'::text, 'final'::text])) OR ((block_number IS NOT NULL) AND (block_hash IS NOT NULL)))),
  constraint relay_batches_status_check CHECK ((status = ANY (ARRAY['signed'::text, 'broadcast'::text, 'mined'::text, 'final'::text, 'superseded'::text]))),
  constraint relay_batches_network_relayer_index_fkey FOREIGN KEY (network, relayer_index) REFERENCES relayers(network, relayer_index)
) with (fillfactor=80);
CREATE INDEX relay_batches_open ON public.relay_batches USING btree (network, relayer_index, nonce) WHERE (status = ANY (ARRAY['signed'::text, 'broadcast'::text, 'mined'::text]));
alter table relay_batches enable row level security;
alter table relay_batches force row level security;
create policy platform_only on relay_batches as permissive for all to public using ((current_setting('oms.project'::text, true) = '*'::text));
CREATE TRIGGER relay_batches_first_state BEFORE INSERT ON public.relay_batches FOR EACH ROW WHEN ((new.status <> ALL ('{signed}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER relay_batches_kept BEFORE DELETE ON public.relay_batches FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER relay_batches_kept_all BEFORE TRUNCATE ON public.relay_batches FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER relay_batches_legal_changes BEFORE UPDATE ON public.relay_batches FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('signed > broadcast', 'signed > mined', 'signed > final', 'signed > superseded', 'broadcast > mined', 'broadcast > final', 'broadcast > superseded', 'mined > broadcast', 'mined > final', 'mined > superseded');
grant insert, select on relay_batches to oms_app;
grant update (status, block_number, block_hash, sent_at) on relay_batches to oms_app;

create table relayers (
  network text not null,
  relayer_index integer not null,
  address text not null,
  next_nonce bigint not null,
  constraint relayers_pkey PRIMARY KEY (network, relayer_index),
  constraint relayers_address_check CHECK ((address ~ '^0x[0-9a-f]{40}$'::text)),
  constraint relayers_network_check CHECK ((network = 'polygon'::text)),
  constraint relayers_next_nonce_check CHECK ((next_nonce >= 0)),
  constraint relayers_relayer_index_check CHECK ((relayer_index >= 0))
);
alter table relayers enable row level security;
alter table relayers force row level security;
create policy platform_only on relayers as permissive for all to public using ((current_setting('oms.project'::text, true) = '*'::text));
grant insert, select on relayers to oms_app;
grant update (next_nonce) on relayers to oms_app;

create table request_log (
  project_id text not null,
  request_id text collate "C" not null,
  method text not null,
  path text not null,
  operation text,
  status integer not null,
  status_class integer generated always as ((status / 100)) stored not null,
  duration_us bigint not null,
  actor text not null,
  idempotency_key text,
  is_replay boolean not null,
  error_code text,
  query json,
  request_body json,
  response_body json,
  resource_ids text[] not null,
  created_at timestamp with time zone not null,
  constraint request_log_pkey PRIMARY KEY (project_id, request_id),
  constraint request_log_duration_us_check CHECK ((duration_us >= 0)),
  constraint request_log_method_check CHECK ((method ~ '^[A-Z]{3,7}$'::text)),
  constraint request_log_status_check CHECK (((status >= 200) AND (status <= 599))),
  constraint request_log_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
) partition by RANGE (request_id);
CREATE INDEX request_log_by_key ON ONLY public.request_log USING btree (project_id, idempotency_key, request_id) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX request_log_by_method ON ONLY public.request_log USING btree (project_id, method, status_class, request_id);
CREATE INDEX request_log_by_operation ON ONLY public.request_log USING btree (project_id, operation, status_class, request_id);
CREATE INDEX request_log_by_status ON ONLY public.request_log USING btree (project_id, status_class, request_id);
alter table request_log enable row level security;
alter table request_log force row level security;
create policy by_project on request_log as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
CREATE TRIGGER request_log_append_only BEFORE UPDATE ON public.request_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
grant insert, select on request_log to oms_app;

create table request_resources (
  project_id text not null,
  resource_id text not null,
  request_id text collate "C" not null,
  method text not null,
  operation text,
  status_class integer not null,
  constraint request_resources_pkey PRIMARY KEY (project_id, resource_id, request_id) INCLUDE (method, operation, status_class),
  constraint request_resources_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
) partition by RANGE (request_id);
alter table request_resources enable row level security;
alter table request_resources force row level security;
create policy by_project on request_resources as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
CREATE TRIGGER request_resources_append_only BEFORE UPDATE ON public.request_resources FOR EACH ROW EXECUTE FUNCTION refuse_change();
grant insert, select on request_resources to oms_app;

create table sandbox_bank_payments (
  project_id text not null,
  payment_id text not null,
  kind text not null,
  status text not null,
  pace text not null,
  rail text not null,
  amount numeric(38,0) not null,
  reference text not null,
  effective_at timestamp with time zone not null,
  code text,
  created_at timestamp with time zone not null,
  settled_at timestamp with time zone,
  scenario text,
  constraint sandbox_bank_payments_pkey PRIMARY KEY (project_id, payment_id),
  constraint sandbox_bank_payments_amount_check CHECK ((amount > (0)::numeric)),
  constraint sandbox_bank_payments_check CHECK (((kind = 'payout'::text) OR (status = ANY (ARRAY['accepted'::text, 'settled'::text])))),
  constraint sandbox_bank_payments_check1 CHECK (((status = ANY (ARRAY['returned'::text, 'rejected'::text])) = (code IS NOT NULL))),
  constraint sandbox_bank_payments_check2 CHECK (((status <> ALL (ARRAY['accepted'::text, 'rejected'::text])) OR (settled_at IS NULL))),
  constraint sandbox_bank_payments_check3 CHECK (((status <> 'settled'::text) OR (settled_at IS NOT NULL))),
  constraint sandbox_bank_payments_kind_check CHECK ((kind = ANY (ARRAY['payout'::text, 'credit_return'::text]))),
  constraint sandbox_bank_payments_pace_check CHECK ((pace = ANY (ARRAY['auto'::text, 'manual'::text, 'realistic'::text]))),
  constraint sandbox_bank_payments_payout_rail CHECK (((rail <> 'rtp'::text) OR (kind = 'credit_return'::text))),
  constraint sandbox_bank_payments_rail_check CHECK ((rail = ANY (ARRAY['ach'::text, 'wire'::text, 'swift'::text, 'rtp'::text]))),
  constraint sandbox_bank_payments_status_check CHECK ((status = ANY (ARRAY['accepted'::text, 'settled'::text, 'returned'::text, 'rejected'::text]))),
  constraint sandbox_bank_payments_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table sandbox_bank_payments enable row level security;
alter table sandbox_bank_payments force row level security;
create policy by_project on sandbox_bank_payments as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER sandbox_bank_payments_first_state BEFORE INSERT ON public.sandbox_bank_payments FOR EACH ROW WHEN ((new.status <> ALL ('{accepted,rejected}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER sandbox_bank_payments_kept BEFORE DELETE ON public.sandbox_bank_payments FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER sandbox_bank_payments_kept_all BEFORE TRUNCATE ON public.sandbox_bank_payments FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER sandbox_bank_payments_legal_changes BEFORE UPDATE ON public.sandbox_bank_payments FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('accepted > settled', 'accepted > rejected', 'accepted > returned', 'settled > returned');
grant insert, select on sandbox_bank_payments to oms_app;
grant update (status, code, settled_at) on sandbox_bank_payments to oms_app;

create table sandbox_cash_authorizations (
  project_id text not null,
  confirmation_id text not null,
  cash_in_id text not null,
  account_number text not null,
  account_reference_number text not null,
  authorized numeric(38,0) not null,
  committed numeric(38,0),
  commit_confirmation_id text,
  created_at timestamp with time zone not null,
  constraint sandbox_cash_authorizations_pkey PRIMARY KEY (project_id, confirmation_id),
  constraint sandbox_cash_authorizations_authorized_check CHECK ((authorized > (0)::numeric)),
  constraint sandbox_cash_authorizations_check CHECK (((committed > (0)::numeric) AND (committed <= authorized))),
  constraint sandbox_cash_authorizations_check1 CHECK (((committed IS NULL) = (commit_confirmation_id IS NULL))),
  constraint sandbox_cash_authorizations_project_id_cash_in_id_fkey FOREIGN KEY (project_id, cash_in_id) REFERENCES cash_ins(project_id, cash_in_id) DEFERRABLE,
  constraint sandbox_cash_authorizations_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX sandbox_cash_authorizations_by_cash_in ON public.sandbox_cash_authorizations USING btree (project_id, cash_in_id);
alter table sandbox_cash_authorizations enable row level security;
alter table sandbox_cash_authorizations force row level security;
create policy by_project on sandbox_cash_authorizations as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on sandbox_cash_authorizations to oms_app;
grant update (committed, commit_confirmation_id) on sandbox_cash_authorizations to oms_app;

create table sandbox_cash_pickups (
  project_id text not null,
  pickup_id text not null,
  status text not null,
  location_id text not null,
  amount numeric(38,0) not null,
  code text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  constraint sandbox_cash_pickups_pkey PRIMARY KEY (project_id, pickup_id),
  constraint sandbox_cash_pickups_code_key UNIQUE (code),
  constraint sandbox_cash_pickups_amount_check CHECK ((amount > (0)::numeric)),
  constraint sandbox_cash_pickups_status_check CHECK ((status = ANY (ARRAY['open'::text, 'collected'::text, 'cancelled'::text]))),
  constraint sandbox_cash_pickups_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table sandbox_cash_pickups enable row level security;
alter table sandbox_cash_pickups force row level security;
create policy by_project on sandbox_cash_pickups as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER sandbox_cash_pickups_first_state BEFORE INSERT ON public.sandbox_cash_pickups FOR EACH ROW WHEN ((new.status <> ALL ('{open}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER sandbox_cash_pickups_kept BEFORE DELETE ON public.sandbox_cash_pickups FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER sandbox_cash_pickups_kept_all BEFORE TRUNCATE ON public.sandbox_cash_pickups FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER sandbox_cash_pickups_legal_changes BEFORE UPDATE ON public.sandbox_cash_pickups FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('open > collected', 'open > cancelled');
grant insert, select on sandbox_cash_pickups to oms_app;
grant update (status) on sandbox_cash_pickups to oms_app;

create table sandbox_rates (
  project_id text not null,
  pair text not null,
  rate text,
  updated_at timestamp with time zone not null,
  constraint sandbox_rates_pkey PRIMARY KEY (project_id, pair),
  constraint sandbox_rates_rate_check CHECK ((rate ~ '^[0-9]{1,9}[.][0-9]{1,12}$'::text)),
  constraint sandbox_rates_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table sandbox_rates enable row level security;
alter table sandbox_rates force row level security;
create policy by_project on sandbox_rates as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant delete, insert, select, update on sandbox_rates to oms_app;

create table sandbox_scenarios (
  project_id text not null,
  resource_id text not null,
  scenario text not null,
  created_at timestamp with time zone not null,
  constraint sandbox_scenarios_pkey PRIMARY KEY (project_id, resource_id),
  constraint sandbox_scenarios_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table sandbox_scenarios enable row level security;
alter table sandbox_scenarios force row level security;
create policy by_project on sandbox_scenarios as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on sandbox_scenarios to oms_app;

create table sandbox_snapshots (
  project_id text not null,
  name text not null,
  snapshot_no bigint generated always as identity not null,
  shape text not null,
  row_count bigint default 0 not null,
  clock_at timestamp with time zone,
  stood_ms bigint,
  seed text,
  address_space integer,
  drawn bigint default 0 not null,
  addresses bigint default 0 not null,
  created_at timestamp with time zone not null,
  constraint sandbox_snapshots_pkey PRIMARY KEY (project_id, name),
  constraint sandbox_snapshots_snapshot_no_key UNIQUE (snapshot_no),
  constraint sandbox_snapshots_check CHECK (((stood_ms IS NULL) OR (clock_at IS NOT NULL))),
  constraint sandbox_snapshots_check1 CHECK (((seed IS NULL) = (address_space IS NULL))),
  constraint sandbox_snapshots_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table sandbox_snapshots enable row level security;
alter table sandbox_snapshots force row level security;
create policy by_project on sandbox_snapshots as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant select on sandbox_snapshots to oms_app;
grant insert (project_id, name, shape, clock_at, stood_ms, seed, address_space, drawn, addresses, created_at) on sandbox_snapshots to oms_app;

create table schema_migrations (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone default now() not null,
  constraint schema_migrations_pkey PRIMARY KEY (name)
);

create table sends (
  project_id text not null,
  send_id text not null,
  network text not null,
  asset text not null,
  from_key_index bigint not null,
  from_address text not null,
  to_address text not null,
  amount numeric(38,0) not null,
  purpose text not null,
  resource_id text not null,
  books_recipient boolean not null,
  status text not null,
  attempt integer default 1 not null,
  valid_before bigint,
  authorization_nonce text,
  batch_id text,
  relays integer default 0 not null,
  failure_code text,
  tx_hash text,
  block_number bigint,
  log_index integer,
  created_at timestamp with time zone not null,
  settled_at timestamp with time zone,
  refused_as text,
  constraint sends_pkey PRIMARY KEY (project_id, send_id),
  constraint sends_send_id_key UNIQUE (send_id),
  constraint sends_amount_check CHECK ((amount > (0)::numeric)),
  constraint sends_asset_check CHECK ((asset = 'usdc'::text)),
  constraint sends_attempt_check CHECK ((attempt > 0)),
  constraint sends_authorization_nonce_check CHECK ((authorization_nonce ~ '^0x[0-9a-f]{64}$'::text)),
  constraint sends_check CHECK (((valid_before IS NULL) = (authorization_nonce IS NULL))),
  constraint sends_check1 CHECK (((status <> 'relaying'::text) OR ((batch_id IS NOT NULL) AND (authorization_nonce IS NOT NULL)))),
  constraint sends_check2 CHECK (((status = 'paid'::text) = ((tx_hash IS NOT NULL) AND (block_number IS NOT NULL) AND (log_index IS NOT NULL)))),
  constraint sends_check3 CHECK (((status = 'failed'::text) = (failure_code IS NOT NULL))),
  constraint sends_check4 CHECK (((status = ANY (ARRAY['paid'::text, 'failed'::text])) = (settled_at IS NOT NULL))),
  constraint sends_failure_code_check CHECK ((failure_code = ANY (ARRAY['recipient_blacklisted'::text, 'sender_blacklisted'::text, 'insufficient_onchain_balance'::text, 'token_paused'::text, 'authorization_rejected'::text]))),
  constraint sends_from_address_check CHECK ((from_address ~ '^0x[0-9a-f]{40}$'::text)),
  constraint sends_from_key_index_check CHECK ((from_key_index >= 0)),
  constraint sends_network_check CHECK ((network = 'polygon'::text)),
  constraint sends_refused_as_check CHECK ((refused_as = ANY (ARRAY['recipient_blacklisted'::text, 'sender_blacklisted'::text, 'insufficient_onchain_balance'::text, 'token_paused'::text, 'authorization_rejected'::text]))),
  constraint sends_relays_check CHECK ((relays >= 0)),
  constraint sends_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'relaying'::text, 'paid'::text, 'failed'::text]))),
  constraint sends_to_address_check CHECK ((to_address ~ '^0x[0-9a-f]{40}$'::text)),
  constraint sends_from_key_index_from_address_fkey FOREIGN KEY (from_key_index, from_address) REFERENCES address_pool(key_index, address),
  constraint sends_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
) with (fillfactor=80);
CREATE UNIQUE INDEX sends_by_authorization ON public.sends USING btree (network, authorization_nonce) WHERE (authorization_nonce IS NOT NULL);
CREATE INDEX sends_by_batch ON public.sends USING btree (batch_id) WHERE (status = 'relaying'::text);
CREATE INDEX sends_by_resource ON public.sends USING btree (project_id, resource_id);
CREATE INDEX sends_open ON public.sends USING btree (network, valid_before) WHERE (status = ANY (ARRAY['queued'::text, 'relaying'::text]));
CREATE INDEX sends_paid_from_address ON public.sends USING btree (project_id, from_address, block_number) WHERE (status = 'paid'::text);
CREATE UNIQUE INDEX sends_paid_once ON public.sends USING btree (network, tx_hash, log_index) WHERE (status = 'paid'::text);
CREATE INDEX sends_paid_to_address ON public.sends USING btree (project_id, to_address, block_number) WHERE ((status = 'paid'::text) AND books_recipient);
CREATE INDEX sends_queued ON public.sends USING btree (network, created_at, send_id) WHERE (status = 'queued'::text);
CREATE INDEX sends_refused ON public.sends USING btree (network, created_at) WHERE ((status = 'queued'::text) AND (refused_as IS NOT NULL));
alter table sends enable row level security;
alter table sends force row level security;
create policy by_project on sends as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
CREATE TRIGGER sends_first_state BEFORE INSERT ON public.sends FOR EACH ROW WHEN ((new.status <> ALL ('{queued}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER sends_kept BEFORE DELETE ON public.sends FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER sends_kept_all BEFORE TRUNCATE ON public.sends FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER sends_legal_changes BEFORE UPDATE ON public.sends FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('queued > relaying', 'queued > paid', 'queued > failed', 'relaying > queued', 'relaying > paid', 'relaying > failed');
grant insert, select on sends to oms_app;
grant update (status, attempt, valid_before, authorization_nonce, batch_id, relays, failure_code, tx_hash, block_number, log_index, settled_at) on sends to oms_app;

create table sessions (
  session_id text not null,
  token_hash bytea not null,
  organization_id text not null,
  user_id text not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone not null,
  constraint sessions_pkey PRIMARY KEY (session_id),
  constraint sessions_token_hash_key UNIQUE (token_hash),
  constraint sessions_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES memberships(organization_id, user_id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_member ON public.sessions USING btree (organization_id, user_id);
CREATE INDEX sessions_by_use ON public.sessions USING btree (last_used_at);
CREATE INDEX sessions_by_user ON public.sessions USING btree (user_id);
alter table sessions enable row level security;
alter table sessions force row level security;
create policy by_organization on sessions as permissive for all to public using (((current_setting('oms.project'::text, true) = '*'::text) OR (current_setting('oms.project'::text, true) = organization_id)));
grant delete, insert, select on sessions to oms_app;
grant update (last_used_at) on sessions to oms_app;

create table sign_in_attempts (
  counted bytea not null,
  attempts integer not null,
  since timestamp with time zone not null,
  constraint sign_in_attempts_pkey PRIMARY KEY (counted)
);
CREATE INDEX sign_in_attempts_by_age ON public.sign_in_attempts USING btree (since);
alter table sign_in_attempts enable row level security;
alter table sign_in_attempts force row level security;
create policy by_platform on sign_in_attempts as permissive for all to public using ((current_setting('oms.project'::text, true) = '*'::text));
grant delete, insert, select, update on sign_in_attempts to oms_app;

create table transaction_reviews (
  project_id text not null,
  review_id text not null,
  transaction_id text not null,
  provider text not null,
  opened_at timestamp with time zone not null,
  constraint transaction_reviews_pkey PRIMARY KEY (project_id, review_id),
  constraint transaction_reviews_project_id_transaction_id_fkey FOREIGN KEY (project_id, transaction_id) REFERENCES transactions(project_id, transaction_id) DEFERRABLE
);
CREATE INDEX transaction_reviews_by_transaction ON public.transaction_reviews USING btree (project_id, transaction_id);
alter table transaction_reviews enable row level security;
alter table transaction_reviews force row level security;
create policy by_project on transaction_reviews as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER transaction_reviews_append_only BEFORE DELETE OR UPDATE ON public.transaction_reviews FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transaction_reviews_kept_all BEFORE TRUNCATE ON public.transaction_reviews FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
grant insert, select on transaction_reviews to oms_app;

create table transactions (
  project_id text not null,
  transaction_id text not null,
  type text not null,
  status text not null,
  sub_status text,
  cash_in_id text,
  sender_customer_id text not null,
  recipient_customer_id text,
  source_asset text not null,
  source_network text not null,
  source_gross numeric(38,0) not null,
  source_fee_oms numeric(38,0) not null,
  location_id text,
  location_reference text,
  destination_asset text not null,
  destination_network text not null,
  destination_wallet_id text,
  destination_address text,
  destination_gross numeric(38,0) not null,
  exchange_rate text not null,
  sponsor_gas boolean not null,
  metadata jsonb not null,
  tx_hash text,
  error_code text,
  error_message text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  completed_at timestamp with time zone,
  quote_id text,
  virtual_account_id text,
  deposit_address_id text,
  source_wallet_id text,
  source_address text,
  source_key_index bigint,
  source_fee_developer numeric(38,0) default 0 not null,
  source_fee_gas numeric(38,0) default 0 not null,
  fixed_side text default 'source'::text not null,
  developer_fees jsonb default '[]'::jsonb not null,
  gas_cost numeric(38,0) default 0 not null,
  destination_external_account_id text,
  destination_location_id text,
  destination_location_reference text,
  destination_owner text,
  bank_details jsonb,
  cash_pickup jsonb,
  source_tx_hash text,
  error_recoverable boolean,
  return_code text,
  return_reason text,
  returned_at timestamp with time zone,
  refund numeric(38,0),
  refund_status text,
  refund_tx_hash text,
  constraint transactions_pkey PRIMARY KEY (project_id, transaction_id),
  constraint completion CHECK (
CASE status
    WHEN 'completed'::text THEN (completed_at IS NOT NULL)
    WHEN 'failed'::text THEN ((completed_at IS NULL) OR (returned_at IS NOT NULL))
    ELSE (completed_at IS NULL)
END),
  constraint has_destination CHECK (((num_nonnulls(destination_wallet_id, destination_address, destination_external_account_id, destination_location_id) >= 1) AND (num_nonnulls(destination_wallet_id, destination_address, destination_external_account_id, destination_location_id) <= 2))),
  constraint has_refund CHECK (((refund IS NULL) = (refund_status IS NULL))),
  constraint has_return CHECK ((num_nonnulls(return_code, return_reason, returned_at) = ANY (ARRAY[0, 3]))),
  constraint transactions_check1 CHECK (((status = 'failed'::text) = (error_code IS NOT NULL))),
  constraint transactions_destination_gross_check CHECK ((destination_gross > (0)::numeric)),
  constraint transactions_fixed_side_check CHECK ((fixed_side = ANY (ARRAY['source'::text, 'destination'::text]))),
  constraint transactions_gas_cost_check CHECK ((gas_cost >= (0)::numeric)),
  constraint transactions_refund_check CHECK ((refund > (0)::numeric)),
  constraint transactions_refund_status_check CHECK ((refund_status = ANY (ARRAY['pending'::text, 'completed'::text, 'failed'::text]))),
  constraint transactions_source_fee_developer_check CHECK ((source_fee_developer >= (0)::numeric)),
  constraint transactions_source_fee_gas_check CHECK ((source_fee_gas >= (0)::numeric)),
  constraint transactions_source_fee_oms_check CHECK ((source_fee_oms >= (0)::numeric)),
  constraint transactions_source_gross_check CHECK ((source_gross > (0)::numeric)),
  constraint transactions_status_check CHECK ((status = ANY (ARRAY['processing'::text, 'cashPickupReady'::text, 'completed'::text, 'failed'::text]))),
  constraint transactions_type_check CHECK ((type = ANY (ARRAY['fiatToCrypto'::text, 'cryptoToFiat'::text, 'cryptoToCrypto'::text]))),
  constraint transactions_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id),
  constraint transactions_project_id_sender_customer_id_fkey FOREIGN KEY (project_id, sender_customer_id) REFERENCES customers(project_id, customer_id) DEFERRABLE
);
CREATE INDEX transactions_by_cash_in ON public.transactions USING btree (project_id, cash_in_id) WHERE (cash_in_id IS NOT NULL);
CREATE INDEX transactions_by_deposit_address ON public.transactions USING btree (project_id, deposit_address_id, transaction_id) WHERE (deposit_address_id IS NOT NULL);
CREATE INDEX transactions_by_destination_wallet ON public.transactions USING btree (project_id, destination_wallet_id, type, transaction_id) WHERE (destination_wallet_id IS NOT NULL);
CREATE INDEX transactions_by_pickup_code ON public.transactions USING btree (project_id, ((cash_pickup ->> 'cashCode'::text))) WHERE (cash_pickup IS NOT NULL);
CREATE UNIQUE INDEX transactions_by_quote ON public.transactions USING btree (project_id, quote_id) WHERE (quote_id IS NOT NULL);
CREATE INDEX transactions_by_recipient ON public.transactions USING btree (project_id, recipient_customer_id, type, transaction_id);
CREATE INDEX transactions_by_sender ON public.transactions USING btree (project_id, sender_customer_id, type, transaction_id);
CREATE INDEX transactions_by_source_wallet ON public.transactions USING btree (project_id, source_wallet_id, type, transaction_id) WHERE (source_wallet_id IS NOT NULL);
CREATE INDEX transactions_by_status ON public.transactions USING btree (project_id, status, type, transaction_id);
CREATE INDEX transactions_by_virtual_account ON public.transactions USING btree (project_id, virtual_account_id, transaction_id) WHERE (virtual_account_id IS NOT NULL);
CREATE INDEX transactions_failed_by_destination_wallet ON public.transactions USING btree (project_id, destination_wallet_id, transaction_id) WHERE ((status = 'failed'::text) AND (destination_wallet_id IS NOT NULL));
CREATE INDEX transactions_failed_by_recipient ON public.transactions USING btree (project_id, recipient_customer_id, transaction_id) WHERE (status = 'failed'::text);
CREATE INDEX transactions_failed_by_sender ON public.transactions USING btree (project_id, sender_customer_id, transaction_id) WHERE (status = 'failed'::text);
CREATE INDEX transactions_failed_by_source_wallet ON public.transactions USING btree (project_id, source_wallet_id, transaction_id) WHERE ((status = 'failed'::text) AND (source_wallet_id IS NOT NULL));
alter table transactions enable row level security;
alter table transactions force row level security;
create policy by_project on transactions as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER transactions_first_state BEFORE INSERT ON public.transactions FOR EACH ROW WHEN ((new.status <> ALL ('{processing}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER transactions_kept BEFORE DELETE ON public.transactions FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER transactions_kept_all BEFORE TRUNCATE ON public.transactions FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER transactions_legal_changes BEFORE UPDATE ON public.transactions FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('processing > cashPickupReady', 'processing > completed', 'processing > failed', 'cashPickupReady > completed', 'cashPickupReady > failed', 'completed > failed');
grant insert, select on transactions to oms_app;
grant update (status, sub_status, tx_hash, error_code, error_message, updated_at, completed_at, cash_pickup, source_tx_hash, error_recoverable, return_code, return_reason, returned_at, refund, refund_status, refund_tx_hash) on transactions to oms_app;

create table treasuries (
  project_id text not null,
  network text not null,
  address text not null,
  key_index bigint not null,
  created_at timestamp with time zone not null,
  constraint treasuries_pkey PRIMARY KEY (project_id, network),
  constraint treasuries_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table treasuries enable row level security;
alter table treasuries force row level security;
create policy by_project on treasuries as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on treasuries to oms_app;

create table trouble_rules (
  project_id text not null,
  rule_id text not null,
  kind text not null,
  parameters jsonb not null,
  share_ppm integer not null,
  times bigint,
  seed bigint not null,
  asked bigint default 0 not null,
  happened bigint default 0 not null,
  ends_at timestamp with time zone,
  created_at timestamp with time zone not null,
  constraint trouble_rules_pkey PRIMARY KEY (project_id, rule_id),
  constraint trouble_rules_check CHECK (((happened >= 0) AND (happened <= LEAST(asked, times)))),
  constraint trouble_rules_kind_check CHECK ((kind = ANY (ARRAY['api.status'::text, 'api.latency'::text, 'api.drop'::text, 'webhook.duplicate'::text, 'webhook.reorder'::text, 'webhook.delay'::text, 'webhook.drop'::text, 'webhook.badSignature'::text, 'webhook.staleSignature'::text, 'chain.reorg'::text, 'chain.stuckNonce'::text, 'chain.feeSpike'::text, 'chain.rpcDown'::text, 'chain.stalledFinality'::text, 'rail.late'::text, 'rail.duplicate'::text, 'rail.wrongAmount'::text]))),
  constraint trouble_rules_seed_check CHECK ((seed >= 0)),
  constraint trouble_rules_share_ppm_check CHECK (((share_ppm >= 1) AND (share_ppm <= 1000000))),
  constraint trouble_rules_times_check CHECK ((times > 0)),
  constraint trouble_rules_project_id_fkey FOREIGN KEY (project_id) REFERENCES troubled_projects(project_id) DEFERRABLE
);
CREATE INDEX trouble_rules_of_chain ON public.trouble_rules USING btree (kind) WHERE (kind ~~ 'chain.%'::text);
alter table trouble_rules enable row level security;
alter table trouble_rules force row level security;
create policy by_project on trouble_rules as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant delete, insert, select on trouble_rules to oms_app;
grant update (asked, happened) on trouble_rules to oms_app;

create table troubled_projects (
  project_id text not null,
  since timestamp with time zone not null,
  quiet_since timestamp with time zone,
  constraint troubled_projects_pkey PRIMARY KEY (project_id),
  constraint troubled_projects_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table troubled_projects enable row level security;
alter table troubled_projects force row level security;
create policy by_project on troubled_projects as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
CREATE TRIGGER troubled_projects_are_sandboxes AFTER INSERT ON public.troubled_projects FOR EACH ROW EXECUTE FUNCTION trouble_is_for_sandboxes();
grant insert, select, update on troubled_projects to oms_app;

create table users (
  user_id text not null,
  email text not null,
  name text not null,
  password_hash text not null,
  totp_secret bytea,
  totp_confirmed_at timestamp with time zone,
  totp_last_step bigint default 0 not null,
  last_seen_at timestamp with time zone,
  created_at timestamp with time zone not null,
  constraint users_pkey PRIMARY KEY (user_id),
  constraint users_email_key UNIQUE (email),
  constraint users_check CHECK (((totp_confirmed_at IS NULL) OR (totp_secret IS NOT NULL))),
  constraint users_email_check CHECK ((email = lower(email)))
);
alter table users enable row level security;
alter table users force row level security;
create policy by_invitation on users as permissive for insert to public with check ((current_setting('oms.project'::text, true) ~~ 'org\_%'::text));
create policy by_membership on users as permissive for all to public using (((current_setting('oms.project'::text, true) = '*'::text) OR (EXISTS ( SELECT
   FROM memberships m
  WHERE ((m.user_id = users.user_id) AND (m.organization_id = current_setting('oms.project'::text, true)))))));
grant insert, select on users to oms_app;
grant update (name, password_hash, totp_secret, totp_confirmed_at, totp_last_step, last_seen_at) on users to oms_app;

create table virtual_account_deposits (
  project_id text not null,
  credit_id text not null,
  virtual_account_id text not null,
  customer_id text not null,
  status text not null,
  reason text,
  rail text not null,
  amount numeric(38,0) not null,
  sender_name text not null,
  memo text,
  reference text not null,
  transaction_id text,
  tries integer default 0 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint virtual_account_deposits_pkey PRIMARY KEY (project_id, credit_id),
  constraint virtual_account_deposits_amount_check CHECK ((amount > (0)::numeric)),
  constraint virtual_account_deposits_check CHECK (((status = ANY (ARRAY['held'::text, 'returning'::text, 'returned'::text])) = (reason IS NOT NULL))),
  constraint virtual_account_deposits_check1 CHECK (
CASE
    WHEN (status = ANY (ARRAY['received'::text, 'held'::text])) THEN (transaction_id IS NULL)
    WHEN (status = ANY (ARRAY['processing'::text, 'delivered'::text])) THEN (transaction_id IS NOT NULL)
    ELSE true
END),
  constraint virtual_account_deposits_rail_check CHECK ((rail = ANY (ARRAY['ach'::text, 'wire'::text, 'swift'::text, 'rtp'::text]))),
  constraint virtual_account_deposits_reason_check CHECK ((reason = ANY (ARRAY['account_paused'::text, 'amount_below_minimum'::text, 'amount_above_maximum'::text, 'customer_not_eligible'::text, 'destination_unavailable'::text, 'rate_unavailable'::text, 'treasury_short'::text, 'account_deleted'::text, 'delivery_failed'::text]))),
  constraint virtual_account_deposits_status_check CHECK ((status = ANY (ARRAY['received'::text, 'held'::text, 'processing'::text, 'delivered'::text, 'returning'::text, 'returned'::text]))),
  constraint virtual_account_deposits_project_id_credit_id_fkey FOREIGN KEY (project_id, credit_id) REFERENCES bank_credits(project_id, credit_id) DEFERRABLE,
  constraint virtual_account_deposits_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id),
  constraint virtual_account_deposits_project_id_transaction_id_fkey FOREIGN KEY (project_id, transaction_id) REFERENCES transactions(project_id, transaction_id) DEFERRABLE,
  constraint virtual_account_deposits_project_id_virtual_account_id_fkey FOREIGN KEY (project_id, virtual_account_id) REFERENCES virtual_accounts(project_id, virtual_account_id) DEFERRABLE
);
CREATE INDEX virtual_account_deposits_by_account ON public.virtual_account_deposits USING btree (project_id, virtual_account_id, credit_id);
CREATE INDEX virtual_account_deposits_by_status ON public.virtual_account_deposits USING btree (project_id, virtual_account_id, status, credit_id);
CREATE UNIQUE INDEX virtual_account_deposits_by_transaction ON public.virtual_account_deposits USING btree (project_id, transaction_id) WHERE (transaction_id IS NOT NULL);
alter table virtual_account_deposits enable row level security;
alter table virtual_account_deposits force row level security;
create policy by_project on virtual_account_deposits as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER virtual_account_deposits_first_state BEFORE INSERT ON public.virtual_account_deposits FOR EACH ROW WHEN ((new.status <> ALL ('{received}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER virtual_account_deposits_kept BEFORE DELETE ON public.virtual_account_deposits FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER virtual_account_deposits_kept_all BEFORE TRUNCATE ON public.virtual_account_deposits FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER virtual_account_deposits_legal_changes BEFORE UPDATE ON public.virtual_account_deposits FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('received > held', 'received > processing', 'received > returning', 'held > processing', 'held > returning', 'processing > delivered', 'processing > returning', 'returning > returned');
grant insert, select on virtual_account_deposits to oms_app;
grant update (status, reason, transaction_id, tries, updated_at) on virtual_account_deposits to oms_app;

create table virtual_accounts (
  project_id text not null,
  virtual_account_id text not null,
  customer_id text not null,
  status text not null,
  bank_name text not null,
  account_number_sealed bytea not null,
  account_number_hash bytea not null,
  account_number_last4 text not null,
  routing_number text not null,
  account_type text not null,
  owner_name text not null,
  accountholder_name text not null,
  destination_asset text not null,
  destination_network text not null,
  destination_wallet_id text,
  destination_external_account_id text,
  destination_address text not null,
  developer_fees jsonb,
  label text,
  bank_memo text,
  metadata jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint virtual_accounts_pkey PRIMARY KEY (project_id, virtual_account_id),
  constraint virtual_accounts_account_number_hash_key UNIQUE (account_number_hash),
  constraint virtual_accounts_account_type_check CHECK ((account_type = ANY (ARRAY['checking'::text, 'savings'::text]))),
  constraint virtual_accounts_accountholder_name_check CHECK ((accountholder_name = ANY (ARRAY['customer'::text, 'oms'::text, 'developer'::text]))),
  constraint virtual_accounts_check CHECK ((num_nonnulls(destination_wallet_id, destination_external_account_id) <= 1)),
  constraint virtual_accounts_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'deleted'::text]))),
  constraint virtual_accounts_project_id_customer_id_fkey FOREIGN KEY (project_id, customer_id) REFERENCES customers(project_id, customer_id) DEFERRABLE,
  constraint virtual_accounts_project_id_destination_external_account_i_fkey FOREIGN KEY (project_id, destination_external_account_id) REFERENCES external_accounts(project_id, external_account_id) DEFERRABLE,
  constraint virtual_accounts_project_id_destination_wallet_id_fkey FOREIGN KEY (project_id, destination_wallet_id) REFERENCES wallets(project_id, wallet_id) DEFERRABLE,
  constraint virtual_accounts_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX virtual_accounts_by_customer ON public.virtual_accounts USING btree (project_id, customer_id, virtual_account_id);
alter table virtual_accounts enable row level security;
alter table virtual_accounts force row level security;
create policy by_project on virtual_accounts as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER virtual_accounts_first_state BEFORE INSERT ON public.virtual_accounts FOR EACH ROW WHEN ((new.status <> ALL ('{active}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER virtual_accounts_kept BEFORE DELETE ON public.virtual_accounts FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER virtual_accounts_kept_all BEFORE TRUNCATE ON public.virtual_accounts FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER virtual_accounts_legal_changes BEFORE UPDATE ON public.virtual_accounts FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('active > paused', 'paused > active', 'active > deleted', 'paused > deleted');
grant insert, select on virtual_accounts to oms_app;
grant update (status, destination_wallet_id, destination_external_account_id, destination_address, developer_fees, label, bank_memo, metadata, updated_at) on virtual_accounts to oms_app;

create table wallets (
  project_id text not null,
  wallet_id text not null,
  customer_id text not null,
  asset text not null,
  chain text not null,
  address text not null,
  key_index bigint not null,
  status text not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint wallets_pkey PRIMARY KEY (project_id, wallet_id),
  constraint wallets_asset_check CHECK ((asset = 'usdc'::text)),
  constraint wallets_chain_check CHECK ((chain = 'polygon'::text)),
  constraint wallets_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'closed'::text]))),
  constraint wallets_project_id_customer_id_fkey FOREIGN KEY (project_id, customer_id) REFERENCES customers(project_id, customer_id) DEFERRABLE
);
CREATE UNIQUE INDEX wallets_by_address ON public.wallets USING btree (chain, address);
CREATE INDEX wallets_by_customer ON public.wallets USING btree (project_id, customer_id, wallet_id);
alter table wallets enable row level security;
alter table wallets force row level security;
create policy by_project on wallets as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER wallets_first_state BEFORE INSERT ON public.wallets FOR EACH ROW WHEN ((new.status <> ALL ('{active}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER wallets_kept BEFORE DELETE ON public.wallets FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER wallets_kept_all BEFORE TRUNCATE ON public.wallets FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER wallets_legal_changes BEFORE UPDATE ON public.wallets FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change();
grant insert, select on wallets to oms_app;

create table watched_addresses (
  project_id text not null,
  network text not null,
  address text not null,
  purpose text not null,
  resource_id text not null,
  created_at timestamp with time zone not null,
  constraint watched_addresses_pkey PRIMARY KEY (project_id, network, address),
  constraint watched_addresses_address_check CHECK ((address ~ '^0x[0-9a-f]{40}$'::text)),
  constraint watched_addresses_network_check CHECK ((network = 'polygon'::text)),
  constraint watched_addresses_purpose_check CHECK ((purpose = ANY (ARRAY['wallet'::text, 'treasury'::text, 'depositAddress'::text]))),
  constraint watched_addresses_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE UNIQUE INDEX watched_addresses_by_address ON public.watched_addresses USING btree (network, address);
alter table watched_addresses enable row level security;
alter table watched_addresses force row level security;
create policy by_project on watched_addresses as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant insert, select on watched_addresses to oms_app;

create table webhook_attempts (
  project_id text not null,
  event_id text collate "C" not null,
  delivery_id text collate "C" not null,
  attempt integer not null,
  url text not null,
  signature text,
  signed_at timestamp with time zone not null,
  status_code integer,
  error_code text,
  error text,
  response_headers json,
  response_body text,
  duration_ms integer not null,
  attempted_at timestamp with time zone not null,
  constraint webhook_attempts_pkey1 PRIMARY KEY (project_id, event_id, delivery_id, attempt),
  constraint webhook_attempts_attempt_check1 CHECK ((attempt > 0))
) partition by RANGE (event_id);
alter table webhook_attempts enable row level security;
alter table webhook_attempts force row level security;
create policy by_project on webhook_attempts as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER webhook_attempts_append_only BEFORE UPDATE ON public.webhook_attempts FOR EACH ROW EXECUTE FUNCTION refuse_change();
grant insert, select on webhook_attempts to oms_app;

create table webhook_deliveries (
  project_id text not null,
  event_id text collate "C" not null,
  webhook_id text not null,
  delivery_id text collate "C" not null,
  event_type text not null,
  status text not null,
  attempts integer default 0 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint webhook_deliveries_pkey1 PRIMARY KEY (project_id, event_id, webhook_id),
  constraint webhook_deliveries_status_check1 CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
) partition by RANGE (event_id);
CREATE INDEX webhook_deliveries_of_webhook ON ONLY public.webhook_deliveries USING btree (project_id, webhook_id, delivery_id);
alter table webhook_deliveries enable row level security;
alter table webhook_deliveries force row level security;
create policy by_project on webhook_deliveries as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER webhook_deliveries_first_state BEFORE INSERT ON public.webhook_deliveries FOR EACH ROW WHEN ((new.status <> 'pending'::text)) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER webhook_deliveries_legal_changes BEFORE UPDATE ON public.webhook_deliveries FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('pending > delivered', 'pending > failed', 'delivered > pending', 'failed > pending');
grant insert, select on webhook_deliveries to oms_app;
grant update (status, attempts, updated_at) on webhook_deliveries to oms_app;

create table webhook_health (
  project_id text not null,
  webhook_id text not null,
  lease_token uuid,
  leased_until timestamp with time zone default '-infinity'::timestamp with time zone not null,
  consecutive_failures integer default 0 not null,
  failing_since timestamp with time zone,
  paused_until timestamp with time zone default '-infinity'::timestamp with time zone not null,
  succeeded_at timestamp with time zone,
  succeeded_event_id text collate "C",
  constraint webhook_health_pkey PRIMARY KEY (project_id, webhook_id),
  constraint webhook_health_project_id_webhook_id_fkey FOREIGN KEY (project_id, webhook_id) REFERENCES webhooks(project_id, webhook_id) DEFERRABLE
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=100);
alter table webhook_health enable row level security;
alter table webhook_health force row level security;
create policy by_project on webhook_health as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant insert, select on webhook_health to oms_app;
grant update (lease_token, leased_until, consecutive_failures, failing_since, paused_until, succeeded_at, succeeded_event_id) on webhook_health to oms_app;

create table webhook_queue (
  project_id text not null,
  webhook_id text not null,
  event_id text collate "C" not null,
  delivery_id text collate "C" not null,
  resource_id text not null,
  sequence bigint not null,
  state text not null,
  in_order boolean not null,
  attempts integer default 0 not null,
  failures integer default 0 not null,
  requests integer default 0 not null,
  due_at timestamp with time zone not null,
  waits_for_next boolean default false not null,
  constraint webhook_queue_pkey PRIMARY KEY (project_id, webhook_id, event_id),
  constraint webhook_queue_state_check CHECK ((state = ANY (ARRAY['due'::text, 'dead'::text])))
) with (fillfactor=80, autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=1000);
CREATE INDEX webhook_queue_dead ON public.webhook_queue USING btree (project_id, webhook_id, event_id) WHERE (state = 'dead'::text);
CREATE INDEX webhook_queue_due ON public.webhook_queue USING btree (project_id, webhook_id, due_at, event_id) WHERE (state = 'due'::text);
CREATE INDEX webhook_queue_in_order ON public.webhook_queue USING btree (project_id, webhook_id, resource_id, sequence) WHERE ((state = 'due'::text) AND in_order);
CREATE INDEX webhook_queue_waits_for_next ON public.webhook_queue USING btree (project_id, webhook_id, resource_id) WHERE waits_for_next;
alter table webhook_queue enable row level security;
alter table webhook_queue force row level security;
create policy by_project on webhook_queue as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant delete, insert, select on webhook_queue to oms_app;
grant update (state, in_order, attempts, failures, requests, due_at, waits_for_next) on webhook_queue to oms_app;

create table webhooks (
  project_id text not null,
  webhook_id text not null,
  url text not null,
  events text[] not null,
  enabled boolean not null,
  disabled_reason text,
  secret_sealed bytea not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  deleted_at timestamp with time zone,
  description text,
  metadata jsonb,
  rate_limit integer,
  in_order boolean default false not null,
  previous_secret_sealed bytea,
  previous_secret_until timestamp with time zone,
  constraint webhooks_pkey PRIMARY KEY (project_id, webhook_id),
  constraint webhooks_disabled_reason_check CHECK ((disabled_reason = ANY (ARRAY['gone'::text, 'failing'::text]))),
  constraint webhooks_rate_limit_check CHECK ((rate_limit > 0)),
  constraint webhooks_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table webhooks enable row level security;
alter table webhooks force row level security;
create policy by_project on webhooks as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant insert, select on webhooks to oms_app;
grant update (url, events, enabled, disabled_reason, secret_sealed, updated_at, deleted_at, description, metadata, rate_limit, in_order, previous_secret_sealed, previous_secret_until) on webhooks to oms_app;

create table world_changes (
  project_id text not null,
  change_id text not null,
  request_key text not null,
  kind text not null,
  snapshot_name text,
  starts_at timestamp with time zone,
  changes_seed boolean default false not null,
  seed text,
  actor text not null,
  request_id text,
  status text not null,
  refusal text,
  row_count bigint,
  addresses text[],
  since_block bigint,
  requested_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint world_changes_pkey PRIMARY KEY (project_id, change_id),
  constraint world_changes_project_id_request_key_key UNIQUE (project_id, request_key),
  constraint world_changes_check CHECK (((snapshot_name IS NULL) = (kind = 'reset'::text))),
  constraint world_changes_check1 CHECK (((kind = 'reset'::text) OR ((starts_at IS NULL) AND (NOT changes_seed)))),
  constraint world_changes_check2 CHECK (((seed IS NULL) OR changes_seed)),
  constraint world_changes_check3 CHECK (((status = 'refused'::text) = (refusal IS NOT NULL))),
  constraint world_changes_check4 CHECK (((status = ANY (ARRAY['done'::text, 'refused'::text])) = (ended_at IS NOT NULL))),
  constraint world_changes_check5 CHECK (((status = 'applied'::text) = (addresses IS NOT NULL))),
  constraint world_changes_kind_check CHECK ((kind = ANY (ARRAY['reset'::text, 'snapshot'::text, 'restore'::text]))),
  constraint world_changes_status_check CHECK ((status = ANY (ARRAY['requested'::text, 'applied'::text, 'done'::text, 'refused'::text]))),
  constraint world_changes_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX world_changes_by_block ON public.world_changes USING btree (project_id, since_block) WHERE (since_block IS NOT NULL);
CREATE UNIQUE INDEX world_changes_open ON public.world_changes USING btree (project_id) WHERE (status = ANY (ARRAY['requested'::text, 'applied'::text]));
alter table world_changes enable row level security;
alter table world_changes force row level security;
create policy by_project on world_changes as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
CREATE TRIGGER world_changes_first_state BEFORE INSERT ON public.world_changes FOR EACH ROW WHEN ((new.status <> ALL ('{requested}'::text[]))) EXECUTE FUNCTION refuse_first_state();
CREATE TRIGGER world_changes_kept BEFORE DELETE ON public.world_changes FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER world_changes_kept_all BEFORE TRUNCATE ON public.world_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER world_changes_legal_changes BEFORE UPDATE ON public.world_changes FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION refuse_illegal_change('requested > applied', 'requested > done', 'requested > refused', 'applied > done');
grant insert, select on world_changes to oms_app;
grant update (status, refusal, row_count, addresses, since_block, ended_at) on world_changes to oms_app;

create table world_exceptions (
  table_name text not null,
  constraint world_exceptions_pkey PRIMARY KEY (table_name)
);
grant select on world_exceptions to oms_app;

create table events_default partition of events DEFAULT;

create table request_log_default partition of request_log DEFAULT;

create table request_resources_default partition of request_resources DEFAULT;

create table webhook_attempts_default partition of webhook_attempts DEFAULT;

create table webhook_deliveries_default partition of webhook_deliveries DEFAULT with (fillfactor=80);

create view ledger_journal with (security_invoker=true) as
 SELECT t.project_id,
    t.seq,
    t.batch_id,
    t.group_id,
    t."position",
    t.kind,
    t.transfer_id,
    t.pending_id,
    d.account_id AS debit_account_id,
    c.account_id AS credit_account_id,
    d.asset,
    t.amount,
    t.debit_posted_after,
    t.debit_reserved_after,
    t.debit_incoming_after,
    t.credit_posted_after,
    t.credit_reserved_after,
    t.credit_incoming_after,
    t.created_at,
    t.expires_at,
    ledger_line(t.group_id, t."position", t.kind, t.transfer_id, t.pending_id, d.account_id, c.account_id, t.amount, ledger_us(t.created_at), ledger_us(t.expires_at)) AS line
   FROM ((ledger_transfers t
     JOIN ledger_accounts d ON ((d.account_no = t.debit_no)))
     JOIN ledger_accounts c ON ((c.account_no = t.credit_no)));
grant select on ledger_journal to oms_app;
