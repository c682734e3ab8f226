-- The double-entry ledger. Only ledger_apply changes balances, and transfers are only ever added: oms_app may read
-- both tables and call the function, nothing else.

set local lock_timeout = '5s';

-- account_id is kind:owner:asset (chart of accounts: server/src/ledger/chart.ts).
-- limit_side says which balance may not go below zero, open holds included:
--   'credit' for what we owe (customers, fees), 'debit' for what we own (treasury, custody), 'none' for positions.
create table ledger_accounts (
  project_id text not null references projects,
  account_id text not null,
  kind text not null,
  owner text not null,
  asset text not null check (asset in ('usd', 'usdc', 'usdt', 'eth')),
  limit_side text not null check (limit_side in ('credit', 'debit', 'none')),
  debits_pending numeric(38, 0) not null default 0 check (debits_pending >= 0),
  debits_posted numeric(38, 0) not null default 0 check (debits_posted >= 0),
  credits_pending numeric(38, 0) not null default 0 check (credits_pending >= 0),
  credits_posted numeric(38, 0) not null default 0 check (credits_posted >= 0),
  created_at timestamptz not null,
  primary key (project_id, account_id),
  check (account_id = kind || ':' || owner || ':' || asset),
  constraint funds_suffice check (
    case limit_side
      when 'credit' then debits_posted + debits_pending <= credits_posted
      when 'debit' then credits_posted + credits_pending <= debits_posted
      else true
    end)
) with (fillfactor = 70);
create index ledger_accounts_by_owner on ledger_accounts (project_id, owner);
call isolate_by_project('ledger_accounts', false);
grant select on ledger_accounts to oms_app;

-- Transfers of one group are all-or-nothing. group_id names the decision (e.g. 'ci_….committed'): it can be made once.
-- A pending transfer is resolved once, by a post (in part or whole) or a void.
-- *_balance_after: credits_posted - debits_posted of that account once this transfer is applied.
create table ledger_transfers (
  project_id text not null,
  transfer_id text not null,
  group_id text not null,
  position integer not null,
  kind text not null check (kind in ('single', 'pending', 'post', 'void')),
  pending_id text,
  debit_account_id text not null,
  credit_account_id text not null,
  asset text not null,
  amount numeric(38, 0) not null check (amount > 0),
  debit_balance_after numeric(38, 0) not null,
  credit_balance_after numeric(38, 0) not null,
  created_at timestamptz not null,
  primary key (project_id, transfer_id),
  unique (project_id, group_id, position),
  foreign key (project_id, debit_account_id) references ledger_accounts,
  foreign key (project_id, credit_account_id) references ledger_accounts,
  foreign key (project_id, pending_id) references ledger_transfers,
  check (debit_account_id <> credit_account_id),
  check ((kind in ('post', 'void')) = (pending_id is not null))
);
create unique index ledger_transfers_resolved_once on ledger_transfers (project_id, pending_id)
  where pending_id is not null;
create index ledger_transfers_by_debit on ledger_transfers (project_id, debit_account_id, transfer_id);
create index ledger_transfers_by_credit on ledger_transfers (project_id, credit_account_id, transfer_id);
call isolate_by_project('ledger_transfers', false);
grant select on ledger_transfers to oms_app;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger ledger_transfers_append_only before update or delete on ledger_transfers
  for each row execute function refuse_change();

-- Applies groups of transfers in order, all or nothing. Items are objects with groupId, position, transferId, kind,
-- pendingId, debit and credit ({kind, owner, limitSide} each), asset, amount. Account rows are opened when missing and
-- locked in sorted order before anything is decided.
-- Errors: a violation of funds_suffice when the funds do not; OMS02 when the pending transfer is unknown, resolved,
-- or smaller than what is to be posted.
create function ledger_apply(p_project text, p_items jsonb, p_now timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  item jsonb;
  item_kind text;
  hold ledger_transfers;
  v_debit text;
  v_credit text;
  v_asset text;
  v_amount numeric;
  held numeric;
  debit_after numeric;
  credit_after numeric;
begin
  if p_project is distinct from current_setting('oms.project', true) then
    raise exception 'ledger_apply outside its project' using errcode = 'insufficient_privilege';
  end if;

  insert into ledger_accounts (project_id, account_id, kind, owner, asset, limit_side, created_at)
  select distinct on (side->>'kind', side->>'owner', entry->>'asset')
    p_project, concat_ws(':', side->>'kind', side->>'owner', entry->>'asset'),
    side->>'kind', side->>'owner', entry->>'asset', side->>'limitSide', p_now
  from jsonb_array_elements(p_items) entry, lateral (values (entry->'debit'), (entry->'credit')) sides(side)
  where side is not null
    and not exists (
      select from ledger_accounts a where a.project_id = p_project
        and a.account_id = concat_ws(':', side->>'kind', side->>'owner', entry->>'asset'))
  order by side->>'kind', side->>'owner', entry->>'asset'
  on conflict do nothing;

  perform from ledger_accounts a
  where a.project_id = p_project and a.account_id in (
    select concat_ws(':', side->>'kind', side->>'owner', entry->>'asset')
    from jsonb_array_elements(p_items) entry, lateral (values (entry->'debit'), (entry->'credit')) sides(side)
    where side is not null
    union
    select unnest(array[t.debit_account_id, t.credit_account_id]) from ledger_transfers t
    where t.project_id = p_project
      and t.transfer_id in (select entry->>'pendingId' from jsonb_array_elements(p_items) entry))
  order by a.account_id for no key update;

  for item in select * from jsonb_array_elements(p_items) loop
    item_kind := item->>'kind';
    held := 0;
    if item_kind in ('post', 'void') then
      select * into hold from ledger_transfers t
      where t.project_id = p_project and t.transfer_id = item->>'pendingId' and t.kind = 'pending';
      if not found or exists (
        select from ledger_transfers t where t.project_id = p_project and t.pending_id = item->>'pendingId') then
        raise exception 'pending transfer % cannot be resolved', item->>'pendingId' using errcode = 'OMS02';
      end if;
      v_debit := hold.debit_account_id;
      v_credit := hold.credit_account_id;
      v_asset := hold.asset;
      held := hold.amount;
      v_amount := coalesce((item->>'amount')::numeric, held);
      if v_amount > held then
        raise exception 'pending transfer % is smaller than %', hold.transfer_id, v_amount using errcode = 'OMS02';
      end if;
    else
      v_asset := item->>'asset';
      v_debit := concat_ws(':', item->'debit'->>'kind', item->'debit'->>'owner', v_asset);
      v_credit := concat_ws(':', item->'credit'->>'kind', item->'credit'->>'owner', v_asset);
      v_amount := (item->>'amount')::numeric;
    end if;

    update ledger_accounts set
      debits_pending = debits_pending - held + case when item_kind = 'pending' then v_amount else 0 end,
      debits_posted = debits_posted + case when item_kind in ('single', 'post') then v_amount else 0 end
    where project_id = p_project and account_id = v_debit
    returning credits_posted - debits_posted into debit_after;
    update ledger_accounts set
      credits_pending = credits_pending - held + case when item_kind = 'pending' then v_amount else 0 end,
      credits_posted = credits_posted + case when item_kind in ('single', 'post') then v_amount else 0 end
    where project_id = p_project and account_id = v_credit
    returning credits_posted - debits_posted into credit_after;

    insert into ledger_transfers (project_id, transfer_id, group_id, position, kind, pending_id,
      debit_account_id, credit_account_id, asset, amount, debit_balance_after, credit_balance_after, created_at)
    values (p_project, item->>'transferId', item->>'groupId', (item->>'position')::integer, item_kind, item->>'pendingId',
      v_debit, v_credit, v_asset, v_amount, debit_after, credit_after, p_now);
  end loop;
end $$;
revoke execute on function ledger_apply from public;
grant execute on function ledger_apply to oms_app;
