-- The world of a sandbox project can be emptied, copied and put back (docs/decisions/0030).

set local lock_timeout = '5s';

-- What has a project and is not of its world: it stays whatever becomes of the world. Every other table with a project_id
-- is of the world: a reset empties it, and a snapshot has it.
create table world_exceptions (
  table_name text primary key
);
grant select on world_exceptions to oms_app;
insert into world_exceptions (table_name) values ('projects'), ('data_keys'), ('api_keys'), ('audit_entries'),
  ('audit_heads'), ('project_clocks'), ('clock_moves'), ('troubled_projects'), ('trouble_rules'),
  ('sandbox_snapshots'), ('world_changes');

-- Copies lie in tables of their own here, named by the number of the snapshot. The server's role may not come in.
create schema snapshots;

-- shape: of the tables as they were, so that nothing is put back into others. clock_at: the time of the project, null
-- without a clock of its own; stood_ms: how long it had stood there, null while it ran. seed … addresses: as in
-- project_clocks.
create table sandbox_snapshots (
  project_id text not null references projects,
  name text not null,
  snapshot_no bigint not null generated always as identity unique,
  shape text not null,
  row_count bigint not null default 0,
  clock_at timestamptz,
  stood_ms bigint,
  seed text,
  address_space integer,
  drawn bigint not null default 0,
  addresses bigint not null default 0,
  created_at timestamptz not null,
  primary key (project_id, name),
  check (stood_ms is null or clock_at is not null),
  check ((seed is null) = (address_space is null))
);
call isolate_by_project('sandbox_snapshots', false);
grant select on sandbox_snapshots to oms_app;
grant insert (project_id, name, shape, clock_at, stood_ms, seed, address_space, drawn, addresses, created_at)
  on sandbox_snapshots to oms_app;

-- Changes of a world, each asked for once under its key and made by a worker. applied: its rows are changed and the
-- balances on the chain are not yet those of the ledger. addresses: whose balances these are. since_block: transfers up to
-- there are of a world before this one. seed: of a reset that changes it; null: takes it away.
create table world_changes (
  project_id text not null references projects,
  change_id text not null,
  request_key text not null,
  kind text not null check (kind in ('reset', 'snapshot', 'restore')),
  snapshot_name text,
  starts_at timestamptz,
  changes_seed boolean not null default false,
  seed text,
  actor text not null,
  request_id text,
  status text not null check (status in ('requested', 'applied', 'done', 'refused')),
  refusal text,
  row_count bigint,
  addresses text[],
  since_block bigint,
  requested_at timestamptz not null,
  ended_at timestamptz,
  primary key (project_id, change_id),
  unique (project_id, request_key),
  check ((snapshot_name is null) = (kind = 'reset')),
  check (kind = 'reset' or (starts_at is null and not changes_seed)),
  check (seed is null or changes_seed),
  check ((status = 'refused') = (refusal is not null)),
  check ((status in ('done', 'refused')) = (ended_at is not null)),
  check ((status = 'applied') = (addresses is not null))
);
create unique index world_changes_open on world_changes (project_id) where status in ('requested', 'applied');
create index world_changes_by_block on world_changes (project_id, since_block) where since_block is not null;
call isolate_by_project('world_changes', true);
call guard_states('world_changes', '{requested}',
  '{requested > applied, requested > done, requested > refused, applied > done}');
grant select, insert on world_changes to oms_app;
grant update (status, refusal, row_count, addresses, since_block, ended_at) on world_changes to oms_app;

-- A world is emptied and put back in any order of its tables.
do $$
declare
  reference record;
begin
  for reference in
    select n.conrelid::regclass holder, n.conname from pg_constraint n
    join pg_attribute a on a.attrelid = n.conrelid and a.attname = 'project_id'
    join pg_attribute b on b.attrelid = n.confrelid and b.attname = 'project_id'
    where n.contype = 'f' and n.connamespace = 'public'::regnamespace and n.conparentid = 0
      and n.confrelid <> 'projects'::regclass
  loop
    execute format('alter table %s alter constraint %I deferrable initially immediate', reference.holder,
      reference.conname);
  end loop;
end $$;

-- Those that are looked for by each row that a world loses.
create index cash_ins_by_transaction on cash_ins (project_id, transaction_id) where transaction_id is not null;
create index quotes_by_customer on quotes (project_id, customer_id);
create index sandbox_cash_authorizations_by_cash_in on sandbox_cash_authorizations (project_id, cash_in_id);

-- What keeps rows as they are lets the functions below through, which are the owner's and say whose world they change;
-- the server's role can say so too, and is not the owner.
create function is_of_changing_world(p_project text) returns boolean language sql stable as $$
  select current_setting('oms.changing_world', true) = p_project and current_user <> 'oms_app'
$$;

create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  if lower(tg_op) = 'delete' and current_setting('oms.changing_world', true) <> '' then
    if is_of_changing_world(old.project_id) then
      return old;
    end if;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;

create or replace function refuse_removal() returns trigger language plpgsql as $$
begin
  if lower(tg_op) = 'delete' and current_setting('oms.changing_world', true) <> '' then
    if is_of_changing_world(old.project_id) then
      return old;
    end if;
  end if;
  raise exception '% are kept', tg_table_name using errcode = 'insufficient_privilege';
end $$;

create or replace function refuse_first_state() returns trigger language plpgsql as $$
begin
  if current_setting('oms.changing_world', true) <> '' then
    if is_of_changing_world(new.project_id) then
      return new;
    end if;
  end if;
  raise exception '% cannot begin as %', tg_table_name, new.status using errcode = 'check_violation';
end $$;

create or replace function project_clock_goes_forward() returns trigger language plpgsql as $$
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
end $$;

-- The lock that a transaction of a project shares, and that whoever changes its world has alone.
create function world_lock_key(p_project text) returns bigint language sql immutable parallel safe as $$
  select hashtextextended('world:' || p_project, 0)
$$;

create function world_tables() returns table (name text) language sql stable as $$
  select c.relname::text from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and c.relname not in (select e.table_name from world_exceptions e)
  order by c.relname
$$;

-- What a snapshot must agree with to be put back.
create function world_shape() returns text language sql stable as $$
  select md5(string_agg(concat_ws(' ', t.name, a.attname, a.atttypid::regtype, a.atttypmod), ',' order by t.name, a.attnum))
  from world_tables() t
  join pg_attribute a on a.attrelid = t.name::regclass and a.attnum > 0 and not a.attisdropped
$$;

-- What must end before the world is changed; null: nothing. No job is claimed from here to the end of the transaction.
create function world_unrest(p_project text, p_now timestamptz) returns text language plpgsql as $$
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
end $$;

-- The rest is the owner's, of whom row level security and what keeps rows ask as of anybody else.

-- Throws unless the world is that of the transaction's project, and a sandbox's.
create function world_require(p_project text) returns void language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
  if p_project is distinct from current_setting('oms.project', true) then
    raise exception 'a world is changed outside its project' using errcode = 'insufficient_privilege';
  end if;
  if not exists (select from projects p where p.project_id = p_project and p.mode = 'sandbox') then
    raise exception 'the world of a live project is not changed' using errcode = 'insufficient_privilege';
  end if;
end $$;
revoke execute on function world_require from public;

-- The same, and waits until nobody else is in it.
create function world_take(p_project text) returns void language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
  perform world_require(p_project);
  perform pg_advisory_xact_lock(world_lock_key(p_project));
end $$;
revoke execute on function world_take from public;

-- Lets the owner's functions change all rows of the world, in any order. A world goes and comes as a whole, and what is not
-- of it refers to nothing in it: where the owner may, rows are not asked one by one; elsewhere references are checked at
-- the end.
create function world_open(p_project text) returns void language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
  perform set_config('oms.changing_world', p_project, true);
  if has_parameter_privilege('session_replication_role', 'set') then
    perform set_config('session_replication_role', 'replica', true);
  else
    set constraints all deferred;
  end if;
end $$;
revoke execute on function world_open from public;

create function world_close() returns void language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if current_setting('session_replication_role') = 'replica' then
    perform set_config('session_replication_role', 'origin', true);
  else
    set constraints all immediate;
  end if;
  perform set_config('oms.changing_world', '', true);
end $$;
revoke execute on function world_close from public;

-- How many rows it had.
create function world_empty(p_project text) returns bigint language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $$
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
end $$;
revoke execute on function world_empty from public;
grant execute on function world_empty to oms_app;

-- The name of a snapshot's copy of a table.
create function snapshot_table(p_snapshot bigint, p_table text) returns text language sql immutable as $$
  select format('snapshots.%I', 's' || p_snapshot || '_' || p_table)
$$;

-- Copies the world into tables of the snapshot, which exists and has none. How many rows.
create function world_copy(p_project text, p_name text) returns bigint language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $$
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
end $$;
revoke execute on function world_copy from public;
grant execute on function world_copy to oms_app;

-- Makes the world what it was: what is not in the snapshot, or not as there, goes; what is missing comes back. How many
-- rows went and came. Jobs come back as new ones, which nobody runs yet.
create function world_put_back(p_project text, p_name text) returns bigint language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $$
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
end $$;
revoke execute on function world_put_back from public;
grant execute on function world_put_back to oms_app;

create function world_forget(p_project text, p_name text) returns boolean language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $$
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
end $$;
revoke execute on function world_forget from public;
grant execute on function world_forget to oms_app;

-- The clock and the draws of a project with a new world; time may go back, so a new epoch of ids begins. A seed without an
-- address space gets a free one, or the one that it has. Nothing happens to a project without a clock.
create function world_set_clock(p_project text, p_stands_at timestamptz, p_offset_ms bigint, p_set_at timestamptz,
  p_seed text, p_address_space integer, p_drawn bigint, p_addresses bigint)
returns setof project_clocks language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
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
end $$;
revoke execute on function world_set_clock from public;
grant execute on function world_set_clock to oms_app;
