-- Settlement on chain: addresses, sends and their relaying, watched addresses and deposits.
-- Addresses and hashes are stored in lower case. Times of the chain (valid_before, block time) are Unix seconds,
-- because they are compared with what the token contract compares.

set local lock_timeout = '5s';

-- Puts a table without a project under row level security: only the platform's own work sees it.
create procedure isolate_to_platform(target regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy platform_only on %s using (current_setting(''oms.project'', true) = ''*'')', target);
end $$;

-- Addresses derived ahead by the signer, so that a new wallet needs no call to it. Rows stay: the next index to
-- derive is the highest one plus one, and an index is taken once. key_set: which of the signer's seeds the key comes
-- from; an index belongs to one set only, so it names the key alone. New addresses are of the newest set.
create table address_pool (
  key_index bigint primary key check (key_index >= 0),
  key_set integer not null default 0 check (key_set >= 0),
  address text not null unique check (address ~ '^0x[0-9a-f]{40}$'),
  taken_at timestamptz,
  unique (key_index, address)
);
create index address_pool_free on address_pool (key_set, key_index) where taken_at is null;
create index address_pool_by_key_set on address_pool (key_set, key_index);
grant select, insert on address_pool to oms_app;
grant update (taken_at) on address_pool to oms_app;

-- One payment out of a wallet we hold the key of. books_recipient: the owner of the send also books its arrival;
-- otherwise its arrival at a watched address is a deposit like a stranger's. attempt numbers its authorizations: a new one is only made when
-- the one before is finalized-dead, so at most one of them can ever be used.
create table sends (
  project_id text not null references projects,
  send_id text not null unique,
  network text not null check (network in ('polygon')),
  asset text not null check (asset in ('usdc')),
  from_key_index bigint not null check (from_key_index >= 0),
  from_address text not null check (from_address ~ '^0x[0-9a-f]{40}$'),
  to_address text not null check (to_address ~ '^0x[0-9a-f]{40}$'),
  amount numeric(38,0) not null check (amount > 0),
  purpose text not null,
  resource_id text not null,
  books_recipient boolean not null,
  status text not null check (status in ('queued', 'relaying', 'paid', 'failed')),
  attempt integer not null default 1 check (attempt > 0),
  valid_before bigint,
  authorization_nonce text check (authorization_nonce ~ '^0x[0-9a-f]{64}$'),
  batch_id text,
  relays integer not null default 0 check (relays >= 0),
  failure_code text check (failure_code in (
    'recipient_blacklisted', 'sender_blacklisted', 'insufficient_onchain_balance', 'token_paused',
    'authorization_rejected')),
  tx_hash text,
  block_number bigint,
  log_index integer,
  created_at timestamptz not null,
  settled_at timestamptz,
  primary key (project_id, send_id),
  -- The signer pays from the key of the index: a pair that does not match would move another wallet's money.
  foreign key (from_key_index, from_address) references address_pool (key_index, address),
  check ((valid_before is null) = (authorization_nonce is null)),
  check (status <> 'relaying' or (batch_id is not null and authorization_nonce is not null)),
  check ((status = 'paid') = (tx_hash is not null and block_number is not null and log_index is not null)),
  check ((status = 'failed') = (failure_code is not null)),
  check ((status in ('paid', 'failed')) = (settled_at is not null))
) with (fillfactor = 80);
create index sends_queued on sends (network, created_at, send_id) where status = 'queued';
create index sends_open on sends (network, valid_before) where status in ('queued', 'relaying');
create index sends_by_batch on sends (batch_id) where status = 'relaying';
create unique index sends_by_authorization on sends (network, authorization_nonce)
  where authorization_nonce is not null;
call isolate_by_project('sends', true);
grant select, insert on sends to oms_app;
grant update (status, attempt, valid_before, authorization_nonce, batch_id, relays, failure_code, tx_hash,
  block_number, log_index, settled_at) on sends to oms_app;

-- Accounts that pay the gas. Allocating a nonce is the update of next_nonce from the value that was read.
create table relayers (
  network text not null check (network in ('polygon')),
  relayer_index integer not null check (relayer_index >= 0),
  address text not null check (address ~ '^0x[0-9a-f]{40}$'),
  next_nonce bigint not null check (next_nonce >= 0),
  primary key (network, relayer_index)
);
call isolate_to_platform('relayers');
grant select, insert on relayers to oms_app;
grant update (next_nonce) on relayers to oms_app;

-- One transaction of a relayer. transfers: what the signer needs to sign it again at other fees.
create table relay_batches (
  network text not null,
  batch_id text primary key,
  relayer_index integer not null,
  nonce bigint not null,
  status text not null check (status in ('signed', 'broadcast', 'mined', 'final', 'superseded')),
  gas bigint not null,
  transfers jsonb not null,
  block_number bigint,
  block_hash text,
  created_at timestamptz not null,
  sent_at timestamptz,
  unique (network, relayer_index, nonce),
  foreign key (network, relayer_index) references relayers,
  check (status not in ('mined', 'final') or (block_number is not null and block_hash is not null))
) with (fillfactor = 80);
create index relay_batches_open on relay_batches (network, relayer_index, nonce)
  where status in ('signed', 'broadcast', 'mined');
call isolate_to_platform('relay_batches');
grant select, insert on relay_batches to oms_app;
grant update (status, block_number, block_hash, sent_at) on relay_batches to oms_app;

-- Every signed form of a batch, stored before it is broadcast; any of them may be mined. Append-only.
create table relay_attempts (
  batch_id text not null references relay_batches,
  hash text not null check (hash ~ '^0x[0-9a-f]{64}$'),
  raw text not null,
  max_fee_per_gas numeric(38,0) not null,
  max_priority_fee_per_gas numeric(38,0) not null,
  created_at timestamptz not null,
  primary key (batch_id, hash)
);
call isolate_to_platform('relay_attempts');
grant select, insert on relay_attempts to oms_app;

-- Addresses whose incoming transfers are deposits of a project's resource.
create table watched_addresses (
  project_id text not null references projects,
  network text not null check (network in ('polygon')),
  address text not null check (address ~ '^0x[0-9a-f]{40}$'),
  purpose text not null check (purpose in ('wallet', 'treasury')),
  resource_id text not null,
  created_at timestamptz not null,
  primary key (project_id, network, address)
);
create unique index watched_addresses_by_address on watched_addresses (network, address);
call isolate_by_project('watched_addresses', true);
grant select, insert on watched_addresses to oms_app;

-- How far the indexer has settled: all effects of blocks up to finalized_number are committed.
create table indexer_cursors (
  network text primary key check (network in ('polygon')),
  finalized_number bigint not null,
  finalized_hash text not null
);
call isolate_to_platform('indexer_cursors');
grant select, insert on indexer_cursors to oms_app;
grant update (finalized_number, finalized_hash) on indexer_cursors to oms_app;

-- The blocks above finalized_number as the indexer last saw them.
create table chain_blocks (
  network text not null check (network in ('polygon')),
  number bigint not null,
  hash text not null,
  parent_hash text not null,
  primary key (network, number)
);
call isolate_to_platform('chain_blocks');
grant select, insert, delete on chain_blocks to oms_app;

-- Incoming transfers. A transaction that a reorganisation moves to another block is another row; only one is credited.
create table deposits (
  project_id text not null references projects,
  deposit_id text not null,
  network text not null check (network in ('polygon')),
  asset text not null check (asset in ('usdc')),
  tx_hash text not null,
  log_index integer not null,
  block_number bigint not null,
  block_hash text not null,
  from_address text not null,
  to_address text not null,
  amount numeric(38,0) not null check (amount > 0),
  purpose text not null check (purpose in ('wallet', 'treasury')),
  resource_id text not null,
  status text not null check (status in ('detected', 'credited', 'orphaned')),
  created_at timestamptz not null,
  credited_at timestamptz,
  primary key (project_id, deposit_id),
  unique (network, tx_hash, log_index, block_hash),
  check ((status = 'credited') = (credited_at is not null))
);
create unique index deposits_credited_once on deposits (network, tx_hash, log_index) where status = 'credited';
create index deposits_detected on deposits (network, block_number) where status = 'detected';
call isolate_by_project('deposits', true);
grant select, insert on deposits to oms_app;
grant update (status, credited_at) on deposits to oms_app;
