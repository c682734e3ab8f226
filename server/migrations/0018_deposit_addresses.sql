-- Addresses of a customer from which whatever arrives is sent on by itself.

set local lock_timeout = '5s';

-- developer_fees: shares of the amount, as {percentage, wallet}; null stands for what the project charges.
-- One at a destination_address is either saved, and then destination_external_account_id says so, or it is not.
create table deposit_addresses (
  project_id text not null references projects,
  deposit_address_id text not null,
  customer_id text not null,
  status text not null check (status in ('active', 'paused', 'deleted')),
  asset text not null check (asset in ('usdc')),
  network text not null check (network in ('polygon')),
  address text not null,
  key_index bigint not null,
  destination_asset text not null check (destination_asset in ('usdc', 'usd')),
  destination_network text not null check (destination_network in ('polygon', 'ach', 'wire', 'swift')),
  destination_wallet_id text,
  destination_address text,
  destination_external_account_id text,
  developer_fees jsonb check (jsonb_typeof(developer_fees) = 'array'),
  label text,
  metadata jsonb not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (project_id, deposit_address_id),
  foreign key (project_id, customer_id) references customers,
  check ((destination_asset = 'usd') = (destination_network <> 'polygon')),
  check (case when destination_wallet_id is not null
    then num_nonnulls(destination_address, destination_external_account_id) = 0
    else num_nonnulls(destination_address, destination_external_account_id) > 0 end),
  check ((status = 'deleted') = (deleted_at is not null))
);
create unique index deposit_addresses_by_address on deposit_addresses (project_id, lower(address));
create index deposit_addresses_by_customer on deposit_addresses (project_id, customer_id, deposit_address_id);
call isolate_by_project('deposit_addresses', false);
grant select, insert on deposit_addresses to oms_app;
grant update (status, destination_asset, destination_network, destination_wallet_id, destination_address,
  destination_external_account_id, developer_fees, label, metadata, updated_at, deleted_at)
  on deposit_addresses to oms_app;
call guard_states('deposit_addresses', '{active}', '{active > paused, paused > active, active > deleted,
  paused > deleted}');

-- What became of each final deposit at one of them. remaining: what of it lies at the address while it is held, and what
-- of it was sent on afterwards; fees of a payout that came back make it less than amount. transaction_id: the last one
-- that sent it on, several small deposits together.
create table deposit_address_deposits (
  project_id text not null references projects,
  deposit_id text not null,
  deposit_address_id text not null,
  customer_id text not null,
  status text not null
    check (status in ('received', 'held', 'processing', 'delivered', 'returning', 'failed')),
  hold_reason text,
  amount numeric(38, 0) not null check (amount > 0),
  remaining numeric(38, 0) not null check (remaining between 0 and amount),
  asset text not null check (asset in ('usdc')),
  network text not null check (network in ('polygon')),
  address text not null,
  from_address text not null,
  tx_hash text not null,
  log_index integer not null,
  block_number bigint not null,
  transaction_id text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, deposit_id),
  foreign key (project_id, deposit_id) references deposits,
  foreign key (project_id, deposit_address_id) references deposit_addresses,
  foreign key (project_id, transaction_id) references transactions,
  check ((status = 'held') = (hold_reason is not null)),
  check (status in ('received', 'held') or transaction_id is not null)
);
create index deposit_address_deposits_by_address
  on deposit_address_deposits (project_id, deposit_address_id, deposit_id);
create index deposit_address_deposits_by_customer on deposit_address_deposits (project_id, customer_id, deposit_id);
create index deposit_address_deposits_by_transaction on deposit_address_deposits (project_id, transaction_id)
  where transaction_id is not null;
create index deposit_address_deposits_by_status on deposit_address_deposits (project_id, status, deposit_id)
  where status <> 'delivered';
create index deposit_address_deposits_by_reason on deposit_address_deposits (project_id, hold_reason, deposit_id)
  where hold_reason is not null;
-- Largest first: what is to be sent on together is found at once among however much dust.
create index deposit_address_deposits_held
  on deposit_address_deposits (project_id, deposit_address_id, remaining desc, deposit_id) where status = 'held';
call isolate_by_project('deposit_address_deposits', false);
grant select, insert on deposit_address_deposits to oms_app;
grant update (status, hold_reason, remaining, transaction_id, updated_at) on deposit_address_deposits to oms_app;
-- delivered > returning: a bank sent the payout back. processing > held: it was never debited, all of it is there.
call guard_states('deposit_address_deposits', '{received}', '{received > held, received > processing,
  held > processing, processing > delivered, processing > held, processing > returning, delivered > returning,
  returning > held, returning > failed}');

alter table watched_addresses
  drop constraint watched_addresses_purpose_check,
  add constraint watched_addresses_purpose_check check (purpose in ('wallet', 'treasury', 'depositAddress'));
alter table deposits
  drop constraint deposits_purpose_check,
  add constraint deposits_purpose_check check (purpose in ('wallet', 'treasury', 'depositAddress'));
alter table ignored_transfers
  drop constraint ignored_transfers_purpose_check,
  add constraint ignored_transfers_purpose_check check (purpose in ('wallet', 'treasury', 'depositAddress'));
alter table reconciliation_breaks
  drop constraint reconciliation_breaks_subject_type_check,
  add constraint reconciliation_breaks_subject_type_check
    check (subject_type in ('wallet', 'treasury', 'depositAddress'));
