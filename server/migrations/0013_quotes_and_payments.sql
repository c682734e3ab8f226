set local lock_timeout = '5s';

-- A price, locked until expires_at. Amounts are minor units: of the source asset left of the rate, of the destination
-- asset right of it; gas_cost is in usd cents. `expired` is no status: it is an open quote whose time is over.
create table quotes (
  project_id text not null references projects,
  quote_id text not null,
  customer_id text not null,
  type text not null check (type in ('cryptoToCrypto', 'cryptoToFiat')),
  status text not null check (status in ('open', 'accepted')),
  source_wallet_id text not null,
  source_asset text not null,
  source_network text not null,
  source_gross numeric(38, 0) not null check (source_gross > 0),
  fee_developer numeric(38, 0) not null check (fee_developer >= 0),
  fee_oms numeric(38, 0) not null check (fee_oms >= 0),
  fee_gas numeric(38, 0) not null check (fee_gas >= 0),
  destination_wallet_id text,
  destination_address text,
  destination_external_account_id text,
  destination_location_id text,
  destination_location_reference text,
  destination_asset text not null,
  destination_network text not null,
  destination_gross numeric(38, 0) not null check (destination_gross > 0),
  exchange_rate text not null,
  fixed_side text not null check (fixed_side in ('source', 'destination')),
  developer_fees jsonb not null,
  sponsor_gas boolean not null,
  gas_cost numeric(38, 0) not null check (gas_cost >= 0),
  metadata jsonb not null,
  transaction_id text,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, quote_id),
  foreign key (project_id, customer_id) references customers,
  check (num_nonnulls(destination_wallet_id, destination_address, destination_external_account_id,
    destination_location_id) between 1 and 2),
  check ((status = 'accepted') = (transaction_id is not null))
);
call isolate_by_project('quotes', false);
grant select, insert on quotes to oms_app;
grant update (status, transaction_id, updated_at) on quotes to oms_app;
call guard_states('quotes', '{open}', '{open > accepted}');

-- source_address and source_key_index: who signs when the source is on chain. bank_details: masked.
-- cash_pickup: as shown once the cash is ready. returned_*: a payout that came back after it had been completed.
alter table transactions
  add column quote_id text,
  add column virtual_account_id text,
  add column deposit_address_id text,
  add column source_wallet_id text,
  add column source_address text,
  add column source_key_index bigint,
  add column source_fee_developer numeric(38, 0) not null default 0 check (source_fee_developer >= 0),
  add column source_fee_gas numeric(38, 0) not null default 0 check (source_fee_gas >= 0),
  add column fixed_side text not null default 'source' check (fixed_side in ('source', 'destination')),
  add column developer_fees jsonb not null default '[]',
  add column gas_cost numeric(38, 0) not null default 0 check (gas_cost >= 0),
  add column destination_external_account_id text,
  add column destination_location_id text,
  add column destination_location_reference text,
  add column destination_owner text,
  add column bank_details jsonb,
  add column cash_pickup jsonb,
  add column source_tx_hash text,
  add column error_recoverable boolean,
  add column return_code text,
  add column return_reason text,
  add column returned_at timestamptz,
  add column refund numeric(38, 0) check (refund > 0),
  add column refund_status text check (refund_status in ('pending', 'completed', 'failed')),
  add column refund_tx_hash text,
  drop constraint transactions_check,
  drop constraint transactions_check2,
  add constraint has_destination check (num_nonnulls(destination_wallet_id, destination_address,
    destination_external_account_id, destination_location_id) between 1 and 2),
  add constraint completion check (case status when 'completed' then completed_at is not null
    when 'failed' then completed_at is null or returned_at is not null else completed_at is null end),
  add constraint has_return check (num_nonnulls(return_code, return_reason, returned_at) in (0, 3)),
  add constraint has_refund check ((refund is null) = (refund_status is null));

create unique index transactions_by_quote on transactions (project_id, quote_id) where quote_id is not null;
create index transactions_by_source_wallet on transactions (project_id, source_wallet_id, transaction_id)
  where source_wallet_id is not null;
create index transactions_by_destination_wallet on transactions (project_id, destination_wallet_id, transaction_id)
  where destination_wallet_id is not null;
create index transactions_by_virtual_account on transactions (project_id, virtual_account_id, transaction_id)
  where virtual_account_id is not null;
create index transactions_by_deposit_address on transactions (project_id, deposit_address_id, transaction_id)
  where deposit_address_id is not null;
-- Without these a filter for a rare status or type walks the whole project. Most transactions are completed.
create index transactions_by_status on transactions (project_id, status, transaction_id) where status <> 'completed';
create index transactions_by_type on transactions (project_id, type, transaction_id);

grant update (cash_pickup, source_tx_hash, error_recoverable, return_code, return_reason, returned_at, refund,
  refund_status, refund_tx_hash) on transactions to oms_app;

-- completed > failed: a bank may send a payout back weeks after it settled.
drop trigger transactions_legal_changes on transactions;
drop trigger transactions_first_state on transactions;
drop trigger transactions_kept on transactions;
drop trigger transactions_kept_all on transactions;
call guard_states('transactions', '{processing}', '{processing > cashPickupReady, processing > completed,
  processing > failed, cashPickupReady > completed, cashPickupReady > failed, completed > failed}');
