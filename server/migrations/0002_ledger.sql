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
-- No foreign keys: ledger_apply, the only writer, has locked the accounts and read the holds it names; the ledger check
-- finds what would break them.
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

-- Decides groups of transfers in the order of p_items and writes those that pass: one set-based statement each for
-- accounts and transfers, whatever the number of groups. A group is applied whole or refused alone; a refused one does
-- not count for those after it. Items are objects with request (the number of their group in this call), groupId,
-- position, transferId, kind, pendingId, debit and credit ({kind, owner, limitSide} each), asset, amount; the items of
-- a group stand together. Account rows are opened when missing and locked in sorted order before anything is decided.
-- outcome: applied; exists, when the group id was used before; insufficient_funds; hold_unresolvable, when a pending
-- transfer is unknown, resolved, or smaller than what is to be posted.
create function ledger_apply(p_project text, p_items jsonb, p_now timestamptz)
returns table (request integer, outcome text)
language plpgsql security definer set search_path = pg_catalog, public
-- One plan for any number of items, and every look-up of a table by key (lateral, with a limit), whatever the planner's
-- statistics say of a young or a huge table: left to itself it scanned whole tables, and planned longer than it ran.
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  -- The accounts, by their number in sorted order.
  account_ids text[];
  limit_sides text[];
  debit_holds numeric[];
  debit_sums numeric[];
  credit_holds numeric[];
  credit_sums numeric[];
  -- The items, in order. debits and credits are numbers of accounts, holds numbers of pending transfers.
  requests integer[];
  group_ids text[];
  positions integer[];
  transfer_ids text[];
  kinds text[];
  pending_ids text[];
  debits integer[];
  credits integer[];
  assets text[];
  amounts numeric[];
  held numeric[];
  -- Where in this call the hold is made; 0 for one made before.
  made_at integer[];
  holds integer[];
  -- By the number of the group id, and of the hold.
  group_numbers integer[];
  is_used boolean[];
  is_resolved boolean[];
  accepted boolean[];
  debit_after numeric[];
  credit_after numeric[];
  outcomes text[];
  refusal text;
  n integer;
  i integer;
  first integer;
  last integer;
begin
  if p_project is distinct from current_setting('oms.project', true) then
    raise exception 'ledger_apply outside its project' using errcode = 'insufficient_privilege';
  end if;

  insert into ledger_accounts (project_id, account_id, kind, owner, asset, limit_side, created_at)
  select distinct on (side->>'kind', side->>'owner', item->>'asset')
    p_project, concat_ws(':', side->>'kind', side->>'owner', item->>'asset'),
    side->>'kind', side->>'owner', item->>'asset', side->>'limitSide', p_now
  from jsonb_array_elements(p_items) item
  cross join lateral (values (item->'debit'), (item->'credit')) sides(side)
  left join lateral (
    select true found from ledger_accounts a
    where a.project_id = p_project
      and a.account_id = concat_ws(':', side->>'kind', side->>'owner', item->>'asset') limit 1) account on true
  where side is not null and found is null
  order by side->>'kind', side->>'owner', item->>'asset'
  on conflict do nothing;

  with listed as materialized (
    select place, item, item->>'transferId' transfer_id, item->>'kind' kind, item->>'pendingId' pending_id,
      concat_ws(':', item->'debit'->>'kind', item->'debit'->>'owner', item->>'asset') debit,
      concat_ws(':', item->'credit'->>'kind', item->'credit'->>'owner', item->>'asset') credit,
      item->>'asset' asset, (item->>'amount')::numeric amount
    from jsonb_array_elements(p_items) with ordinality elements(item, place)
  ), items as materialized (
    select l.place, (l.item->>'request')::integer request, l.item->>'groupId' group_id,
      (l.item->>'position')::integer as position, l.transfer_id, l.kind, l.pending_id,
      case when hold.amount is null then made.place else 0 end made_at,
      coalesce(hold.amount, made.amount) held, coalesce(l.amount, hold.amount, made.amount) amount,
      case when l.pending_id is null then l.asset else coalesce(hold.asset, made.asset) end asset,
      case when l.pending_id is null then l.debit else coalesce(hold.debit_account_id, made.debit) end debit,
      case when l.pending_id is null then l.credit else coalesce(hold.credit_account_id, made.credit) end credit,
      dense_rank() over (order by l.pending_id)::integer hold_number,
      dense_rank() over (order by l.item->>'groupId')::integer group_number
    from listed l
    left join lateral (
      select t.asset, t.amount, t.debit_account_id, t.credit_account_id from ledger_transfers t
      where t.project_id = p_project and t.transfer_id = l.pending_id and t.kind = 'pending' limit 1) hold on true
    left join listed made on made.transfer_id = l.pending_id and made.kind = 'pending'
  ), locked as materialized (
    select account.*
    from (select id from (select debit id from items union select credit from items) ids order by id) wanted
    cross join lateral (
      select * from ledger_accounts a where a.project_id = p_project and a.account_id = wanted.id
      for no key update) account
  ), accounts as materialized (
    select *, row_number() over (order by account_id)::integer as number from locked
  ), account_lists as (
    select array_agg(account_id order by number) ids, array_agg(limit_side order by number) sides,
      array_agg(a.debits_pending order by number) dp, array_agg(a.debits_posted order by number) dd,
      array_agg(a.credits_pending order by number) cp, array_agg(a.credits_posted order by number) cd
    from accounts a
  ), item_lists as (
    select array_agg(i.request order by place) r, array_agg(group_id order by place) g,
      array_agg(position order by place) p, array_agg(transfer_id order by place) t,
      array_agg(i.kind order by place) k, array_agg(pending_id order by place) pe,
      array_agg(debit.number order by place) d, array_agg(credit.number order by place) c,
      array_agg(i.asset order by place) s, array_agg(amount order by place) a,
      array_agg(i.held order by place) h, array_agg(made_at::integer order by place) m,
      array_agg(hold_number order by place) hn,
      array_agg(group_number order by place) gn
    from items i
    left join accounts debit on debit.account_id = i.debit
    left join accounts credit on credit.account_id = i.credit
  )
  select ids, sides, dp, dd, cp, cd, r, g, p, t, k, pe, d, c, s, a, h, m, hn, gn
  into account_ids, limit_sides, debit_holds, debit_sums, credit_holds, credit_sums, requests, group_ids,
    positions, transfer_ids, kinds, pending_ids, debits, credits, assets, amounts, held,
    made_at, holds, group_numbers
  from account_lists, item_lists;

  n := cardinality(requests);
  is_used := array_fill(false, array[n]);
  is_resolved := array_fill(false, array[n]);
  accepted := array_fill(false, array[n]);
  outcomes := array_fill(null::text, array[n]);
  debit_after := array_fill(null::numeric, array[n]);
  credit_after := array_fill(null::numeric, array[n]);

  -- Statements of their own: their snapshots are younger than the locks.
  for i in
    select listed.number from unnest(group_ids, group_numbers) listed(id, number)
    cross join lateral (
      select from ledger_transfers t
      where t.project_id = p_project and t.group_id = listed.id and t.position = 1 limit 1) used
  loop
    is_used[i] := true;
  end loop;
  for i in
    select listed.number from unnest(pending_ids, holds) listed(id, number)
    cross join lateral (
      select from ledger_transfers t
      where t.project_id = p_project and t.pending_id = listed.id limit 1) resolved
  loop
    is_resolved[i] := true;
  end loop;

  first := 1;
  while first <= n loop
    last := first;
    while last < n and requests[last + 1] = requests[first] loop
      last := last + 1;
    end loop;
    refusal := case when is_used[group_numbers[first]] then 'exists' end;
    i := first - 1;
    while refusal is null and i < last loop
      i := i + 1;
      if kinds[i] = 'pending' then
        debit_holds[debits[i]] := debit_holds[debits[i]] + amounts[i];
        credit_holds[credits[i]] := credit_holds[credits[i]] + amounts[i];
      elsif kinds[i] = 'single' then
        debit_sums[debits[i]] := debit_sums[debits[i]] + amounts[i];
        credit_sums[credits[i]] := credit_sums[credits[i]] + amounts[i];
      elsif held[i] is null or is_resolved[holds[i]] or amounts[i] > held[i]
        or not (made_at[i] = 0 or made_at[i] < i and (made_at[i] >= first or accepted[made_at[i]])) then
        refusal := 'hold_unresolvable';
        i := i - 1;
        exit;
      else
        is_resolved[holds[i]] := true;
        debit_holds[debits[i]] := debit_holds[debits[i]] - held[i];
        credit_holds[credits[i]] := credit_holds[credits[i]] - held[i];
        if kinds[i] = 'post' then
          debit_sums[debits[i]] := debit_sums[debits[i]] + amounts[i];
          credit_sums[credits[i]] := credit_sums[credits[i]] + amounts[i];
        end if;
      end if;
      debit_after[i] := credit_sums[debits[i]] - debit_sums[debits[i]];
      credit_after[i] := credit_sums[credits[i]] - debit_sums[credits[i]];
      if (limit_sides[debits[i]] = 'credit'
          and debit_sums[debits[i]] + debit_holds[debits[i]] > credit_sums[debits[i]])
        or (limit_sides[credits[i]] = 'debit'
          and credit_sums[credits[i]] + credit_holds[credits[i]] > debit_sums[credits[i]]) then
        refusal := 'insufficient_funds';
      end if;
    end loop;
    if refusal is null then
      is_used[group_numbers[first]] := true;
      for i in first..last loop
        accepted[i] := true;
      end loop;
    else
      -- What the group's items did so far, backwards.
      while i >= first loop
        if kinds[i] = 'pending' then
          debit_holds[debits[i]] := debit_holds[debits[i]] - amounts[i];
          credit_holds[credits[i]] := credit_holds[credits[i]] - amounts[i];
        else
          if kinds[i] <> 'void' then
            debit_sums[debits[i]] := debit_sums[debits[i]] - amounts[i];
            credit_sums[credits[i]] := credit_sums[credits[i]] - amounts[i];
          end if;
          if kinds[i] <> 'single' then
            is_resolved[holds[i]] := false;
            debit_holds[debits[i]] := debit_holds[debits[i]] + held[i];
            credit_holds[credits[i]] := credit_holds[credits[i]] + held[i];
          end if;
        end if;
        i := i - 1;
      end loop;
    end if;
    outcomes[first] := coalesce(refusal, 'applied');
    first := last + 1;
  end loop;

  update ledger_accounts a
  set debits_pending = n.dp, debits_posted = n.dd, credits_pending = n.cp, credits_posted = n.cd
  from unnest(account_ids, debit_holds, debit_sums, credit_holds, credit_sums) n(id, dp, dd, cp, cd)
  where a.project_id = p_project and a.account_id = n.id
    and (a.debits_pending, a.debits_posted, a.credits_pending, a.credits_posted)
      is distinct from (n.dp, n.dd, n.cp, n.cd);

  insert into ledger_transfers (project_id, transfer_id, group_id, position, kind, pending_id, debit_account_id,
    credit_account_id, asset, amount, debit_balance_after, credit_balance_after, created_at)
  select p_project, t, g, p, k, pe, account_ids[d], account_ids[c], s, a, da, ca, p_now
  from unnest(transfer_ids, group_ids, positions, kinds, pending_ids, debits, credits, assets, amounts, debit_after,
    credit_after, accepted) listed(t, g, p, k, pe, d, c, s, a, da, ca, ok)
  where ok;

  return query
    select r, o from unnest(requests, outcomes) listed(r, o) where o is not null;
end $$;
revoke execute on function ledger_apply from public;
grant execute on function ledger_apply to oms_app;
