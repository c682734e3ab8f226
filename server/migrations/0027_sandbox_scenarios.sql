-- What a sandbox's request said in OMS-Sandbox-Scenario for what it made: the name of a row of
-- contract/magic-values.ts. The simulated outside world reads it when it meets the resource.

set local lock_timeout = '5s';

create table sandbox_scenarios (
  project_id text not null references projects,
  resource_id text not null,
  scenario text not null,
  created_at timestamptz not null,
  primary key (project_id, resource_id)
);
call isolate_by_project('sandbox_scenarios', false);
grant select, insert on sandbox_scenarios to oms_app;
