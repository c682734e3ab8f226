-- The trial balance from sums that are kept, whatever the number of accounts (docs/decisions/0038).

set local lock_timeout = '5s';

alter table ledger_accounts no force row level security;
alter table ledger_batches no force row level security;
alter table ledger_transfers no force row level security;

-- Credits less debits that transfers in the chain of batches posted, by kind and asset. What those have posted that wait
-- to be put into the chain is added by whoever reads: both in one statement are all there is.
create table ledger_totals (
  project_id text not null references projects,
  kind text not null,
  asset text not null,
  net numeric(38,0) not null,
  primary key (project_id, kind, asset)
);

insert into ledger_totals (project_id, kind, asset, net)
select project_id, kind, asset, sum(net) from (
  select project_id, kind, asset, credits_posted - debits_posted net from ledger_accounts
  union all
  select t.project_id, a.kind, a.asset, -entry.net
  from ledger_batches b
  join ledger_transfers t on t.batch_id = b.batch_id and t.kind in ('single', 'post')
  cross join lateral (values (t.credit_no, t.amount), (t.debit_no, -t.amount)) entry (account_no, net)
  join ledger_accounts a on a.account_no = entry.account_no
  where b.chain_position is null) sums
group by project_id, kind, asset;

call isolate_by_project('ledger_totals', false);
grant select on ledger_totals to oms_app;

alter table ledger_accounts force row level security;
alter table ledger_batches force row level security;
alter table ledger_transfers force row level security;

-- As before, and adds what the batches posted to the totals. One at a time of a project, by the lock that it takes. A plan
-- that is made while the tables are empty has to be good when they are large: each transfer and account by its index.
create or replace function ledger_chain(p_project text, p_limit integer) returns integer language plpgsql security definer
set search_path to 'pg_catalog', 'public'
set enable_seqscan to off set enable_hashjoin to off set enable_mergejoin to off as $$
declare
  batch record;
  head bytea;
  place bigint;
  chained bigint[] := '{}';
begin
  if p_project is distinct from current_setting('oms.project', true) then
    raise exception 'ledger_chain outside its project' using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('ledger-chain:' || p_project, 0));
  select b.chain_position, b.chain_hash into place, head from ledger_batches b
  where b.project_id = p_project and b.chain_position is not null order by b.chain_position desc limit 1;
  place := coalesce(place, 0);
  head := coalesce(head, decode(repeat('00', 32), 'hex'));
  for batch in
    select b.batch_id, b.digest from ledger_batches b
    where b.project_id = p_project and b.chain_position is null order by b.batch_id limit p_limit
  loop
    place := place + 1;
    head := sha256(head || batch.digest);
    update ledger_batches b set chain_position = place, chain_hash = head
    where b.project_id = p_project and b.batch_id = batch.batch_id;
    chained := chained || batch.batch_id;
  end loop;
  insert into ledger_totals (project_id, kind, asset, net)
  select p_project, a.kind, a.asset, sum(entry.net)
  from unnest(chained) new (batch_id)
  join ledger_transfers t on t.batch_id = new.batch_id and t.kind in ('single', 'post')
  cross join lateral (values (t.credit_no, t.amount), (t.debit_no, -t.amount)) entry (account_no, net)
  join ledger_accounts a on a.account_no = entry.account_no
  group by a.kind, a.asset order by a.kind, a.asset
  on conflict (project_id, kind, asset) do update set net = ledger_totals.net + excluded.net;
  return cardinality(chained);
end $$;
