set local lock_timeout = '5s';

-- display: what is shown of the details, numbers masked. numbers_sealed: the account's numbers, AES-256-GCM under the
-- project's data key. A card's number is in neither. A deleted account is kept: payments were made to it.
create table external_accounts (
  project_id text not null references projects,
  external_account_id text not null,
  customer_id text not null,
  type text not null check (type in ('usBank', 'intlBank', 'debitCard', 'blockchainAddress')),
  network text not null check (network in ('ach', 'wire', 'swift', 'card', 'polygon')),
  status text not null check (status in ('pending', 'verified', 'declined', 'deleted')),
  owner_name text not null,
  owner_type text not null check (owner_type in ('individual', 'business')),
  country text,
  currency text not null check (currency in ('usd', 'usdc')),
  address text,
  display jsonb not null,
  numbers_sealed bytea,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, external_account_id),
  foreign key (project_id, customer_id) references customers,
  check ((type = 'blockchainAddress') = (address is not null)),
  check ((type = 'blockchainAddress') = (country is null)),
  check ((type in ('usBank', 'intlBank')) = (numbers_sealed is not null))
);
create index external_accounts_by_customer on external_accounts (project_id, customer_id, external_account_id);
call isolate_by_project('external_accounts', false);
grant select, insert on external_accounts to oms_app;
grant update (status, display, numbers_sealed, updated_at) on external_accounts to oms_app;
call guard_states('external_accounts', '{pending}', '{pending > verified, pending > declined, pending > deleted,
  verified > deleted, declined > deleted}');

-- The saved address that cash goes to; destination_address is where it pointed when the code was made.
alter table cash_ins add column destination_external_account_id text,
  add foreign key (project_id, destination_external_account_id) references external_accounts,
  add check (num_nonnulls(destination_wallet_id, destination_external_account_id) <= 1);
