-- What the console reads, and the indexes that make it quick (docs/decisions/0038).

set local lock_timeout = '5s';

alter table transactions no force row level security;
alter table webhook_attempts no force row level security;

-- What happened on a day of the project's time: sums that only grow. Those who count add rows, so that nobody waits for
-- another to have counted; a worker folds them into a row for each day.
create table day_counts (
  project_id text not null references projects,
  day date not null,
  name text not null,
  total numeric(38,0) not null,
  primary key (project_id, day, name)
);
create table day_count_changes (
  project_id text not null references projects,
  change_no bigint generated always as identity,
  day date not null,
  name text not null,
  amount numeric(38,0) not null,
  primary key (project_id, change_no)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

-- Volumes are in millionths of a dollar.
insert into day_counts (project_id, day, name, total)
select project_id, (completed_at at time zone 'UTC')::date, 'payments.completed', count(*)
from transactions where completed_at is not null group by 1, 2
union all
select project_id, (coalesce(returned_at, updated_at) at time zone 'UTC')::date, 'payments.failed', count(*)
from transactions where status = 'failed' group by 1, 2
union all
select project_id, (completed_at at time zone 'UTC')::date,
  case type when 'fiatToCrypto' then 'volume.cashIn' when 'cryptoToFiat' then 'volume.payout' else 'volume.transfer' end,
  sum(case when type = 'fiatToCrypto' and source_asset = 'usd' then source_gross * 10000
    when type = 'fiatToCrypto' then source_gross
    when destination_asset = 'usd' then destination_gross * 10000 else destination_gross end)
from transactions where completed_at is not null group by 1, 2, 3
union all
select project_id, (attempted_at at time zone 'UTC')::date,
  case when status_code between 200 and 299 then 'deliveries.delivered' else 'deliveries.failed' end, count(*)
from webhook_attempts group by 1, 2, 3;

call isolate_by_project('day_counts', false);
call isolate_by_project('day_count_changes', true);
grant select, insert on day_counts to oms_app;
grant update (total) on day_counts to oms_app;
grant select, insert, delete on day_count_changes to oms_app;

alter table transactions force row level security;
alter table webhook_attempts force row level security;

-- leased_until: by when the worker that verifies will have said that it still does. findings: at most a hundred.
create table ledger_verifications (
  project_id text not null references projects,
  verification_id text not null,
  status text not null check (status in ('running', 'holds', 'broken', 'failed')),
  checked bigint not null default 0,
  total bigint not null default 0,
  findings text[] not null default '{}',
  hash text,
  lease_token uuid,
  leased_until timestamptz not null default '-infinity',
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (project_id, verification_id),
  check ((status = 'running') = (ended_at is null))
);
create unique index ledger_verifications_running on ledger_verifications (project_id) where status = 'running';
call isolate_by_project('ledger_verifications', false);
grant select, insert on ledger_verifications to oms_app;
grant update (status, checked, total, findings, hash, lease_token, leased_until, ended_at) on ledger_verifications to oms_app;
call guard_states('ledger_verifications', '{running}',
  '{running > holds, running > broken, running > failed}');

create index ledger_accounts_by_age on ledger_accounts (project_id, account_no);
create index ledger_accounts_by_kind on ledger_accounts (project_id, kind, account_no);
create index ledger_accounts_by_asset on ledger_accounts (project_id, asset, account_no);

create index sends_by_resource on sends (project_id, resource_id);

-- The beginning of a name, whole or last.
create index customers_by_name on customers
  (project_id, lower(coalesce(first_name, '') || ' ' || coalesce(last_name, '')) text_pattern_ops);
create index customers_by_last_name on customers (project_id, lower(last_name) text_pattern_ops)
  where last_name is not null;
create index external_accounts_by_address on external_accounts (project_id, lower(address)) where address is not null;
create index transactions_by_pickup_code on transactions (project_id, (cash_pickup ->> 'cashCode'))
  where cash_pickup is not null;

-- Where the sends of the resources are on their way: the last transaction of their batch. The relayer's rows are the
-- platform's, so its scope is taken for as long as they are read; of sends, only the project's are looked for.
create function send_relays(p_resource_ids text[])
returns table (send_id text, status text, nonce bigint, hash text, made_at timestamptz, sent_at timestamptz,
  block_number bigint, block_hash text) language plpgsql as $$
#variable_conflict use_column
declare
  project text := current_setting('oms.project');
begin
  perform set_config('oms.project', '*', true);
  return query
    select s.send_id, b.status, b.nonce, a.hash, b.created_at, b.sent_at, b.block_number, b.block_hash
    from sends s join relay_batches b on b.batch_id = s.batch_id
    left join lateral (
      select hash from relay_attempts where batch_id = s.batch_id order by created_at desc limit 1) a on true
    where s.project_id = project and s.resource_id = any (p_resource_ids);
  perform set_config('oms.project', project, true);
end $$;
