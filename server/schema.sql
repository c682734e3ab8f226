-- The schema that server/migrations make. Written by `npm run generate`, compared by `npm run check`.

create role oms_app nologin nosuperuser nobypassrls nocreatedb nocreaterole;

grant usage on schema public to oms_app;
grant usage on schema public to public;

CREATE OR REPLACE FUNCTION public.claim_request(p_api_key text, p_key text)
 RETURNS TABLE(is_active boolean, is_claimed boolean, fingerprint bytea, status integer, sealed_reply bytea, created_at timestamp with time zone)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public'
AS $function$
#variable_conflict use_column
declare
  project text := current_setting('oms.project', true);
begin
  select exists (
    select from api_keys k where k.project_id = project and k.api_key = p_api_key and k.revoked_at is null
  ) into is_active;
  if p_key is null then
    is_claimed := true;
    return next;
    return;
  end if;
  is_claimed := pg_try_advisory_xact_lock(hashtextextended('idempotency:' || project || ':' || p_key, 0));
  if is_claimed then
    select i.fingerprint, i.status, i.sealed_reply, i.created_at
    into fingerprint, status, sealed_reply, created_at
    from idempotency_keys i where i.project_id = project and i.key = p_key;
  end if;
  return next;
end $function$;
grant execute on routine claim_request(p_api_key text, p_key text) to oms_app;
grant execute on routine claim_request(p_api_key text, p_key text) to public;

CREATE OR REPLACE PROCEDURE public.isolate_by_project(IN target regclass, IN platform_too boolean)
 LANGUAGE plpgsql
AS $procedure$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy by_project on %s using (project_id = current_setting(''oms.project'', true)%s)',
    target, case when platform_too then ' or current_setting(''oms.project'', true) = ''*''' else '' end);
end $procedure$;
grant execute on routine isolate_by_project(IN target regclass, IN platform_too boolean) to public;

CREATE OR REPLACE PROCEDURE public.isolate_to_platform(IN target regclass)
 LANGUAGE plpgsql
AS $procedure$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy platform_only on %s using (current_setting(''oms.project'', true) = ''*'')', target);
end $procedure$;
grant execute on routine isolate_to_platform(IN target regclass) to public;

CREATE OR REPLACE FUNCTION public.ledger_apply(p_project text, p_items jsonb, p_now timestamp with time zone)
 RETURNS TABLE(request integer, outcome text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
end $function$;
grant execute on routine ledger_apply(p_project text, p_items jsonb, p_now timestamp with time zone) to oms_app;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $function$;
grant execute on routine refuse_change() to public;

create table address_pool (
  key_index bigint not null,
  key_set integer default 0 not null,
  address text not null,
  taken_at timestamp with time zone,
  constraint address_pool_pkey PRIMARY KEY (key_index),
  constraint address_pool_address_key UNIQUE (address),
  constraint address_pool_key_index_address_key UNIQUE (key_index, address),
  constraint address_pool_address_check CHECK ((address ~ '^0x[0-9a-f]{40}$'::text)),
  constraint address_pool_key_index_check CHECK ((key_index >= 0)),
  constraint address_pool_key_set_check CHECK ((key_set >= 0))
);
CREATE INDEX address_pool_by_key_set ON public.address_pool USING btree (key_set, key_index);
CREATE INDEX address_pool_free ON public.address_pool USING btree (key_set, key_index) WHERE (taken_at IS NULL);
grant insert, select on address_pool to oms_app;
grant update (taken_at) on address_pool to oms_app;

create table api_keys (
  project_id text not null,
  api_key text not null,
  name text not null,
  secret_hash bytea not null,
  created_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  constraint api_keys_pkey PRIMARY KEY (project_id, api_key),
  constraint api_keys_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE UNIQUE INDEX api_keys_by_key ON public.api_keys USING btree (api_key);
alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy by_project on api_keys as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant insert, select on api_keys to oms_app;
grant update (revoked_at) on api_keys to oms_app;

create table cash_ins (
  project_id text not null,
  cash_in_id text not null,
  customer_id text not null,
  status text not null,
  sub_status text not null,
  provider text not null,
  indicated numeric(38,0) not null,
  deposited numeric(38,0),
  deposited_at timestamp with time zone,
  email text,
  destination_asset text not null,
  destination_network text not null,
  destination_wallet_id text,
  destination_address text not null,
  location_id text not null,
  location_reference text not null,
  location_name text not null,
  location_address text not null,
  max_deposit numeric(38,0) not null,
  code text not null,
  code_expires_at timestamp with time zone not null,
  sponsor_gas boolean not null,
  metadata jsonb not null,
  transaction_id text,
  error_code text,
  error_message text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  completed_at timestamp with time zone,
  constraint cash_ins_pkey PRIMARY KEY (project_id, cash_in_id),
  constraint cash_ins_check CHECK (((deposited IS NULL) = (deposited_at IS NULL))),
  constraint cash_ins_check1 CHECK (((status = ANY (ARRAY['processing'::text, 'completed'::text, 'failed'::text])) = (transaction_id IS NOT NULL))),
  constraint cash_ins_check2 CHECK (((status = 'failed'::text) = (error_code IS NOT NULL))),
  constraint cash_ins_check3 CHECK (((status = 'completed'::text) = (completed_at IS NOT NULL))),
  constraint cash_ins_deposited_check CHECK ((deposited > (0)::numeric)),
  constraint cash_ins_destination_asset_check CHECK ((destination_asset = 'usdc'::text)),
  constraint cash_ins_destination_network_check CHECK ((destination_network = 'polygon'::text)),
  constraint cash_ins_indicated_check CHECK ((indicated > (0)::numeric)),
  constraint cash_ins_max_deposit_check CHECK ((max_deposit > (0)::numeric)),
  constraint cash_ins_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'completed'::text, 'expired'::text, 'failed'::text]))),
  constraint cash_ins_sub_status_check CHECK ((sub_status = ANY (ARRAY['order_reserved'::text, 'settled'::text, 'cash_deposit_expired'::text, 'cash_deposit_failed'::text, 'provider_order_failed'::text, 'provider_order_template_error'::text]))),
  constraint cash_ins_project_id_customer_id_fkey FOREIGN KEY (project_id, customer_id) REFERENCES customers(project_id, customer_id),
  constraint cash_ins_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id),
  constraint cash_ins_project_id_transaction_id_fkey FOREIGN KEY (project_id, transaction_id) REFERENCES transactions(project_id, transaction_id)
);
CREATE UNIQUE INDEX cash_ins_by_code ON public.cash_ins USING btree (project_id, code);
CREATE INDEX cash_ins_by_customer ON public.cash_ins USING btree (project_id, customer_id, cash_in_id);
CREATE INDEX cash_ins_deposited ON public.cash_ins USING btree (project_id, customer_id, deposited_at) WHERE (deposited_at IS NOT NULL);
alter table cash_ins enable row level security;
alter table cash_ins force row level security;
create policy by_project on cash_ins as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on cash_ins to oms_app;
grant update (status, sub_status, deposited, deposited_at, code, code_expires_at, transaction_id, error_code, error_message, updated_at, completed_at) on cash_ins to oms_app;

create table chain_blocks (
  network text not null,
  number bigint not null,
  hash text not null,
  parent_hash text not null,
  constraint chain_blocks_pkey PRIMARY KEY (network, number),
  constraint chain_blocks_network_check CHECK ((network = 'polygon'::text))
);
alter table chain_blocks enable row level security;
alter table chain_blocks force row level security;
create policy platform_only on chain_blocks as permissive for all to public using ((current_setting('oms.project'::text, true) = '*'::text));
grant delete, insert, select on chain_blocks to oms_app;

create table customers (
  project_id text not null,
  customer_id text not null,
  type text not null,
  status text not null,
  first_name text,
  middle_name text,
  last_name text,
  email text,
  phone text,
  nationality text,
  external_id text,
  signed_agreement_at timestamp with time zone,
  metadata jsonb not null,
  birth_date_sealed bytea,
  residential_address_sealed bytea,
  identifying_information_sealed bytea,
  ip_address_sealed bytea,
  missing_identity text[] not null,
  review_round integer default 0 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint customers_pkey PRIMARY KEY (project_id, customer_id),
  constraint customers_status_check CHECK ((status = ANY (ARRAY['active'::text, 'inactive'::text]))),
  constraint customers_type_check CHECK ((type = 'individual'::text)),
  constraint customers_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX customers_by_email ON public.customers USING btree (project_id, email, customer_id) WHERE (email IS NOT NULL);
CREATE INDEX customers_by_external_id ON public.customers USING btree (project_id, external_id, customer_id) WHERE (external_id IS NOT NULL);
alter table customers enable row level security;
alter table customers force row level security;
create policy by_project on customers as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select, update on customers to oms_app;

create table data_keys (
  project_id text not null,
  sealed_key bytea not null,
  created_at timestamp with time zone not null,
  constraint data_keys_pkey PRIMARY KEY (project_id),
  constraint data_keys_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table data_keys enable row level security;
alter table data_keys force row level security;
create policy by_project on data_keys as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant insert, select on data_keys to oms_app;

create table deployment (
  only_one boolean default true not null,
  key_check bytea not null,
  created_at timestamp with time zone not null,
  constraint deployment_pkey PRIMARY KEY (only_one),
  constraint deployment_only_one_check CHECK (only_one)
);
grant insert, select on deployment to oms_app;

create table deposits (
  project_id text not null,
  deposit_id text not null,
  network text not null,
  asset text not null,
  tx_hash text not null,
  log_index integer not null,
  block_number bigint not null,
  block_hash text not null,
  from_address text not null,
  to_address text not null,
  amount numeric(38,0) not null,
  purpose text not null,
  resource_id text not null,
  status text not null,
  created_at timestamp with time zone not null,
  credited_at timestamp with time zone,
  constraint deposits_pkey PRIMARY KEY (project_id, deposit_id),
  constraint deposits_network_tx_hash_log_index_block_hash_key UNIQUE (network, tx_hash, log_index, block_hash),
  constraint deposits_amount_check CHECK ((amount > (0)::numeric)),
  constraint deposits_asset_check CHECK ((asset = 'usdc'::text)),
  constraint deposits_check CHECK (((status = 'credited'::text) = (credited_at IS NOT NULL))),
  constraint deposits_network_check CHECK ((network = 'polygon'::text)),
  constraint deposits_purpose_check CHECK ((purpose = ANY (ARRAY['wallet'::text, 'treasury'::text]))),
  constraint deposits_status_check CHECK ((status = ANY (ARRAY['detected'::text, 'credited'::text, 'orphaned'::text]))),
  constraint deposits_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX deposits_credited_by_block ON public.deposits USING btree (project_id, block_number) WHERE (status = 'credited'::text);
CREATE UNIQUE INDEX deposits_credited_once ON public.deposits USING btree (network, tx_hash, log_index) WHERE (status = 'credited'::text);
CREATE INDEX deposits_detected ON public.deposits USING btree (network, block_number) WHERE (status = 'detected'::text);
alter table deposits enable row level security;
alter table deposits force row level security;
create policy by_project on deposits as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant insert, select on deposits to oms_app;
grant update (status, credited_at) on deposits to oms_app;

create table endorsements (
  project_id text not null,
  customer_id text not null,
  type text not null,
  status text not null,
  rejection_reasons jsonb default '[]'::jsonb not null,
  updated_at timestamp with time zone not null,
  constraint endorsements_pkey PRIMARY KEY (project_id, customer_id, type),
  constraint endorsements_status_check CHECK ((status = ANY (ARRAY['PENDING'::text, 'ACTIVE'::text, 'REJECTED'::text, 'REVOKED'::text]))),
  constraint endorsements_type_check CHECK ((type = ANY (ARRAY['basic'::text, 'cryptoCustody'::text, 'usd'::text]))),
  constraint endorsements_project_id_customer_id_fkey FOREIGN KEY (project_id, customer_id) REFERENCES customers(project_id, customer_id)
);
alter table endorsements enable row level security;
alter table endorsements force row level security;
create policy by_project on endorsements as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select, update on endorsements to oms_app;

create table event_listeners (
  project_id text not null,
  created_at timestamp with time zone not null,
  constraint event_listeners_pkey PRIMARY KEY (project_id),
  constraint event_listeners_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table event_listeners enable row level security;
alter table event_listeners force row level security;
create policy by_project on event_listeners as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on event_listeners to oms_app;

create table event_sequences (
  project_id text not null,
  resource_id text not null,
  last_sequence bigint not null,
  constraint event_sequences_pkey PRIMARY KEY (project_id, resource_id),
  constraint event_sequences_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
) with (fillfactor=80);
alter table event_sequences enable row level security;
alter table event_sequences force row level security;
create policy by_project on event_sequences as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select, update on event_sequences to oms_app;

create table events (
  project_id text not null,
  event_id text not null,
  type text not null,
  resource_id text not null,
  sequence bigint not null,
  data jsonb not null,
  created_at timestamp with time zone not null,
  constraint events_pkey PRIMARY KEY (project_id, event_id),
  constraint events_project_id_resource_id_sequence_key UNIQUE (project_id, resource_id, sequence),
  constraint events_sequence_check CHECK ((sequence > 0)),
  constraint events_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table events enable row level security;
alter table events force row level security;
create policy by_project on events as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on events to oms_app;

create table idempotency_keys (
  project_id text not null,
  key text not null,
  fingerprint bytea not null,
  status integer not null,
  sealed_reply bytea,
  created_at timestamp with time zone not null,
  constraint idempotency_keys_pkey PRIMARY KEY (project_id, key),
  constraint idempotency_keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint idempotency_keys_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy by_project on idempotency_keys as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant delete, insert, select on idempotency_keys to oms_app;
grant update (sealed_reply) on idempotency_keys to oms_app;

create table indexer_cursors (
  network text not null,
  finalized_number bigint not null,
  finalized_hash text not null,
  constraint indexer_cursors_pkey PRIMARY KEY (network),
  constraint indexer_cursors_network_check CHECK ((network = 'polygon'::text))
);
alter table indexer_cursors enable row level security;
alter table indexer_cursors force row level security;
create policy platform_only on indexer_cursors as permissive for all to public using ((current_setting('oms.project'::text, true) = '*'::text));
grant insert, select on indexer_cursors to oms_app;
grant update (finalized_number, finalized_hash) on indexer_cursors to oms_app;

create table jobs (
  job_id bigint generated always as identity not null,
  project_id text not null,
  task text not null,
  payload jsonb not null,
  run_at timestamp with time zone not null,
  attempts integer default 0 not null,
  lease_token uuid,
  last_error text,
  dead_at timestamp with time zone,
  created_at timestamp with time zone not null,
  constraint jobs_pkey PRIMARY KEY (job_id)
) with (fillfactor=70, autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=1000);
CREATE INDEX jobs_dead ON public.jobs USING btree (project_id, dead_at) WHERE (dead_at IS NOT NULL);
CREATE INDEX jobs_due ON public.jobs USING btree (task, run_at, job_id) WHERE (dead_at IS NULL);
alter table jobs enable row level security;
alter table jobs force row level security;
create policy by_project on jobs as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant delete, insert, select, update on jobs to oms_app;

create table ledger_accounts (
  project_id text not null,
  account_id text not null,
  kind text not null,
  owner text not null,
  asset text not null,
  limit_side text not null,
  debits_pending numeric(38,0) default 0 not null,
  debits_posted numeric(38,0) default 0 not null,
  credits_pending numeric(38,0) default 0 not null,
  credits_posted numeric(38,0) default 0 not null,
  created_at timestamp with time zone not null,
  constraint ledger_accounts_pkey PRIMARY KEY (project_id, account_id),
  constraint funds_suffice CHECK (
CASE limit_side
    WHEN 'credit'::text THEN ((debits_posted + debits_pending) <= credits_posted)
    WHEN 'debit'::text THEN ((credits_posted + credits_pending) <= debits_posted)
    ELSE true
END),
  constraint ledger_accounts_asset_check CHECK ((asset = ANY (ARRAY['usd'::text, 'usdc'::text, 'usdt'::text, 'eth'::text]))),
  constraint ledger_accounts_check CHECK ((account_id = ((((kind || ':'::text) || owner) || ':'::text) || asset))),
  constraint ledger_accounts_credits_pending_check CHECK ((credits_pending >= (0)::numeric)),
  constraint ledger_accounts_credits_posted_check CHECK ((credits_posted >= (0)::numeric)),
  constraint ledger_accounts_debits_pending_check CHECK ((debits_pending >= (0)::numeric)),
  constraint ledger_accounts_debits_posted_check CHECK ((debits_posted >= (0)::numeric)),
  constraint ledger_accounts_limit_side_check CHECK ((limit_side = ANY (ARRAY['credit'::text, 'debit'::text, 'none'::text]))),
  constraint ledger_accounts_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
) with (fillfactor=70);
CREATE INDEX ledger_accounts_by_owner ON public.ledger_accounts USING btree (project_id, owner);
alter table ledger_accounts enable row level security;
alter table ledger_accounts force row level security;
create policy by_project on ledger_accounts as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant select on ledger_accounts to oms_app;

create table ledger_transfers (
  project_id text not null,
  transfer_id text not null,
  group_id text not null,
  "position" integer not null,
  kind text not null,
  pending_id text,
  debit_account_id text not null,
  credit_account_id text not null,
  asset text not null,
  amount numeric(38,0) not null,
  debit_balance_after numeric(38,0) not null,
  credit_balance_after numeric(38,0) not null,
  created_at timestamp with time zone not null,
  constraint ledger_transfers_pkey PRIMARY KEY (project_id, transfer_id),
  constraint ledger_transfers_project_id_group_id_position_key UNIQUE (project_id, group_id, "position"),
  constraint ledger_transfers_amount_check CHECK ((amount > (0)::numeric)),
  constraint ledger_transfers_check CHECK ((debit_account_id <> credit_account_id)),
  constraint ledger_transfers_check1 CHECK (((kind = ANY (ARRAY['post'::text, 'void'::text])) = (pending_id IS NOT NULL))),
  constraint ledger_transfers_kind_check CHECK ((kind = ANY (ARRAY['single'::text, 'pending'::text, 'post'::text, 'void'::text])))
);
CREATE INDEX ledger_transfers_by_credit ON public.ledger_transfers USING btree (project_id, credit_account_id, transfer_id);
CREATE INDEX ledger_transfers_by_debit ON public.ledger_transfers USING btree (project_id, debit_account_id, transfer_id);
CREATE UNIQUE INDEX ledger_transfers_resolved_once ON public.ledger_transfers USING btree (project_id, pending_id) WHERE (pending_id IS NOT NULL);
alter table ledger_transfers enable row level security;
alter table ledger_transfers force row level security;
create policy by_project on ledger_transfers as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
CREATE TRIGGER ledger_transfers_append_only BEFORE DELETE OR UPDATE ON public.ledger_transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
grant select on ledger_transfers to oms_app;

create table local_chain_log (
  seq bigint generated always as identity not null,
  kind text not null,
  payload jsonb not null,
  hash text,
  constraint local_chain_log_pkey PRIMARY KEY (seq),
  constraint local_chain_log_check CHECK (((hash IS NULL) OR (kind = 'block'::text))),
  constraint local_chain_log_hash_check CHECK ((hash ~ '^0x[0-9a-f]{64}$'::text)),
  constraint local_chain_log_kind_check CHECK ((kind = ANY (ARRAY['genesis'::text, 'transaction'::text, 'call'::text, 'block'::text])))
);
grant insert, select on local_chain_log to oms_app;
grant update (hash) on local_chain_log to oms_app;

create table projects (
  project_id text not null,
  name text not null,
  mode text not null,
  created_at timestamp with time zone not null,
  constraint projects_pkey PRIMARY KEY (project_id),
  constraint projects_mode_check CHECK ((mode = ANY (ARRAY['sandbox'::text, 'live'::text])))
);
alter table projects enable row level security;
alter table projects force row level security;
create policy by_project on projects as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant insert, select on projects to oms_app;

create table provider_events (
  project_id text not null,
  provider text not null,
  provider_event_id text not null,
  type text not null,
  received_at timestamp with time zone not null,
  constraint provider_events_pkey PRIMARY KEY (project_id, provider, provider_event_id),
  constraint provider_events_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table provider_events enable row level security;
alter table provider_events force row level security;
create policy by_project on provider_events as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on provider_events to oms_app;

create table reconciliation_breaks (
  project_id text not null,
  break_id text not null,
  subject_type text not null,
  subject_id text not null,
  address text not null,
  network text not null,
  asset text not null,
  ledger_minor numeric(38,0) not null,
  chain_minor numeric(38,0) not null,
  cause text not null,
  block_number bigint not null,
  status text not null,
  first_run_id text not null,
  first_seen_at timestamp with time zone not null,
  last_run_id text not null,
  last_seen_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  constraint reconciliation_breaks_pkey PRIMARY KEY (project_id, break_id),
  constraint reconciliation_breaks_asset_check CHECK ((asset = 'usdc'::text)),
  constraint reconciliation_breaks_cause_check CHECK ((cause = ANY (ARRAY['in_flight'::text, 'unbooked_transfer'::text, 'missing_on_chain'::text, 'unknown'::text]))),
  constraint reconciliation_breaks_check CHECK ((ledger_minor <> chain_minor)),
  constraint reconciliation_breaks_check1 CHECK (((status = 'closed'::text) = (closed_at IS NOT NULL))),
  constraint reconciliation_breaks_network_check CHECK ((network = 'polygon'::text)),
  constraint reconciliation_breaks_status_check CHECK ((status = ANY (ARRAY['open'::text, 'closed'::text]))),
  constraint reconciliation_breaks_subject_type_check CHECK ((subject_type = ANY (ARRAY['wallet'::text, 'treasury'::text]))),
  constraint reconciliation_breaks_project_id_first_run_id_fkey FOREIGN KEY (project_id, first_run_id) REFERENCES reconciliation_runs(project_id, run_id),
  constraint reconciliation_breaks_project_id_last_run_id_fkey FOREIGN KEY (project_id, last_run_id) REFERENCES reconciliation_runs(project_id, run_id)
);
CREATE UNIQUE INDEX reconciliation_breaks_open ON public.reconciliation_breaks USING btree (project_id, subject_type, subject_id, asset) WHERE (status = 'open'::text);
alter table reconciliation_breaks enable row level security;
alter table reconciliation_breaks force row level security;
create policy by_project on reconciliation_breaks as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on reconciliation_breaks to oms_app;
grant update (ledger_minor, chain_minor, cause, block_number, status, last_run_id, last_seen_at, closed_at) on reconciliation_breaks to oms_app;

create table reconciliation_runs (
  project_id text not null,
  run_id text not null,
  network text not null,
  asset text not null,
  status text not null,
  block_number bigint not null,
  addresses integer default 0 not null,
  ledger_minor numeric(38,0) default 0 not null,
  chain_minor numeric(38,0) default 0 not null,
  adjusted_items integer default 0 not null,
  opened_breaks integer default 0 not null,
  closed_breaks integer default 0 not null,
  open_breaks integer default 0 not null,
  error text,
  started_at timestamp with time zone not null,
  completed_at timestamp with time zone,
  constraint reconciliation_runs_pkey PRIMARY KEY (project_id, run_id),
  constraint reconciliation_runs_asset_check CHECK ((asset = 'usdc'::text)),
  constraint reconciliation_runs_block_number_check CHECK ((block_number >= 0)),
  constraint reconciliation_runs_check CHECK (((status = 'running'::text) = (completed_at IS NULL))),
  constraint reconciliation_runs_check1 CHECK (((status = 'failed'::text) = (error IS NOT NULL))),
  constraint reconciliation_runs_network_check CHECK ((network = 'polygon'::text)),
  constraint reconciliation_runs_status_check CHECK ((status = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text]))),
  constraint reconciliation_runs_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE INDEX reconciliation_runs_by_start ON public.reconciliation_runs USING btree (project_id, started_at);
alter table reconciliation_runs enable row level security;
alter table reconciliation_runs force row level security;
create policy by_project on reconciliation_runs as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant insert, select on reconciliation_runs to oms_app;
grant update (status, addresses, ledger_minor, chain_minor, adjusted_items, opened_breaks, closed_breaks, open_breaks, error, completed_at) on reconciliation_runs to oms_app;

create table relay_attempts (
  batch_id text not null,
  hash text not null,
  raw text not null,
  max_fee_per_gas numeric(38,0) not null,
  max_priority_fee_per_gas numeric(38,0) not null,
  created_at timestamp with time zone not null,
  constraint relay_attempts_pkey PRIMARY KEY (batch_id, hash),
  constraint relay_attempts_hash_check CHECK ((hash ~ '^0x[0-9a-f]{64}$'::text)),
  constraint relay_attempts_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES relay_batches(batch_id)
);
alter table relay_attempts enable row level security;
alter table relay_attempts force row level security;
create policy platform_only on relay_attempts as permissive for all to public using ((current_setting('oms.project'::text, true) = '*'::text));
grant insert, select on relay_attempts to oms_app;

create table relay_batches (
  network text not null,
  batch_id text not null,
  relayer_index integer not null,
  nonce bigint not null,
  status text not null,
  gas bigint not null,
  transfers jsonb not null,
  block_number bigint,
  block_hash text,
  created_at timestamp with time zone not null,
  sent_at timestamp with time zone,
  constraint relay_batches_pkey PRIMARY KEY (batch_id),
  constraint relay_batches_network_relayer_index_nonce_key UNIQUE (network, relayer_index, nonce),
  constraint relay_batches_check CHECK (((status <> ALL (ARRAY['mined'::text, 'final'::text])) OR ((block_number IS NOT NULL) AND (block_hash IS NOT NULL)))),
  constraint relay_batches_status_check CHECK ((status = ANY (ARRAY['signed'::text, 'broadcast'::text, 'mined'::text, 'final'::text, 'superseded'::text]))),
  constraint relay_batches_network_relayer_index_fkey FOREIGN KEY (network, relayer_index) REFERENCES relayers(network, relayer_index)
) with (fillfactor=80);
CREATE INDEX relay_batches_open ON public.relay_batches USING btree (network, relayer_index, nonce) WHERE (status = ANY (ARRAY['signed'::text, 'broadcast'::text, 'mined'::text]));
alter table relay_batches enable row level security;
alter table relay_batches force row level security;
create policy platform_only on relay_batches as permissive for all to public using ((current_setting('oms.project'::text, true) = '*'::text));
grant insert, select on relay_batches to oms_app;
grant update (status, block_number, block_hash, sent_at) on relay_batches to oms_app;

create table relayers (
  network text not null,
  relayer_index integer not null,
  address text not null,
  next_nonce bigint not null,
  constraint relayers_pkey PRIMARY KEY (network, relayer_index),
  constraint relayers_address_check CHECK ((address ~ '^0x[0-9a-f]{40}$'::text)),
  constraint relayers_network_check CHECK ((network = 'polygon'::text)),
  constraint relayers_next_nonce_check CHECK ((next_nonce >= 0)),
  constraint relayers_relayer_index_check CHECK ((relayer_index >= 0))
);
alter table relayers enable row level security;
alter table relayers force row level security;
create policy platform_only on relayers as permissive for all to public using ((current_setting('oms.project'::text, true) = '*'::text));
grant insert, select on relayers to oms_app;
grant update (next_nonce) on relayers to oms_app;

create table sandbox_cash_authorizations (
  project_id text not null,
  confirmation_id text not null,
  cash_in_id text not null,
  account_number text not null,
  account_reference_number text not null,
  authorized numeric(38,0) not null,
  committed numeric(38,0),
  commit_confirmation_id text,
  created_at timestamp with time zone not null,
  constraint sandbox_cash_authorizations_pkey PRIMARY KEY (project_id, confirmation_id),
  constraint sandbox_cash_authorizations_authorized_check CHECK ((authorized > (0)::numeric)),
  constraint sandbox_cash_authorizations_check CHECK (((committed > (0)::numeric) AND (committed <= authorized))),
  constraint sandbox_cash_authorizations_check1 CHECK (((committed IS NULL) = (commit_confirmation_id IS NULL))),
  constraint sandbox_cash_authorizations_project_id_cash_in_id_fkey FOREIGN KEY (project_id, cash_in_id) REFERENCES cash_ins(project_id, cash_in_id),
  constraint sandbox_cash_authorizations_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table sandbox_cash_authorizations enable row level security;
alter table sandbox_cash_authorizations force row level security;
create policy by_project on sandbox_cash_authorizations as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on sandbox_cash_authorizations to oms_app;
grant update (committed, commit_confirmation_id) on sandbox_cash_authorizations to oms_app;

create table schema_migrations (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone default now() not null,
  constraint schema_migrations_pkey PRIMARY KEY (name)
);

create table sends (
  project_id text not null,
  send_id text not null,
  network text not null,
  asset text not null,
  from_key_index bigint not null,
  from_address text not null,
  to_address text not null,
  amount numeric(38,0) not null,
  purpose text not null,
  resource_id text not null,
  books_recipient boolean not null,
  status text not null,
  attempt integer default 1 not null,
  valid_before bigint,
  authorization_nonce text,
  batch_id text,
  relays integer default 0 not null,
  failure_code text,
  tx_hash text,
  block_number bigint,
  log_index integer,
  created_at timestamp with time zone not null,
  settled_at timestamp with time zone,
  constraint sends_pkey PRIMARY KEY (project_id, send_id),
  constraint sends_send_id_key UNIQUE (send_id),
  constraint sends_amount_check CHECK ((amount > (0)::numeric)),
  constraint sends_asset_check CHECK ((asset = 'usdc'::text)),
  constraint sends_attempt_check CHECK ((attempt > 0)),
  constraint sends_authorization_nonce_check CHECK ((authorization_nonce ~ '^0x[0-9a-f]{64}$'::text)),
  constraint sends_check CHECK (((valid_before IS NULL) = (authorization_nonce IS NULL))),
  constraint sends_check1 CHECK (((status <> 'relaying'::text) OR ((batch_id IS NOT NULL) AND (authorization_nonce IS NOT NULL)))),
  constraint sends_check2 CHECK (((status = 'paid'::text) = ((tx_hash IS NOT NULL) AND (block_number IS NOT NULL) AND (log_index IS NOT NULL)))),
  constraint sends_check3 CHECK (((status = 'failed'::text) = (failure_code IS NOT NULL))),
  constraint sends_check4 CHECK (((status = ANY (ARRAY['paid'::text, 'failed'::text])) = (settled_at IS NOT NULL))),
  constraint sends_failure_code_check CHECK ((failure_code = ANY (ARRAY['recipient_blacklisted'::text, 'sender_blacklisted'::text, 'insufficient_onchain_balance'::text, 'token_paused'::text, 'authorization_rejected'::text]))),
  constraint sends_from_address_check CHECK ((from_address ~ '^0x[0-9a-f]{40}$'::text)),
  constraint sends_from_key_index_check CHECK ((from_key_index >= 0)),
  constraint sends_network_check CHECK ((network = 'polygon'::text)),
  constraint sends_relays_check CHECK ((relays >= 0)),
  constraint sends_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'relaying'::text, 'paid'::text, 'failed'::text]))),
  constraint sends_to_address_check CHECK ((to_address ~ '^0x[0-9a-f]{40}$'::text)),
  constraint sends_from_key_index_from_address_fkey FOREIGN KEY (from_key_index, from_address) REFERENCES address_pool(key_index, address),
  constraint sends_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
) with (fillfactor=80);
CREATE UNIQUE INDEX sends_by_authorization ON public.sends USING btree (network, authorization_nonce) WHERE (authorization_nonce IS NOT NULL);
CREATE INDEX sends_by_batch ON public.sends USING btree (batch_id) WHERE (status = 'relaying'::text);
CREATE INDEX sends_open ON public.sends USING btree (network, valid_before) WHERE (status = ANY (ARRAY['queued'::text, 'relaying'::text]));
CREATE INDEX sends_paid_by_block ON public.sends USING btree (project_id, block_number) WHERE (status = 'paid'::text);
CREATE INDEX sends_queued ON public.sends USING btree (network, created_at, send_id) WHERE (status = 'queued'::text);
alter table sends enable row level security;
alter table sends force row level security;
create policy by_project on sends as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant insert, select on sends to oms_app;
grant update (status, attempt, valid_before, authorization_nonce, batch_id, relays, failure_code, tx_hash, block_number, log_index, settled_at) on sends to oms_app;

create table transactions (
  project_id text not null,
  transaction_id text not null,
  type text not null,
  status text not null,
  sub_status text,
  cash_in_id text,
  sender_customer_id text not null,
  recipient_customer_id text,
  source_asset text not null,
  source_network text not null,
  source_gross numeric(38,0) not null,
  source_fee_oms numeric(38,0) not null,
  location_id text,
  location_reference text,
  destination_asset text not null,
  destination_network text not null,
  destination_wallet_id text,
  destination_address text,
  destination_gross numeric(38,0) not null,
  exchange_rate text not null,
  sponsor_gas boolean not null,
  metadata jsonb not null,
  tx_hash text,
  error_code text,
  error_message text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  completed_at timestamp with time zone,
  constraint transactions_pkey PRIMARY KEY (project_id, transaction_id),
  constraint transactions_check CHECK (((destination_wallet_id IS NULL) <> (destination_address IS NULL))),
  constraint transactions_check1 CHECK (((status = 'failed'::text) = (error_code IS NOT NULL))),
  constraint transactions_check2 CHECK (((status = 'completed'::text) = (completed_at IS NOT NULL))),
  constraint transactions_destination_gross_check CHECK ((destination_gross > (0)::numeric)),
  constraint transactions_source_fee_oms_check CHECK ((source_fee_oms >= (0)::numeric)),
  constraint transactions_source_gross_check CHECK ((source_gross > (0)::numeric)),
  constraint transactions_status_check CHECK ((status = ANY (ARRAY['processing'::text, 'cashPickupReady'::text, 'completed'::text, 'failed'::text]))),
  constraint transactions_type_check CHECK ((type = ANY (ARRAY['fiatToCrypto'::text, 'cryptoToFiat'::text, 'cryptoToCrypto'::text]))),
  constraint transactions_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id),
  constraint transactions_project_id_sender_customer_id_fkey FOREIGN KEY (project_id, sender_customer_id) REFERENCES customers(project_id, customer_id)
);
CREATE INDEX transactions_by_cash_in ON public.transactions USING btree (project_id, cash_in_id) WHERE (cash_in_id IS NOT NULL);
CREATE INDEX transactions_by_recipient ON public.transactions USING btree (project_id, recipient_customer_id, transaction_id);
CREATE INDEX transactions_by_sender ON public.transactions USING btree (project_id, sender_customer_id, transaction_id);
alter table transactions enable row level security;
alter table transactions force row level security;
create policy by_project on transactions as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on transactions to oms_app;
grant update (status, sub_status, tx_hash, error_code, error_message, updated_at, completed_at) on transactions to oms_app;

create table treasuries (
  project_id text not null,
  network text not null,
  address text not null,
  key_index bigint not null,
  created_at timestamp with time zone not null,
  constraint treasuries_pkey PRIMARY KEY (project_id, network),
  constraint treasuries_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table treasuries enable row level security;
alter table treasuries force row level security;
create policy by_project on treasuries as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on treasuries to oms_app;

create table wallets (
  project_id text not null,
  wallet_id text not null,
  customer_id text not null,
  asset text not null,
  chain text not null,
  address text not null,
  key_index bigint not null,
  status text not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint wallets_pkey PRIMARY KEY (project_id, wallet_id),
  constraint wallets_asset_check CHECK ((asset = 'usdc'::text)),
  constraint wallets_chain_check CHECK ((chain = 'polygon'::text)),
  constraint wallets_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'closed'::text]))),
  constraint wallets_project_id_customer_id_fkey FOREIGN KEY (project_id, customer_id) REFERENCES customers(project_id, customer_id)
);
CREATE UNIQUE INDEX wallets_by_address ON public.wallets USING btree (chain, address);
CREATE INDEX wallets_by_customer ON public.wallets USING btree (project_id, customer_id, wallet_id);
alter table wallets enable row level security;
alter table wallets force row level security;
create policy by_project on wallets as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on wallets to oms_app;

create table watched_addresses (
  project_id text not null,
  network text not null,
  address text not null,
  purpose text not null,
  resource_id text not null,
  created_at timestamp with time zone not null,
  constraint watched_addresses_pkey PRIMARY KEY (project_id, network, address),
  constraint watched_addresses_address_check CHECK ((address ~ '^0x[0-9a-f]{40}$'::text)),
  constraint watched_addresses_network_check CHECK ((network = 'polygon'::text)),
  constraint watched_addresses_purpose_check CHECK ((purpose = ANY (ARRAY['wallet'::text, 'treasury'::text]))),
  constraint watched_addresses_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
CREATE UNIQUE INDEX watched_addresses_by_address ON public.watched_addresses USING btree (network, address);
alter table watched_addresses enable row level security;
alter table watched_addresses force row level security;
create policy by_project on watched_addresses as permissive for all to public using (((project_id = current_setting('oms.project'::text, true)) OR (current_setting('oms.project'::text, true) = '*'::text)));
grant insert, select on watched_addresses to oms_app;

create table webhook_attempts (
  project_id text not null,
  delivery_id text not null,
  attempt integer not null,
  status_code integer,
  error text,
  response_body text,
  duration_ms integer not null,
  attempted_at timestamp with time zone not null,
  constraint webhook_attempts_pkey PRIMARY KEY (project_id, delivery_id, attempt),
  constraint webhook_attempts_attempt_check CHECK ((attempt > 0)),
  constraint webhook_attempts_project_id_delivery_id_fkey FOREIGN KEY (project_id, delivery_id) REFERENCES webhook_deliveries(project_id, delivery_id)
);
alter table webhook_attempts enable row level security;
alter table webhook_attempts force row level security;
create policy by_project on webhook_attempts as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on webhook_attempts to oms_app;

create table webhook_deliveries (
  project_id text not null,
  delivery_id text not null,
  webhook_id text not null,
  event_id text not null,
  status text not null,
  attempts integer default 0 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint webhook_deliveries_pkey PRIMARY KEY (project_id, delivery_id),
  constraint webhook_deliveries_project_id_webhook_id_event_id_key UNIQUE (project_id, webhook_id, event_id),
  constraint webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'parked'::text, 'delivered'::text, 'failed'::text]))),
  constraint webhook_deliveries_project_id_event_id_fkey FOREIGN KEY (project_id, event_id) REFERENCES events(project_id, event_id),
  constraint webhook_deliveries_project_id_webhook_id_fkey FOREIGN KEY (project_id, webhook_id) REFERENCES webhooks(project_id, webhook_id)
) with (fillfactor=80);
CREATE INDEX webhook_deliveries_parked ON public.webhook_deliveries USING btree (project_id, webhook_id) WHERE (status = 'parked'::text);
alter table webhook_deliveries enable row level security;
alter table webhook_deliveries force row level security;
create policy by_project on webhook_deliveries as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on webhook_deliveries to oms_app;
grant update (status, attempts, updated_at) on webhook_deliveries to oms_app;

create table webhooks (
  project_id text not null,
  webhook_id text not null,
  url text not null,
  events text[] not null,
  enabled boolean not null,
  disabled_reason text,
  secret_sealed bytea not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  deleted_at timestamp with time zone,
  constraint webhooks_pkey PRIMARY KEY (project_id, webhook_id),
  constraint webhooks_disabled_reason_check CHECK ((disabled_reason = 'gone'::text)),
  constraint webhooks_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(project_id)
);
alter table webhooks enable row level security;
alter table webhooks force row level security;
create policy by_project on webhooks as permissive for all to public using ((project_id = current_setting('oms.project'::text, true)));
grant insert, select on webhooks to oms_app;
grant update (url, events, enabled, disabled_reason, updated_at, deleted_at) on webhooks to oms_app;
