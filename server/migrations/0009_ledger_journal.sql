-- The journal in half the space, with the account's balances after each entry, times that only go forward, holds that
-- expire, accounts that close, and a hash chain over all of it.

set local lock_timeout = '5s';

-- account_no: what transfers name the account by. last_entry_at: no later entry has an earlier time, so the entries of
-- an account are in the order of (created_at, seq), and a balance at an instant is one look-up.
alter table ledger_accounts
  add column account_no bigint generated always as identity,
  add column last_entry_at timestamptz not null default '-infinity',
  add column closed_at timestamptz,
  add constraint ledger_accounts_by_no unique (account_no),
  add constraint closed_is_empty check (
    closed_at is null or (debits_posted = credits_posted and debits_pending = 0 and credits_pending = 0));

-- One call of ledger_apply: what it added, as one digest. The chain comes after the commit (ledger_chain), because a
-- head that every call had to lock would make them wait for each other's commits.
-- chain_hash = sha256(chain_hash of the position before, or 32 zero bytes || digest).
create table ledger_batches (
  project_id text not null,
  batch_id bigint generated always as identity,
  transfers integer not null check (transfers > 0),
  digest bytea not null check (length(digest) = 32),
  created_at timestamptz not null,
  chain_position bigint check (chain_position > 0),
  chain_hash bytea check (length(chain_hash) = 32),
  primary key (project_id, batch_id),
  unique (project_id, chain_position),
  check ((chain_position is null) = (chain_hash is null))
);
create index ledger_batches_unchained on ledger_batches (project_id, batch_id) where chain_position is null;
call isolate_by_project('ledger_batches', true);
grant select on ledger_batches to oms_app;

create function refuse_rechaining() returns trigger language plpgsql as $$
begin
  if old.chain_position is not null
    or (new.project_id, new.batch_id, new.transfers, new.digest, new.created_at)
      is distinct from (old.project_id, old.batch_id, old.transfers, old.digest, old.created_at) then
    raise exception 'ledger_batches is append-only' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger ledger_batches_chained_once before update on ledger_batches
  for each row execute function refuse_rechaining();
create trigger ledger_batches_append_only before delete on ledger_batches
  for each row execute function refuse_change();

alter table ledger_transfers rename to ledger_transfers_before;

-- Transfers of one group are all-or-nothing. group_id names the decision (e.g. 'ci_….committed'): it can be made once.
-- transfer_id names a hold; any other transfer is named by group and position. A hold is resolved once, by a post (in
-- part or whole) or a void; at expires_at it is voided, and can no longer be posted.
-- *_posted_after, *_reserved_after, *_incoming_after: credits_posted - debits_posted, debits_pending and
-- credits_pending of that account once this transfer is applied.
-- No foreign keys: ledger_apply, the only writer, has locked the accounts and read the holds it names; the ledger check
-- finds what would break them. Accounts are numbers because two indexes lead with them (docs/decisions/0010).
create table ledger_transfers (
  project_id text not null,
  seq bigint generated always as identity,
  batch_id bigint not null,
  group_id text not null,
  position integer not null,
  kind text not null check (kind in ('single', 'pending', 'post', 'void')),
  transfer_id text,
  pending_id text,
  debit_no bigint not null,
  credit_no bigint not null,
  amount numeric(38, 0) not null check (amount > 0),
  debit_posted_after numeric(38, 0) not null,
  debit_reserved_after numeric(38, 0) not null,
  debit_incoming_after numeric(38, 0) not null,
  credit_posted_after numeric(38, 0) not null,
  credit_reserved_after numeric(38, 0) not null,
  credit_incoming_after numeric(38, 0) not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  constraint ledger_transfers_pk primary key (project_id, group_id, position),
  check (debit_no <> credit_no),
  check ((kind = 'pending') = (transfer_id is not null)),
  check ((kind in ('post', 'void')) = (pending_id is not null)),
  check (expires_at is null or kind = 'pending')
);

alter table ledger_accounts no force row level security;
alter table ledger_transfers_before no force row level security;
alter table ledger_batches no force row level security;

-- What there is moves over in the order of its times: a batch per group, and the balances after each entry anew.
with groups as (
  select project_id, group_id, count(*) transfers, max(created_at) created_at,
    sha256(convert_to(group_id, 'UTF8')) as mark
  from ledger_transfers_before group by project_id, group_id)
insert into ledger_batches (project_id, transfers, digest, created_at)
select project_id, transfers, mark, created_at from groups order by created_at, project_id, group_id;

with entries as (
  select t.project_id, t.transfer_id, sides.side, sides.account_id,
    case when t.kind in ('single', 'post') then case sides.side when 'credit' then t.amount else -t.amount end
      else 0 end posted,
    case sides.side when 'debit' then 1 else 0 end
      * case t.kind when 'pending' then t.amount when 'single' then 0 else -h.amount end reserved,
    case sides.side when 'credit' then 1 else 0 end
      * case t.kind when 'pending' then t.amount when 'single' then 0 else -h.amount end incoming,
    t.created_at, t.group_id, t.position
  from ledger_transfers_before t
  left join ledger_transfers_before h on h.project_id = t.project_id and h.transfer_id = t.pending_id
  cross join lateral (values ('debit', t.debit_account_id), ('credit', t.credit_account_id)) sides(side, account_id)
), balances as (
  select project_id, transfer_id, side, account_id,
    sum(posted) over w posted, sum(reserved) over w reserved, sum(incoming) over w incoming
  from entries
  window w as (partition by project_id, account_id order by created_at, group_id, position)
)
insert into ledger_transfers (project_id, batch_id, group_id, position, kind, transfer_id, pending_id, debit_no,
  credit_no, amount, debit_posted_after, debit_reserved_after, debit_incoming_after, credit_posted_after,
  credit_reserved_after, credit_incoming_after, created_at)
select t.project_id, b.batch_id, t.group_id, t.position, t.kind,
  case t.kind when 'pending' then t.transfer_id end, t.pending_id, da.account_no, ca.account_no, t.amount,
  d.posted, d.reserved, d.incoming, c.posted, c.reserved, c.incoming, t.created_at
from ledger_transfers_before t
join ledger_batches b on b.project_id = t.project_id and b.digest = sha256(convert_to(t.group_id, 'UTF8'))
join balances d on d.project_id = t.project_id and d.transfer_id = t.transfer_id and d.side = 'debit'
join balances c on c.project_id = t.project_id and c.transfer_id = t.transfer_id and c.side = 'credit'
join ledger_accounts da on da.project_id = t.project_id and da.account_id = t.debit_account_id
join ledger_accounts ca on ca.project_id = t.project_id and ca.account_id = t.credit_account_id
order by t.created_at, t.group_id, t.position;

update ledger_accounts a set last_entry_at = coalesce((
  select max(t.created_at) from ledger_transfers t where a.account_no in (t.debit_no, t.credit_no)), '-infinity');

drop function ledger_apply;
drop table ledger_transfers_before;

create unique index ledger_transfers_holds on ledger_transfers (project_id, transfer_id) where transfer_id is not null;
create unique index ledger_transfers_resolved_once on ledger_transfers (project_id, pending_id)
  where pending_id is not null;
create index ledger_transfers_by_debit on ledger_transfers (debit_no, created_at, seq);
create index ledger_transfers_by_credit on ledger_transfers (credit_no, created_at, seq);
create index ledger_transfers_by_batch on ledger_transfers (batch_id);
create trigger ledger_transfers_append_only before update or delete on ledger_transfers
  for each row execute function refuse_change();

-- What the digest of a batch is made of: a line per transfer, its values apart by a character that none of them has.
-- The balances after it follow from the transfers, and the ledger check recomputes them. Stable, as what it calls is,
-- or it could not be inlined.
create function ledger_line(group_id text, "position" integer, kind text, transfer_id text, pending_id text,
  debit text, credit text, amount numeric, created_us bigint, expires_us bigint)
returns text language sql stable
return concat_ws(chr(31), group_id, "position", kind, coalesce(transfer_id, '-'), coalesce(pending_id, '-'), debit,
  credit, amount, created_us, coalesce(expires_us, 0));

-- Microseconds since 1970: the same text in every time zone and format.
create function ledger_us(at timestamptz) returns bigint language sql stable
return (extract(epoch from at) * 1000000)::bigint;

-- The journal as it is read: with the accounts' names.
create view ledger_journal with (security_invoker = true) as
select t.project_id, t.seq, t.batch_id, t.group_id, t.position, t.kind, t.transfer_id, t.pending_id,
  d.account_id debit_account_id, c.account_id credit_account_id, d.asset, t.amount, t.debit_posted_after,
  t.debit_reserved_after, t.debit_incoming_after, t.credit_posted_after, t.credit_reserved_after,
  t.credit_incoming_after, t.created_at, t.expires_at,
  ledger_line(t.group_id, t.position, t.kind, t.transfer_id, t.pending_id, d.account_id, c.account_id, t.amount,
    ledger_us(t.created_at), ledger_us(t.expires_at)) line
from ledger_transfers t
join ledger_accounts d on d.account_no = t.debit_no
join ledger_accounts c on c.account_no = t.credit_no;
grant select on ledger_journal to oms_app;

-- The true digests of what moved over.
alter table ledger_batches disable trigger ledger_batches_chained_once;
update ledger_batches b set digest = lines.digest
from (select project_id, batch_id, sha256(convert_to(string_agg(line, chr(10) order by seq), 'UTF8')) digest
  from ledger_journal group by project_id, batch_id) lines
where b.project_id = lines.project_id and b.batch_id = lines.batch_id;
alter table ledger_batches enable trigger ledger_batches_chained_once;
alter table ledger_batches force row level security;
alter table ledger_accounts force row level security;
call isolate_by_project('ledger_transfers', false);
grant select on ledger_transfers to oms_app;

-- Decides groups of transfers in their order and writes those that pass: one set-based statement each for accounts and
-- transfers, whatever the number of groups. A group is applied whole or refused alone; a refused one does not count for
-- those after it. Answers an outcome per group, in order.
--
-- p_account_ids, p_limit_sides: the accounts that items name, once each and sorted by their bytes. Account rows are
-- locked in this order before anything is decided; missing ones are opened.
-- p_may_open: false when the caller has seen all of them before, which spares a look for missing ones.
-- The other arrays have a place per item; the items of a group stand together, and p_groups numbers the groups from 1.
-- p_debits, p_credits: places in p_account_ids; null for a post or void of a hold of an earlier call, which has its own.
-- p_made_at: the place of the item of this call that makes the hold, 0 for one made before.
-- p_same_group, p_same_hold: the first place with the same group id, and with the same pending id.
--
-- Outcomes: applied; exists, when the group id was used before; insufficient_funds; hold_unresolvable, when a hold is
-- unknown, resolved, or smaller than what is to be posted; hold_expired, when it is to be posted and its time is over;
-- account_closed.
create function ledger_apply(p_project text, p_now timestamptz, p_account_ids text[], p_limit_sides text[],
  p_groups integer[], p_group_ids text[], p_positions integer[], p_kinds text[], p_transfer_ids text[],
  p_pending_ids text[], p_debits integer[], p_credits integer[], p_amounts numeric[], p_expires_at timestamptz[],
  p_made_at integer[], p_same_group integer[], p_same_hold integer[], p_may_open boolean)
returns text[]
language plpgsql security definer set search_path = pg_catalog, public
-- One plan for any number of items, and every look-up of a table by key (lateral, with a limit), whatever the planner's
-- statistics say of a young or a huge table: left to itself it scanned whole tables, and planned longer than it ran.
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  n constant integer := cardinality(p_groups);
  may_open boolean := p_may_open;
  now_at timestamptz;
  now_us bigint;
  -- The accounts, by their place in the order of their ids' bytes.
  wanted text[] := p_account_ids;
  ids text[];
  assets text[];
  numbers bigint[];
  sides text[];
  closed boolean[];
  debit_holds numeric[];
  debit_sums numeric[];
  credit_holds numeric[];
  credit_sums numeric[];
  touched boolean[];
  -- The items. debits and credits are places of accounts.
  debits integer[] := p_debits;
  credits integer[] := p_credits;
  amounts numeric[] := p_amounts;
  held numeric[];
  held_until timestamptz[];
  is_used boolean[] := array_fill(false, array[n]);
  is_resolved boolean[] := array_fill(false, array[n]);
  accepted boolean[] := array_fill(false, array[n]);
  debit_posted numeric[] := array_fill(null::numeric, array[n]);
  debit_reserved numeric[] := array_fill(null::numeric, array[n]);
  debit_incoming numeric[] := array_fill(null::numeric, array[n]);
  credit_posted numeric[] := array_fill(null::numeric, array[n]);
  credit_reserved numeric[] := array_fill(null::numeric, array[n]);
  credit_incoming numeric[] := array_fill(null::numeric, array[n]);
  outcomes text[] := '{}';
  refusal text;
  batch bigint;
  i integer;
  d integer;
  c integer;
  first integer;
  last integer;
begin
  if p_project is distinct from current_setting('oms.project', true) then
    raise exception 'ledger_apply outside its project' using errcode = 'insufficient_privilege';
  end if;

  -- Holds never change: they can be read before their accounts are locked.
  if array_remove(p_pending_ids, null) <> '{}' then
    with items as materialized (
      select item.place, hold.amount hold_amount, hold.expires_at hold_until,
        coalesce(item.amount, hold.amount, p_amounts[item.made_at]) amount,
        coalesce(hold.debit, p_account_ids[item.debit]) debit, coalesce(hold.credit, p_account_ids[item.credit]) credit,
        item.made_at
      from unnest(p_pending_ids, p_made_at, p_debits, p_credits, p_amounts)
        with ordinality item(pending_id, made_at, debit, credit, amount, place)
      left join lateral (
        select t.amount, t.expires_at, da.account_id debit, ca.account_id credit
        from ledger_transfers t
        cross join lateral (select a.account_id from ledger_accounts a where a.account_no = t.debit_no limit 1) da
        cross join lateral (select a.account_id from ledger_accounts a where a.account_no = t.credit_no limit 1) ca
        where t.project_id = p_project and t.transfer_id = item.pending_id and item.made_at = 0 limit 1) hold on true
    ), listed as materialized (
      select id, row_number() over (order by id collate "C") as number
      from (select debit id from items union select credit from items) named where id is not null
    ), numbered as materialized (
      select jsonb_object_agg(id, number) account_places, array_agg(id order by number) account_list from listed
    )
    select array_agg(coalesce(hold_amount, p_amounts[made_at]) order by place),
      array_agg(coalesce(hold_until, p_expires_at[made_at]) order by place), array_agg(amount order by place),
      array_agg((account_places->>debit)::integer order by place),
      array_agg((account_places->>credit)::integer order by place), coalesce(account_list, '{}')
    into held, held_until, amounts, debits, credits, wanted
    from items, numbered group by account_places, account_list;
  end if;

  loop
    if may_open then
      -- Before any lock: two calls that open each other's accounts would otherwise wait for each other.
      insert into ledger_accounts (project_id, account_id, kind, owner, asset, limit_side, created_at)
      select p_project, named.id, split_part(named.id, ':', 1), split_part(named.id, ':', 2),
        split_part(named.id, ':', 3), named.side, p_now
      from unnest(p_account_ids, p_limit_sides) named(id, side)
      where named.id not in (
        select a.account_id from ledger_accounts a
        where a.project_id = p_project and a.account_id = any(p_account_ids))
      order by named.id collate "C"
      on conflict do nothing;
    end if;
    with locked as materialized (
      select * from ledger_accounts a where a.project_id = p_project and a.account_id = any(wanted)
      order by a.account_id collate "C" for no key update)
    select coalesce(array_agg(account_id), '{}'), array_agg(account_no), array_agg(asset), array_agg(limit_side),
      array_agg(closed_at is not null), array_agg(debits_pending), array_agg(debits_posted),
      array_agg(credits_pending), array_agg(credits_posted), array_agg(false), greatest(p_now, max(last_entry_at))
    into ids, numbers, assets, sides, closed, debit_holds, debit_sums, credit_holds, credit_sums, touched, now_at
    from (select * from locked order by account_id collate "C") sorted;
    exit when ids = wanted;
    if may_open then
      raise exception 'accounts are not those that were named' using errcode = 'assert_failure';
    end if;
    may_open := true;
  end loop;
  now_us := ledger_us(now_at);

  -- Statements of their own: their snapshots are younger than the locks.
  for i in
    select p_same_group[array_position(p_group_ids, t.group_id)] from ledger_transfers t
    where t.project_id = p_project and t.group_id = any(p_group_ids) and t.position = 1
  loop
    is_used[i] := true;
  end loop;
  if held is not null then
    for i in
      select p_same_hold[array_position(p_pending_ids, t.pending_id)] from ledger_transfers t
      where t.project_id = p_project and t.pending_id = any(array_remove(p_pending_ids, null))
    loop
      is_resolved[i] := true;
    end loop;
  end if;

  first := 1;
  while first <= n loop
    last := first;
    while last < n and p_groups[last + 1] = p_groups[first] loop
      last := last + 1;
    end loop;
    refusal := case when is_used[p_same_group[first]] then 'exists' end;
    i := first - 1;
    while refusal is null and i < last loop
      i := i + 1;
      d := debits[i];
      c := credits[i];
      if p_kinds[i] in ('post', 'void') then
        if held[i] is null or is_resolved[p_same_hold[i]] or amounts[i] > held[i] or not (p_made_at[i] = 0
            or p_made_at[i] < i and p_transfer_ids[p_made_at[i]] = p_pending_ids[i]
              and (p_made_at[i] >= first or accepted[p_made_at[i]])) then
          refusal := 'hold_unresolvable';
        elsif p_kinds[i] = 'post' and held_until[i] <= now_at then
          refusal := 'hold_expired';
        end if;
      elsif assets[d] <> assets[c] then
        raise exception 'a transfer moves one asset: % to %', ids[d], ids[c];
      end if;
      if refusal is null and (closed[d] or closed[c]) then
        refusal := 'account_closed';
      end if;
      if refusal is not null then
        i := i - 1;
        exit;
      end if;
      if p_kinds[i] = 'pending' then
        debit_holds[d] := debit_holds[d] + amounts[i];
        credit_holds[c] := credit_holds[c] + amounts[i];
      else
        if p_kinds[i] <> 'single' then
          is_resolved[p_same_hold[i]] := true;
          debit_holds[d] := debit_holds[d] - held[i];
          credit_holds[c] := credit_holds[c] - held[i];
        end if;
        if p_kinds[i] <> 'void' then
          debit_sums[d] := debit_sums[d] + amounts[i];
          credit_sums[c] := credit_sums[c] + amounts[i];
        end if;
      end if;
      debit_posted[i] := credit_sums[d] - debit_sums[d];
      debit_reserved[i] := debit_holds[d];
      debit_incoming[i] := credit_holds[d];
      credit_posted[i] := credit_sums[c] - debit_sums[c];
      credit_reserved[i] := debit_holds[c];
      credit_incoming[i] := credit_holds[c];
      if (sides[d] = 'credit' and debit_sums[d] + debit_holds[d] > credit_sums[d])
        or (sides[c] = 'debit' and credit_sums[c] + credit_holds[c] > debit_sums[c]) then
        refusal := 'insufficient_funds';
      end if;
    end loop;
    if refusal is null then
      is_used[p_same_group[first]] := true;
      for i in first..last loop
        accepted[i] := true;
        touched[debits[i]] := true;
        touched[credits[i]] := true;
      end loop;
    else
      -- What the group's items did so far, backwards.
      while i >= first loop
        d := debits[i];
        c := credits[i];
        if p_kinds[i] = 'pending' then
          debit_holds[d] := debit_holds[d] - amounts[i];
          credit_holds[c] := credit_holds[c] - amounts[i];
        else
          if p_kinds[i] <> 'void' then
            debit_sums[d] := debit_sums[d] - amounts[i];
            credit_sums[c] := credit_sums[c] - amounts[i];
          end if;
          if p_kinds[i] <> 'single' then
            is_resolved[p_same_hold[i]] := false;
            debit_holds[d] := debit_holds[d] + held[i];
            credit_holds[c] := credit_holds[c] + held[i];
          end if;
        end if;
        i := i - 1;
      end loop;
    end if;
    outcomes := outcomes || coalesce(refusal, 'applied');
    first := last + 1;
  end loop;
  if not true = any(accepted) then
    return outcomes;
  end if;

  update ledger_accounts a
  set debits_pending = m.dp, debits_posted = m.dd, credits_pending = m.cp, credits_posted = m.cd,
    last_entry_at = now_at
  from unnest(numbers, debit_holds, debit_sums, credit_holds, credit_sums, touched) m(no, dp, dd, cp, cd, hit)
  where a.account_no = m.no and m.hit;

  batch := nextval(pg_get_serial_sequence('ledger_batches', 'batch_id'));
  with rows as materialized (
    select * from unnest(p_group_ids, p_positions, p_kinds, p_transfer_ids, p_pending_ids, debits, credits, amounts,
      debit_posted, debit_reserved, debit_incoming, credit_posted, credit_reserved, credit_incoming, p_expires_at,
      accepted) with ordinality r(g, p, k, t, pe, debit, credit, a, dp, dr, di, cp, cr, ci, e, ok, place)
    where ok
  ), added as (
    insert into ledger_transfers (project_id, batch_id, group_id, position, kind, transfer_id, pending_id, debit_no,
      credit_no, amount, debit_posted_after, debit_reserved_after, debit_incoming_after, credit_posted_after,
      credit_reserved_after, credit_incoming_after, created_at, expires_at)
    select p_project, batch, g, p, k, t, pe, numbers[debit], numbers[credit], a, dp, dr, di, cp, cr, ci, now_at, e
    from rows order by place
  )
  insert into ledger_batches (project_id, batch_id, transfers, digest, created_at) overriding system value
  select p_project, batch, count(*), sha256(convert_to(string_agg(
    ledger_line(g, p, k, t, pe, ids[debit], ids[credit], a, now_us, ledger_us(e)), chr(10) order by place), 'UTF8')),
    now_at
  from rows;
  return outcomes;
end $$;
revoke execute on function ledger_apply from public;
grant execute on function ledger_apply to oms_app;

-- Closes accounts for good: nothing is ever moved on them again. Answers an outcome per account, in order: closed (also
-- when it was before), not_empty while it has a balance or an open hold, not_found.
create function ledger_close(p_project text, p_now timestamptz, p_account_ids text[]) returns text[]
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  answers text[];
begin
  if p_project is distinct from current_setting('oms.project', true) then
    raise exception 'ledger_close outside its project' using errcode = 'insufficient_privilege';
  end if;
  perform from ledger_accounts a where a.project_id = p_project and a.account_id = any(p_account_ids)
  order by a.account_id collate "C" for no key update;
  update ledger_accounts a set closed_at = greatest(p_now, a.last_entry_at)
  where a.project_id = p_project and a.account_id = any(p_account_ids) and a.closed_at is null
    and a.debits_posted = a.credits_posted and a.debits_pending = 0 and a.credits_pending = 0;
  select array_agg(case when a.account_id is null then 'not_found' when a.closed_at is null then 'not_empty'
    else 'closed' end order by asked.place) into answers
  from unnest(p_account_ids) with ordinality asked(id, place)
  left join ledger_accounts a on a.project_id = p_project and a.account_id = asked.id;
  return answers;
end $$;
revoke execute on function ledger_close from public;
grant execute on function ledger_close to oms_app;

-- Puts the oldest batches that are in no chain at its end, at most p_limit of them; how many. One at a time per project.
create function ledger_chain(p_project text, p_limit integer) returns integer
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  batch record;
  head bytea;
  place bigint;
  chained integer := 0;
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
    chained := chained + 1;
  end loop;
  return chained;
end $$;
revoke execute on function ledger_chain from public;
grant execute on function ledger_chain to oms_app;
