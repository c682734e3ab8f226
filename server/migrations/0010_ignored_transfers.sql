-- Final transfers to watched addresses that are no deposits: of another token, or of nothing. Anyone can make them with
-- a contract of their own, so nothing in them is to be trusted and nothing follows from them: they are listed, that is
-- all. token: the contract that says so. amount is in its smallest unit, any uint256.

set local lock_timeout = '5s';

create table ignored_transfers (
  project_id text not null references projects,
  ignored_transfer_id text not null,
  network text not null check (network in ('polygon')),
  reason text not null check (reason in ('wrong_token', 'zero_value')),
  token text not null check (token ~ '^0x[0-9a-f]{40}$'),
  from_address text not null,
  to_address text not null,
  amount numeric(78, 0) not null check (amount >= 0),
  tx_hash text not null,
  log_index integer not null,
  block_number bigint not null,
  block_hash text not null,
  block_time timestamptz not null,
  purpose text not null check (purpose in ('wallet', 'treasury')),
  resource_id text not null,
  created_at timestamptz not null,
  primary key (project_id, ignored_transfer_id),
  unique (network, tx_hash, log_index)
);
create index ignored_transfers_by_address on ignored_transfers (project_id, to_address, ignored_transfer_id);
create index ignored_transfers_by_reason on ignored_transfers (project_id, reason, ignored_transfer_id);
call isolate_by_project('ignored_transfers', false);
grant select, insert on ignored_transfers to oms_app;
create trigger ignored_transfers_append_only before update or delete on ignored_transfers
  for each row execute function refuse_change();

-- All ignored transfers of blocks up to listed_number are listed. It follows indexer_cursors and never leads it.
create table ignored_transfer_cursors (
  network text primary key check (network in ('polygon')),
  listed_number bigint not null
);
call isolate_to_platform('ignored_transfer_cursors');
grant select, insert on ignored_transfer_cursors to oms_app;
grant update (listed_number) on ignored_transfer_cursors to oms_app;
