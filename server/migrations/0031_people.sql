-- Organizations, their members, and how these come in (docs/decisions/0035).
-- An organization's id is a scope like a project's: in it a transaction sees the organization's own rows, and its audit log.

set local lock_timeout = '5s';

create table organizations (
  organization_id text primary key,
  name text not null,
  created_at timestamptz not null
);

-- Whose projects they are that nobody else is named for.
insert into organizations (organization_id, name, created_at)
values (replace(event_id_at(now()), 'evt_', 'org_') || substr(md5(random()::text), 1, 16), 'My organization', now());

-- email: lower case. password_hash: Argon2id with its parameters. totp_secret: sealed; asked for from totp_confirmed_at on.
-- totp_last_step: of the last code that was taken, so that each is taken once.
create table users (
  user_id text primary key,
  email text not null unique check (email = lower(email)),
  name text not null,
  password_hash text not null,
  totp_secret bytea,
  totp_confirmed_at timestamptz,
  totp_last_step bigint not null default 0,
  last_seen_at timestamptz,
  created_at timestamptz not null,
  check (totp_confirmed_at is null or totp_secret is not null)
);

create table memberships (
  organization_id text not null references organizations,
  user_id text not null references users,
  role text not null check (role in ('owner', 'admin', 'developer', 'operator', 'viewer')),
  joined_at timestamptz not null,
  primary key (organization_id, user_id)
);
create index memberships_by_user on memberships (user_id);

-- Keyed hashes; a code that was used is gone.
create table recovery_codes (
  user_id text not null references users,
  code_hash bytea not null,
  primary key (user_id, code_hash)
);

-- token_hash: of 256 random bits, which only the cookie has. A session that ended is gone, as are all of a membership.
create table sessions (
  session_id text primary key,
  token_hash bytea not null unique,
  organization_id text not null,
  user_id text not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  foreign key (organization_id, user_id) references memberships on delete cascade
);
create index sessions_by_member on sessions (organization_id, user_id);
create index sessions_by_user on sessions (user_id);
create index sessions_by_use on sessions (last_used_at);

-- Open ones; one that was accepted or withdrawn is gone.
create table invitations (
  organization_id text not null references organizations,
  invitation_id text not null,
  email text not null check (email = lower(email)),
  role text not null check (role in ('owner', 'admin', 'developer', 'operator', 'viewer')),
  token_hash bytea not null unique,
  invited_by text not null references users,
  invited_by_email text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (organization_id, invitation_id),
  unique (organization_id, email)
);

-- Attempts to sign in, by keyed hash of an address of mail, of a network or of a user. For all processes alike.
create table sign_in_attempts (
  counted bytea primary key,
  attempts integer not null,
  since timestamptz not null
);
create index sign_in_attempts_by_age on sign_in_attempts (since);

do $$
declare
  target text;
begin
  foreach target in array array['organizations', 'memberships', 'sessions', 'invitations'] loop
    execute format('alter table %I enable row level security', target);
    execute format('alter table %I force row level security', target);
    execute format(
      'create policy by_organization on %I using (current_setting(''oms.project'', true) in (''*'', organization_id))',
      target);
  end loop;
  foreach target in array array['users', 'recovery_codes'] loop
    execute format('alter table %I enable row level security', target);
    execute format('alter table %I force row level security', target);
    execute format(
      'create policy by_membership on %1$I using (current_setting(''oms.project'', true) = ''*'' or exists (
         select from memberships m
         where m.user_id = %1$I.user_id and m.organization_id = current_setting(''oms.project'', true)))', target);
  end loop;
end $$;
-- Who accepts an invitation is nobody's member yet.
create policy by_invitation on users for insert
  with check (current_setting('oms.project', true) like 'org\_%');
alter table sign_in_attempts enable row level security;
alter table sign_in_attempts force row level security;
create policy by_platform on sign_in_attempts using (current_setting('oms.project', true) = '*');

grant select, insert on organizations, users to oms_app;
grant update (name) on organizations to oms_app;
grant update (name, password_hash, totp_secret, totp_confirmed_at, totp_last_step, last_seen_at) on users to oms_app;
grant select, insert, delete on memberships, recovery_codes, sessions, invitations to oms_app;
grant update (role) on memberships to oms_app;
grant update (last_used_at) on sessions to oms_app;
grant select, insert, update, delete on sign_in_attempts to oms_app;

-- Who made the instance; in any scope.
create function first_organization() returns text language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp as $$
declare
  scope text := current_setting('oms.project', true);
  found text;
begin
  perform set_config('oms.project', '*', true);
  select o.organization_id into strict found from organizations o order by o.created_at, o.organization_id limit 1;
  perform set_config('oms.project', coalesce(scope, ''), true);
  return found;
end $$;
revoke execute on function first_organization from public;
grant execute on function first_organization to oms_app;

alter table projects
  add column organization_id text not null default first_organization() references organizations;
create index projects_by_organization on projects (organization_id, created_at);
create index projects_by_organization_name on projects (organization_id, name);
create policy by_organization on projects for select
  using (organization_id = current_setting('oms.project', true));

-- created_by: as actors of the audit log. last_used_at: to the minute.
alter table api_keys
  add column scopes text[] not null default '{read,operate,simulate,develop,configure}'
    check (cardinality(scopes) > 0 and scopes <@ '{read,operate,simulate,develop,configure}'::text[]),
  add column created_by text not null default 'system',
  add column last_used_at timestamptz;
grant update (last_used_at) on api_keys to oms_app;

-- In the scope of a project: the role that the session has in the project's organization; null: none, or not any more.
create function session_role(p_session text) returns text language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp as $$
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
end $$;
revoke execute on function session_role from public;
grant execute on function session_role to oms_app;

-- What an API key (its scopes) or a session (its role) has in the project; null: it is revoked, or has ended.
create function standing_of(p_principal text) returns text[] language plpgsql volatile
set search_path = pg_catalog, public as $$
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
end $$;
grant execute on function standing_of to oms_app;

-- As of 0001, for whoever asks: what they have comes with it.
drop function claim_request(text, text);
create function claim_request(p_principal text, p_key text)
returns table (standing text[], is_claimed boolean, fingerprint bytea, status integer, sealed_reply bytea,
  created_at timestamptz)
language plpgsql volatile set search_path = pg_catalog, public as $$
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
end $$;
grant execute on function claim_request to oms_app;

-- actor: `apiKey:` and the key, `user:` and the user, or `system`. An organization has a chain of its own.
alter table audit_entries
  drop constraint audit_entries_project_id_fkey,
  drop constraint audit_entries_actor_check,
  add constraint audit_entries_actor_check
    check (actor = 'system' or actor like 'apiKey:_%' or actor like 'user:_%');
alter table audit_heads drop constraint audit_heads_project_id_fkey;

-- In the scope of a project: adds to the chain of its organization.
create function audit_append_to_organization(p_entries jsonb, p_now timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  project text := current_setting('oms.project', true);
  organization text;
begin
  select p.organization_id into strict organization from projects p where p.project_id = project;
  perform set_config('oms.project', organization, true);
  perform audit_append(organization, p_entries, p_now);
  perform set_config('oms.project', project, true);
end $$;
revoke execute on function audit_append_to_organization from public;
grant execute on function audit_append_to_organization to oms_app;

-- Whoever gives a project of the organization a name waits for this, so that two are not given the same.
create function naming_key(p_organization text) returns bigint language sql immutable as $$
  select hashtextextended('project-names:' || p_organization, 0)
$$;
grant execute on function naming_key to oms_app;

-- In any scope: whether no project of the organization and mode has the name; it stays free until the commit.
create function claim_project_name(p_organization text, p_mode text, p_name text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
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
end $$;
revoke execute on function claim_project_name from public;
grant execute on function claim_project_name to oms_app;

-- In any scope: ends the sessions of the user, whatever their organization, but the one that is kept.
create function end_sessions_of(p_user text, p_kept text) returns void language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp as $$
declare
  scope text := current_setting('oms.project', true);
begin
  perform set_config('oms.project', '*', true);
  delete from sessions s where s.user_id = p_user and s.session_id is distinct from p_kept;
  perform set_config('oms.project', scope, true);
end $$;
revoke execute on function end_sessions_of from public;
grant execute on function end_sessions_of to oms_app;

-- In the scope of a project: gives it the name, and its counterpart, which it answers. No row when another project has it.
create function rename_project(p_name text) returns table (counterpart_id text) language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp as $$
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
end $$;
revoke execute on function rename_project from public;
grant execute on function rename_project to oms_app;
