-- What a project charges, allows and waits for; what one asset is worth in another; the fee a cash-in was made with.

set local lock_timeout = '5s';

-- Only what the project changed, in the form of the wire; everything else is the default of the day.
create table project_settings (
  project_id text primary key references projects,
  changed jsonb not null check (jsonb_typeof(changed) = 'object'),
  updated_at timestamptz not null
);
call isolate_by_project('project_settings', false);
grant select, insert on project_settings to oms_app;
grant update (changed, updated_at) on project_settings to oms_app;

-- The platform's, the same for all projects. pair: source/destination; rate: destination units per source unit.
-- reference_rate: what a new rate is compared with, replaced at most once an hour, so that many small steps are no way
-- around the limit of one.
create table exchange_rates (
  pair text primary key check (pair ~ '^[a-z]{2,10}/[a-z]{2,10}$'),
  rate text not null check (rate ~ '^(0|[1-9][0-9]{0,8})(\.[0-9]{1,12})?$' and rate::numeric > 0),
  observed_at timestamptz not null,
  reference_rate text not null check (reference_rate ~ '^(0|[1-9][0-9]{0,8})(\.[0-9]{1,12})?$'
    and reference_rate::numeric > 0),
  reference_at timestamptz not null,
  updated_at timestamptz not null
);
grant select, insert on exchange_rates to oms_app;
grant update (rate, observed_at, reference_rate, reference_at, updated_at) on exchange_rates to oms_app;

-- The fee that applied when it was made: a share of the deposit, and cents. The defaults are what rows were charged
-- that are older than these columns; every other row names its own.
alter table cash_ins
  add column fee_rate text not null default '0.015' check (fee_rate ~ '^0(\.[0-9]{1,6})?$'),
  add column fee_fixed numeric(38, 0) not null default 50 check (fee_fixed >= 0);
