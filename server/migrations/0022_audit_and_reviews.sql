-- What screening wants looked at, and who changed what.

set local lock_timeout = '5s';

-- A review has an id of its own, under which its event is recorded: nothing of the transaction tells of it
-- (docs/decisions/0023).
create table transaction_reviews (
  project_id text not null,
  review_id text not null,
  transaction_id text not null,
  provider text not null,
  opened_at timestamptz not null,
  primary key (project_id, review_id),
  foreign key (project_id, transaction_id) references transactions
);
create index transaction_reviews_by_transaction on transaction_reviews (project_id, transaction_id);
call isolate_by_project('transaction_reviews', false);
grant select, insert on transaction_reviews to oms_app;
create trigger transaction_reviews_append_only before update or delete on transaction_reviews
  for each row execute function refuse_change();
create trigger transaction_reviews_kept_all before truncate on transaction_reviews
  for each statement execute function refuse_removal();

-- actor: `apiKey:` and the key, or `system`. details never hold a secret.
-- hash = sha256(hash of the position before, or 32 zero bytes || audit_line).
create table audit_entries (
  project_id text not null references projects,
  audit_entry_id text not null,
  position bigint not null check (position > 0),
  actor text not null check (actor = 'system' or actor like 'apiKey:_%'),
  action text not null,
  resource_id text not null,
  details jsonb not null check (jsonb_typeof(details) = 'object'),
  request_id text,
  created_at timestamptz not null,
  hash bytea not null check (length(hash) = 32),
  primary key (project_id, audit_entry_id),
  unique (project_id, position)
);
create index audit_entries_by_resource on audit_entries (project_id, resource_id, audit_entry_id);
create index audit_entries_by_action on audit_entries (project_id, action, audit_entry_id);
call isolate_by_project('audit_entries', false);
grant select on audit_entries to oms_app;
create trigger audit_entries_append_only before update or delete on audit_entries
  for each row execute function refuse_change();
create trigger audit_entries_kept_all before truncate on audit_entries
  for each statement execute function refuse_removal();

-- The last link of each project; also what two that record at once wait for.
create table audit_heads (
  project_id text primary key references projects,
  position bigint not null,
  hash bytea not null
);
call isolate_by_project('audit_heads', false);
grant select on audit_heads to oms_app;

-- What an entry says, as the text that is hashed.
create function audit_line(entry audit_entries) returns text language sql stable as $$
  select jsonb_build_array(entry.position, entry.audit_entry_id, entry.actor, entry.action, entry.resource_id,
    entry.details, entry.request_id, extract(epoch from entry.created_at))::text
$$;

-- Adds entries (objects with audit_entry_id, actor, action, resource_id, details, request_id) in their order, each
-- chained to the one before.
create function audit_append(p_project text, p_entries jsonb, p_now timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
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
end $$;
revoke execute on function audit_append from public;
grant execute on function audit_append to oms_app;
