set local lock_timeout = '5s';

-- What a reviewer asks for before it decides.
alter table endorsements
  add column missing text[] not null default '{}',
  add column issues text[] not null default '{}';

-- The magic value by which the account made the sandbox's bank do something else than to pay.
alter table sandbox_bank_payments add column scenario text;

-- Exchange rates that a sandbox project was told to take instead of the feed's; null: there is none to be had.
create table sandbox_rates (
  project_id text not null references projects,
  pair text not null,
  rate text check (rate ~ '^[0-9]{1,9}[.][0-9]{1,12}$'),
  updated_at timestamptz not null,
  primary key (project_id, pair)
);
call isolate_by_project('sandbox_rates', false);
grant select, insert, update, delete on sandbox_rates to oms_app;
