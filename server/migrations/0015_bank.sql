-- Fiat in and out over bank rails, and the sandbox's bank. Amounts in cents. Neither keeps names or account numbers:
-- they are read from the external account when a payment is submitted, and handed on with a credit when it arrives.

set local lock_timeout = '5s';

-- return_code: it came back, after or before it was reported settled. reject_code: it never went out.
create table bank_payouts (
  project_id text not null references projects,
  payout_id text not null,
  status text not null check (status in ('queued', 'submitted', 'settled', 'returned', 'failed')),
  rail text not null check (rail in ('ach', 'wire', 'swift')),
  amount numeric(38, 0) not null check (amount > 0),
  external_account_id text not null,
  purpose text not null,
  resource_id text not null,
  provider text,
  reference text,
  effective_at timestamptz,
  return_code text,
  reject_code text,
  reason text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  submitted_at timestamptz,
  settled_at timestamptz,
  primary key (project_id, payout_id),
  check (status not in ('submitted', 'settled', 'returned') or submitted_at is not null),
  check ((submitted_at is null) = (provider is null)),
  check ((status in ('settled', 'returned')) = (settled_at is not null)),
  check (num_nonnulls(return_code, reject_code) = case when status in ('returned', 'failed') then 1 else 0 end),
  check (status <> 'returned' or return_code is not null),
  check ((status in ('returned', 'failed')) = (reason is not null))
);
-- What may have been paid is not ordered again; after a failure or a return, it may be.
create unique index bank_payouts_once on bank_payouts (project_id, purpose, resource_id)
  where status in ('queued', 'submitted', 'settled');
create index bank_payouts_by_resource on bank_payouts (project_id, purpose, resource_id, payout_id);
call isolate_by_project('bank_payouts', false);
grant select, insert on bank_payouts to oms_app;
grant update (status, provider, reference, effective_at, return_code, reject_code, reason, updated_at, submitted_at,
  settled_at) on bank_payouts to oms_app;
call guard_states('bank_payouts', '{queued}', '{queued > submitted, queued > failed, submitted > settled,
  submitted > failed, settled > returned}');

create table bank_credits (
  project_id text not null references projects,
  credit_id text not null,
  status text not null check (status in ('received', 'returning', 'returned')),
  provider text not null,
  provider_event_id text not null,
  rail text not null check (rail in ('ach', 'wire', 'swift')),
  amount numeric(38, 0) not null check (amount > 0),
  reference text not null,
  return_code text,
  reason text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, credit_id),
  unique (project_id, provider, provider_event_id),
  check ((status = 'received') = (return_code is null)),
  check ((return_code is null) = (reason is null))
);
call isolate_by_project('bank_credits', false);
grant select, insert on bank_credits to oms_app;
grant update (status, return_code, reason, updated_at) on bank_credits to oms_app;
call guard_states('bank_credits', '{received}', '{received > returning, returning > returned}');

-- What a bank told that cannot be true together with what it told before, or of what we never asked for. It changes
-- nothing and waits for a person.
create table bank_contradictions (
  project_id text not null references projects,
  provider text not null,
  provider_event_id text not null,
  kind text not null,
  subject_id text not null,
  found text not null,
  created_at timestamptz not null,
  primary key (project_id, provider, provider_event_id)
);
call isolate_by_project('bank_contradictions', false);
grant select, insert on bank_contradictions to oms_app;

-- The sandbox's bank: payments it was asked for, payouts and returns of credits alike, each under the id we gave it.
create table sandbox_bank_payments (
  project_id text not null references projects,
  payment_id text not null,
  kind text not null check (kind in ('payout', 'credit_return')),
  status text not null check (status in ('accepted', 'settled', 'returned', 'rejected')),
  pace text not null check (pace in ('auto', 'manual', 'realistic')),
  rail text not null check (rail in ('ach', 'wire', 'swift')),
  amount numeric(38, 0) not null check (amount > 0),
  reference text not null,
  effective_at timestamptz not null,
  code text,
  created_at timestamptz not null,
  settled_at timestamptz,
  primary key (project_id, payment_id),
  check (kind = 'payout' or status in ('accepted', 'settled')),
  check ((status in ('returned', 'rejected')) = (code is not null)),
  check (status not in ('accepted', 'rejected') or settled_at is null),
  check (status <> 'settled' or settled_at is not null)
);
call isolate_by_project('sandbox_bank_payments', false);
grant select, insert on sandbox_bank_payments to oms_app;
grant update (status, code, settled_at) on sandbox_bank_payments to oms_app;
call guard_states('sandbox_bank_payments', '{accepted, rejected}', '{accepted > settled, accepted > rejected,
  accepted > returned, settled > returned}');
