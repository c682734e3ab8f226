-- Roles, projects, keys, idempotency, jobs, events.
-- Every tenant table leads its key with project_id and is under row level security (forced, so that the owner obeys
-- it too). The server works as oms_app, which owns nothing and bypasses nothing. The setting oms.project names the
-- scope of a transaction: a project's id, or '*' for the platform's own work, which only the tables accept that say so.

set local lock_timeout = '5s';

do $$
begin
  if not exists (select from pg_roles where rolname = 'oms_app') then
    create role oms_app nologin nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
end $$;

do $$
begin
  -- Where someone else made the role, this user may be able to set it already and have no right to grant it.
  if not pg_has_role(current_user, 'oms_app', 'set') then
    grant oms_app to current_user;
  end if;
end $$;
revoke create on schema public from public;
grant usage on schema public to oms_app;

-- Puts a table under row level security. platform_too: visible in the platform's scope as well.
create procedure isolate_by_project(target regclass, platform_too boolean) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy by_project on %s using (project_id = current_setting(''oms.project'', true)%s)',
    target, case when platform_too then ' or current_setting(''oms.project'', true) = ''*''' else '' end);
end $$;

-- One row: what this deployment is, so that a wrong key-encryption key is noticed before it does harm.
create table deployment (
  only_one boolean primary key default true check (only_one),
  key_check bytea not null,
  created_at timestamptz not null
);
grant select, insert on deployment to oms_app;

create table projects (
  project_id text primary key,
  name text not null,
  mode text not null check (mode in ('sandbox', 'live')),
  created_at timestamptz not null
);
call isolate_by_project('projects', true);
grant select, insert on projects to oms_app;

-- A random key per project, sealed under the deployment's key-encryption key; it seals the project's identity data.
create table data_keys (
  project_id text primary key references projects,
  sealed_key bytea not null,
  created_at timestamptz not null
);
call isolate_by_project('data_keys', true);
grant select, insert on data_keys to oms_app;

-- Looked up before the project is known, hence visible in the platform's scope.
create table api_keys (
  project_id text not null references projects,
  api_key text not null,
  name text not null,
  secret_hash bytea not null,
  created_at timestamptz not null,
  revoked_at timestamptz,
  primary key (project_id, api_key)
);
create unique index api_keys_by_key on api_keys (api_key);
call isolate_by_project('api_keys', true);
grant select, insert on api_keys to oms_app;
grant update (revoked_at) on api_keys to oms_app;

-- A finished reply by key. reply is sealed: it may carry a secret that is shown once.
-- tombstone: the reply is gone, the key still refuses to run again.
create table idempotency_keys (
  project_id text not null references projects,
  key text not null check (length(key) between 1 and 255),
  fingerprint bytea not null,
  status integer not null,
  sealed_reply bytea,
  created_at timestamptz not null,
  primary key (project_id, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
call isolate_by_project('idempotency_keys', true);
grant select, insert, delete on idempotency_keys to oms_app;
grant update (sealed_reply) on idempotency_keys to oms_app;

-- What every keyed request asks first, in one round trip: is the API key still good, is the idempotency key ours for
-- this transaction, and what was answered under it before. Volatile on purpose: the look-up's snapshot is younger than
-- the lock, so it sees what the last holder committed. Without a key there is nothing to claim.
create function claim_request(p_api_key text, p_key text)
returns table (is_active boolean, is_claimed boolean, fingerprint bytea, status integer, sealed_reply bytea,
  created_at timestamptz)
language plpgsql volatile set search_path = pg_catalog, public as $$
#variable_conflict use_column
declare
  project text := current_setting('oms.project', true);
begin
  select exists (
    select from api_keys k where k.project_id = project and k.api_key = p_api_key and k.revoked_at is null
  ) into is_active;
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
end $$;
grant execute on function claim_request to oms_app;

-- Work enqueued in the transaction that causes it. A claim moves run_at to the end of the lease and sets a new
-- lease_token; finishing deletes the row if the token still matches (a worker that slept past its lease is fenced off).
create table jobs (
  job_id bigint generated always as identity primary key,
  project_id text not null,
  task text not null,
  payload jsonb not null,
  run_at timestamptz not null,
  attempts integer not null default 0,
  lease_token uuid,
  last_error text,
  dead_at timestamptz,
  created_at timestamptz not null
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
create index jobs_due on jobs (task, run_at, job_id) where dead_at is null;
create index jobs_dead on jobs (project_id, dead_at) where dead_at is not null;
call isolate_by_project('jobs', true);
grant select, insert, update, delete on jobs to oms_app;

-- The outbox. sequence counts the events of one resource without gaps.
create table events (
  project_id text not null references projects,
  event_id text not null,
  type text not null,
  resource_id text not null,
  sequence bigint not null check (sequence > 0),
  data jsonb not null,
  created_at timestamptz not null,
  primary key (project_id, event_id),
  unique (project_id, resource_id, sequence)
);
call isolate_by_project('events', false);
grant select, insert on events to oms_app;

create table event_sequences (
  project_id text not null references projects,
  resource_id text not null,
  last_sequence bigint not null,
  primary key (project_id, resource_id)
) with (fillfactor = 80);
call isolate_by_project('event_sequences', false);
grant select, insert, update on event_sequences to oms_app;

-- Projects whose events somebody wants delivered; the others' cost no job.
create table event_listeners (
  project_id text primary key references projects,
  created_at timestamptz not null
);
call isolate_by_project('event_listeners', false);
grant select, insert on event_listeners to oms_app;

-- What a provider told us, once each: the one door for results from outside.
create table provider_events (
  project_id text not null references projects,
  provider text not null,
  provider_event_id text not null,
  type text not null,
  received_at timestamptz not null,
  primary key (project_id, provider, provider_event_id)
);
call isolate_by_project('provider_events', false);
grant select, insert on provider_events to oms_app;
