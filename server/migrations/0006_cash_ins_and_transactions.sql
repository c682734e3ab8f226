set local lock_timeout = '5s';

-- Amounts are minor units: usd cents at the source, token units at the destination. A destination is a wallet of
-- the customer or an outside address. fee_schedule: what applied at creation, so that a later change is not felt.
create table transactions (
  project_id text not null references projects,
  transaction_id text not null,
  type text not null check (type in ('fiatToCrypto', 'cryptoToFiat', 'cryptoToCrypto')),
  status text not null check (status in ('processing', 'cashPickupReady', 'completed', 'failed')),
  sub_status text,
  cash_in_id text,
  sender_customer_id text not null,
  recipient_customer_id text,
  source_asset text not null,
  source_network text not null,
  source_gross numeric(38, 0) not null check (source_gross > 0),
  source_fee_oms numeric(38, 0) not null check (source_fee_oms >= 0),
  location_id text,
  location_reference text,
  destination_asset text not null,
  destination_network text not null,
  destination_wallet_id text,
  destination_address text,
  destination_gross numeric(38, 0) not null check (destination_gross > 0),
  exchange_rate text not null,
  sponsor_gas boolean not null,
  metadata jsonb not null,
  tx_hash text,
  error_code text,
  error_message text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  completed_at timestamptz,
  primary key (project_id, transaction_id),
  foreign key (project_id, sender_customer_id) references customers,
  check ((destination_wallet_id is null) <> (destination_address is null)),
  check ((status = 'failed') = (error_code is not null)),
  check ((status = 'completed') = (completed_at is not null))
);
create index transactions_by_sender on transactions (project_id, sender_customer_id, transaction_id);
create index transactions_by_recipient on transactions (project_id, recipient_customer_id, transaction_id);
create index transactions_by_cash_in on transactions (project_id, cash_in_id) where cash_in_id is not null;
call isolate_by_project('transactions', false);
grant select, insert on transactions to oms_app;
grant update (status, sub_status, tx_hash, error_code, error_message, updated_at, completed_at)
  on transactions to oms_app;

create table cash_ins (
  project_id text not null references projects,
  cash_in_id text not null,
  customer_id text not null,
  status text not null check (status in ('pending', 'processing', 'completed', 'expired', 'failed')),
  sub_status text not null check (sub_status in ('order_reserved', 'settled', 'cash_deposit_expired',
    'cash_deposit_failed', 'provider_order_failed', 'provider_order_template_error')),
  provider text not null,
  indicated numeric(38, 0) not null check (indicated > 0),
  deposited numeric(38, 0) check (deposited > 0),
  deposited_at timestamptz,
  email text,
  destination_asset text not null check (destination_asset in ('usdc')),
  destination_network text not null check (destination_network in ('polygon')),
  destination_wallet_id text,
  destination_address text not null,
  location_id text not null,
  location_reference text not null,
  location_name text not null,
  location_address text not null,
  max_deposit numeric(38, 0) not null check (max_deposit > 0),
  code text not null,
  code_expires_at timestamptz not null,
  sponsor_gas boolean not null,
  metadata jsonb not null,
  transaction_id text,
  error_code text,
  error_message text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  completed_at timestamptz,
  primary key (project_id, cash_in_id),
  foreign key (project_id, customer_id) references customers,
  foreign key (project_id, transaction_id) references transactions,
  check ((deposited is null) = (deposited_at is null)),
  check ((status in ('processing', 'completed', 'failed')) = (transaction_id is not null)),
  check ((status = 'failed') = (error_code is not null)),
  check ((status = 'completed') = (completed_at is not null))
);
create unique index cash_ins_by_code on cash_ins (project_id, code);
create index cash_ins_by_customer on cash_ins (project_id, customer_id, cash_in_id);
create index cash_ins_deposited on cash_ins (project_id, customer_id, deposited_at) where deposited_at is not null;
call isolate_by_project('cash_ins', false);
grant select, insert on cash_ins to oms_app;
grant update (status, sub_status, deposited, deposited_at, code, code_expires_at, transaction_id, error_code,
  error_message, updated_at, completed_at) on cash_ins to oms_app;

-- The sandbox's till: loads of cash it authorized, and whether it committed them.
create table sandbox_cash_authorizations (
  project_id text not null references projects,
  confirmation_id text not null,
  cash_in_id text not null,
  account_number text not null,
  account_reference_number text not null,
  authorized numeric(38, 0) not null check (authorized > 0),
  committed numeric(38, 0) check (committed > 0 and committed <= authorized),
  commit_confirmation_id text,
  created_at timestamptz not null,
  primary key (project_id, confirmation_id),
  foreign key (project_id, cash_in_id) references cash_ins,
  check ((committed is null) = (commit_confirmation_id is null))
);
call isolate_by_project('sandbox_cash_authorizations', false);
grant select, insert on sandbox_cash_authorizations to oms_app;
grant update (committed, commit_confirmation_id) on sandbox_cash_authorizations to oms_app;
