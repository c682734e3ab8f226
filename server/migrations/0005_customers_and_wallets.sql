set local lock_timeout = '5s';

-- *_sealed: identity data, AES-256-GCM under the project's data key; never returned, never logged.
-- missing_identity: what a fiat account still needs, kept so that no read has to open a sealed value.
create table customers (
  project_id text not null references projects,
  customer_id text not null,
  type text not null check (type in ('individual')),
  status text not null check (status in ('active', 'inactive')),
  first_name text,
  middle_name text,
  last_name text,
  email text,
  phone text,
  nationality text,
  external_id text,
  signed_agreement_at timestamptz,
  metadata jsonb not null,
  birth_date_sealed bytea,
  residential_address_sealed bytea,
  identifying_information_sealed bytea,
  ip_address_sealed bytea,
  missing_identity text[] not null,
  review_round integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, customer_id)
);
create index customers_by_email on customers (project_id, email, customer_id) where email is not null;
create index customers_by_external_id on customers (project_id, external_id, customer_id)
  where external_id is not null;
call isolate_by_project('customers', false);
grant select, insert, update on customers to oms_app;

create table endorsements (
  project_id text not null,
  customer_id text not null,
  type text not null check (type in ('basic', 'cryptoCustody', 'usd')),
  status text not null check (status in ('PENDING', 'ACTIVE', 'REJECTED', 'REVOKED')),
  rejection_reasons jsonb not null default '[]',
  updated_at timestamptz not null,
  primary key (project_id, customer_id, type),
  foreign key (project_id, customer_id) references customers
);
call isolate_by_project('endorsements', false);
grant select, insert, update on endorsements to oms_app;

create table wallets (
  project_id text not null,
  wallet_id text not null,
  customer_id text not null,
  asset text not null check (asset in ('usdc')),
  chain text not null check (chain in ('polygon')),
  address text not null,
  key_index bigint not null,
  status text not null check (status in ('active', 'suspended', 'closed')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, wallet_id),
  foreign key (project_id, customer_id) references customers
);
create unique index wallets_by_address on wallets (chain, address);
create index wallets_by_customer on wallets (project_id, customer_id, wallet_id);
call isolate_by_project('wallets', false);
grant select, insert on wallets to oms_app;

-- Where a project keeps its float on each network.
create table treasuries (
  project_id text not null references projects,
  network text not null,
  address text not null,
  key_index bigint not null,
  created_at timestamptz not null,
  primary key (project_id, network)
);
call isolate_by_project('treasuries', false);
grant select, insert on treasuries to oms_app;
