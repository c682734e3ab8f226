-- Cash that customers collect, and the sandbox's network of machines. Amounts in cents. The code that the cash is handed
-- over for stands in its transaction alone, where its owner reads it.

set local lock_timeout = '5s';

-- location: as the place was when the cash was ordered; null when it was gone by then. provider: who reserved the cash.
create table cash_pickups (
  project_id text not null references projects,
  pickup_id text not null,
  transaction_id text not null,
  status text not null check (status in ('requested', 'ready', 'collected', 'expired', 'failed')),
  location_id text not null,
  location jsonb,
  amount numeric(38, 0) not null check (amount > 0),
  provider text,
  expires_at timestamptz,
  failure_code text,
  failure_reason text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, pickup_id),
  unique (project_id, transaction_id),
  foreign key (project_id, transaction_id) references transactions,
  check ((status = 'requested') = (provider is null)),
  check (status <> 'ready' or expires_at is not null),
  check (num_nonnulls(failure_code, failure_reason) = case status when 'failed' then 2 else 0 end)
);
call isolate_by_project('cash_pickups', false);
grant select, insert on cash_pickups to oms_app;
grant update (status, provider, expires_at, failure_code, failure_reason, updated_at) on cash_pickups to oms_app;
call guard_states('cash_pickups', '{requested}', '{requested > ready, requested > collected, requested > expired,
  requested > failed, ready > collected, ready > expired}');

-- What a network told that cannot be true together with what it told before, or of what we never asked for. It changes
-- nothing and waits for a person.
create table cash_pickup_contradictions (
  project_id text not null references projects,
  provider text not null,
  provider_event_id text not null,
  kind text not null,
  pickup_id text not null,
  found text not null,
  created_at timestamptz not null,
  primary key (project_id, provider, provider_event_id)
);
call isolate_by_project('cash_pickup_contradictions', false);
grant select, insert on cash_pickup_contradictions to oms_app;

-- The sandbox's network: cash it has reserved, each under the id we gave it. A code opens one machine for one customer.
create table sandbox_cash_pickups (
  project_id text not null references projects,
  pickup_id text not null,
  status text not null check (status in ('open', 'collected', 'cancelled')),
  location_id text not null,
  amount numeric(38, 0) not null check (amount > 0),
  code text not null unique,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  primary key (project_id, pickup_id)
);
call isolate_by_project('sandbox_cash_pickups', false);
grant select, insert on sandbox_cash_pickups to oms_app;
grant update (status) on sandbox_cash_pickups to oms_app;
call guard_states('sandbox_cash_pickups', '{open}', '{open > collected, open > cancelled}');
