-- Bank account numbers of customers, and the dollars that come to them. Amounts in cents.

set local lock_timeout = '5s';

-- account_number_hash: a keyed hash, by which an incoming credit finds its account; a number is never given twice,
-- whatever the project. developer_fees: null when the project's apply.
create table virtual_accounts (
  project_id text not null references projects,
  virtual_account_id text not null,
  customer_id text not null,
  status text not null check (status in ('active', 'paused', 'deleted')),
  bank_name text not null,
  account_number_sealed bytea not null,
  account_number_hash bytea not null unique,
  account_number_last4 text not null,
  routing_number text not null,
  account_type text not null check (account_type in ('checking', 'savings')),
  owner_name text not null,
  accountholder_name text not null check (accountholder_name in ('customer', 'oms', 'developer')),
  destination_asset text not null,
  destination_network text not null,
  destination_wallet_id text,
  destination_external_account_id text,
  destination_address text not null,
  developer_fees jsonb,
  label text,
  bank_memo text,
  metadata jsonb not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, virtual_account_id),
  foreign key (project_id, customer_id) references customers,
  foreign key (project_id, destination_wallet_id) references wallets,
  foreign key (project_id, destination_external_account_id) references external_accounts,
  check (num_nonnulls(destination_wallet_id, destination_external_account_id) <= 1)
);
create index virtual_accounts_by_customer on virtual_accounts (project_id, customer_id, virtual_account_id);
call isolate_by_project('virtual_accounts', false);
grant select, insert on virtual_accounts to oms_app;
grant update (status, destination_wallet_id, destination_external_account_id, destination_address, developer_fees,
  label, bank_memo, metadata, updated_at) on virtual_accounts to oms_app;
call guard_states('virtual_accounts', '{active}', '{active > paused, paused > active, active > deleted,
  paused > deleted}');

-- A credit of a bank for a virtual account; it shares the credit's id. tries: how often it was to be tried again by
-- itself; a job of another number is out of date.
create table virtual_account_deposits (
  project_id text not null references projects,
  credit_id text not null,
  virtual_account_id text not null,
  customer_id text not null,
  status text not null check (status in ('received', 'held', 'processing', 'delivered', 'returning', 'returned')),
  reason text check (reason in ('account_paused', 'amount_below_minimum', 'amount_above_maximum',
    'customer_not_eligible', 'destination_unavailable', 'rate_unavailable', 'treasury_short', 'account_deleted',
    'delivery_failed')),
  rail text not null check (rail in ('ach', 'wire', 'swift')),
  amount numeric(38, 0) not null check (amount > 0),
  sender_name text not null,
  memo text,
  reference text not null,
  transaction_id text,
  tries integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, credit_id),
  foreign key (project_id, credit_id) references bank_credits,
  foreign key (project_id, virtual_account_id) references virtual_accounts,
  foreign key (project_id, transaction_id) references transactions,
  check ((status in ('held', 'returning', 'returned')) = (reason is not null)),
  check (case when status in ('received', 'held') then transaction_id is null
    when status in ('processing', 'delivered') then transaction_id is not null else true end)
);
create index virtual_account_deposits_by_account
  on virtual_account_deposits (project_id, virtual_account_id, credit_id);
create index virtual_account_deposits_by_status
  on virtual_account_deposits (project_id, virtual_account_id, status, credit_id);
create unique index virtual_account_deposits_by_transaction
  on virtual_account_deposits (project_id, transaction_id) where transaction_id is not null;
call isolate_by_project('virtual_account_deposits', false);
grant select, insert on virtual_account_deposits to oms_app;
grant update (status, reason, transaction_id, tries, updated_at) on virtual_account_deposits to oms_app;
call guard_states('virtual_account_deposits', '{received}', '{received > held, received > processing,
  received > returning, held > processing, held > returning, processing > delivered, processing > returning,
  returning > returned}');
