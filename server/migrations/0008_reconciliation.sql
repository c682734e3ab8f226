-- What comparing the ledger with the chain found. Nothing here changes a balance.

set local lock_timeout = '5s';

-- One comparison of all addresses of a project at one final block. adjusted_items: payments and deposits of later
-- blocks, which the ledger had booked already and the comparison took out again. A run whose process died stays
-- 'running' until the next one, which marks it 'failed'.
create table reconciliation_runs (
  project_id text not null references projects,
  run_id text not null,
  network text not null check (network in ('polygon')),
  asset text not null check (asset in ('usdc')),
  status text not null check (status in ('running', 'completed', 'failed')),
  block_number bigint not null check (block_number >= 0),
  addresses integer not null default 0,
  ledger_minor numeric(38, 0) not null default 0,
  chain_minor numeric(38, 0) not null default 0,
  adjusted_items integer not null default 0,
  opened_breaks integer not null default 0,
  closed_breaks integer not null default 0,
  open_breaks integer not null default 0,
  error text,
  started_at timestamptz not null,
  completed_at timestamptz,
  primary key (project_id, run_id),
  check ((status = 'running') = (completed_at is null)),
  check ((status = 'failed') = (error is not null))
);
create index reconciliation_runs_by_start on reconciliation_runs (project_id, started_at);
call isolate_by_project('reconciliation_runs', true);
grant select, insert on reconciliation_runs to oms_app;
grant update (status, addresses, ledger_minor, chain_minor, adjusted_items, opened_breaks, closed_breaks, open_breaks,
  error, completed_at) on reconciliation_runs to oms_app;

-- An address that held on chain something else than the ledger said, from the run that first saw it to the run that
-- no longer did. The amounts, the block and the cause are those of the last run that saw it.
create table reconciliation_breaks (
  project_id text not null,
  break_id text not null,
  subject_type text not null check (subject_type in ('wallet', 'treasury')),
  subject_id text not null,
  address text not null,
  network text not null check (network in ('polygon')),
  asset text not null check (asset in ('usdc')),
  ledger_minor numeric(38, 0) not null,
  chain_minor numeric(38, 0) not null,
  cause text not null check (cause in ('in_flight', 'unbooked_transfer', 'missing_on_chain', 'unknown')),
  block_number bigint not null,
  status text not null check (status in ('open', 'closed')),
  first_run_id text not null,
  first_seen_at timestamptz not null,
  last_run_id text not null,
  last_seen_at timestamptz not null,
  closed_at timestamptz,
  primary key (project_id, break_id),
  foreign key (project_id, first_run_id) references reconciliation_runs,
  foreign key (project_id, last_run_id) references reconciliation_runs,
  check (ledger_minor <> chain_minor),
  check ((status = 'closed') = (closed_at is not null))
);
create unique index reconciliation_breaks_open on reconciliation_breaks (project_id, subject_type, subject_id, asset)
  where status = 'open';
call isolate_by_project('reconciliation_breaks', false);
grant select, insert on reconciliation_breaks to oms_app;
grant update (ledger_minor, chain_minor, cause, block_number, status, last_run_id, last_seen_at, closed_at)
  on reconciliation_breaks to oms_app;

-- What later blocks did, to be taken out of the ledger's balances.
create index deposits_credited_by_block on deposits (project_id, block_number) where status = 'credited';
create index sends_paid_by_block on sends (project_id, block_number) where status = 'paid';
