-- Trouble that a sandbox project asked for (docs/decisions/0031).

set local lock_timeout = '5s';

-- Projects that have rules, or had some lately: every process knows them, and asks for rules only in these.
-- since: since when they are on the list; quiet_since: since when they have no rule. Both in real time.
create table troubled_projects (
  project_id text primary key references projects,
  since timestamptz not null,
  quiet_since timestamptz
);
call isolate_by_project('troubled_projects', true);
grant select, insert, update on troubled_projects to oms_app;

create function trouble_is_for_sandboxes() returns trigger language plpgsql as $$
begin
  if not exists (select from projects p where p.project_id = new.project_id and p.mode = 'sandbox') then
    raise '% is no sandbox', new.project_id;
  end if;
  return new;
end $$;
create trigger troubled_projects_are_sandboxes after insert on troubled_projects
  for each row execute function trouble_is_for_sandboxes();

-- asked: how often it could have happened. It, and the seed, decide whether it happens the next time.
create table trouble_rules (
  project_id text not null references troubled_projects,
  rule_id text not null,
  kind text not null check (kind in ('api.status', 'api.latency', 'api.drop', 'webhook.duplicate', 'webhook.reorder',
    'webhook.delay', 'webhook.drop', 'webhook.badSignature', 'webhook.staleSignature', 'chain.reorg',
    'chain.stuckNonce', 'chain.feeSpike', 'chain.rpcDown', 'chain.stalledFinality', 'rail.late', 'rail.duplicate',
    'rail.wrongAmount')),
  parameters jsonb not null,
  share_ppm integer not null check (share_ppm between 1 and 1000000),
  times bigint check (times > 0),
  seed bigint not null check (seed >= 0),
  asked bigint not null default 0,
  happened bigint not null default 0,
  ends_at timestamptz,
  created_at timestamptz not null,
  primary key (project_id, rule_id),
  check (happened between 0 and least(asked, times))
);
-- Trouble of the chain is that of all projects, and is looked for without one.
create index trouble_rules_of_chain on trouble_rules (kind) where kind like 'chain.%';
call isolate_by_project('trouble_rules', true);
grant select, insert, delete on trouble_rules to oms_app;
grant update (asked, happened) on trouble_rules to oms_app;

-- The first attempt is held back until due_at, or until the endpoint has had a later event of the resource.
alter table webhook_queue add column waits_for_next boolean not null default false;
grant update (waits_for_next) on webhook_queue to oms_app;
create index webhook_queue_waits_for_next on webhook_queue (project_id, webhook_id, resource_id) where waits_for_next;
