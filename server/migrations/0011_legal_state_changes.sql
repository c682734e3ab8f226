-- A status changes as its table of states says, whoever writes it: the server, its owner, a person with psql. The
-- server's own tables of states (states.ts of each slice) are checked before; this is what stands behind them. A row
-- with a status is never removed: what it says happened, happened.

set local lock_timeout = '5s';

-- Arguments: the legal changes, as 'from > to'.
create function refuse_illegal_change() returns trigger language plpgsql as $$
begin
  if (old.status || ' > ' || new.status) = any (tg_argv) then
    return new;
  end if;
  raise exception '% cannot go from % to %', tg_table_name, old.status, new.status using errcode = 'check_violation';
end $$;

create function refuse_first_state() returns trigger language plpgsql as $$
begin
  raise exception '% cannot begin as %', tg_table_name, new.status using errcode = 'check_violation';
end $$;

create function refuse_removal() returns trigger language plpgsql as $$
begin
  raise exception '% are kept', tg_table_name using errcode = 'insufficient_privilege';
end $$;

-- The conditions are the triggers' own, so that only a change of status calls a function: 3 µs, measured.
create procedure guard_states(target regclass, first_states text[], legal_changes text[]) language plpgsql as $$
begin
  execute format(
    'create trigger %I before insert on %s for each row when (new.status <> all (%L)) execute function refuse_first_state()',
    target || '_first_state', target, first_states);
  execute format(
    'create trigger %I before update on %s for each row when (old.status is distinct from new.status)
       execute function refuse_illegal_change(%s)',
    target || '_legal_changes', target,
    (select string_agg(quote_literal(change), ', ') from unnest(legal_changes) change));
  execute format(
    'create trigger %I before delete on %s for each row execute function refuse_removal()', target || '_kept', target);
  execute format(
    'create trigger %I before truncate on %s for each statement execute function refuse_removal()',
    target || '_kept_all', target);
end $$;

call guard_states('customers', '{active}', '{active > inactive, inactive > active}');
call guard_states('endorsements', '{PENDING, ACTIVE, REJECTED}', '{PENDING > ACTIVE, PENDING > REJECTED,
  ACTIVE > REJECTED, ACTIVE > REVOKED, REJECTED > PENDING, REJECTED > ACTIVE, REVOKED > PENDING}');
-- No operation changes a wallet's status.
call guard_states('wallets', '{active}', '{}');
-- expired > processing: a till that authorized before the expiry may commit after it; the cash is real.
call guard_states('cash_ins', '{pending}', '{pending > processing, pending > expired, expired > pending,
  expired > processing, processing > completed, processing > failed}');
call guard_states('transactions', '{processing}', '{processing > cashPickupReady, processing > completed,
  processing > failed, cashPickupReady > completed, cashPickupReady > failed}');
-- A send is paid by whoever relays its authorization, so also while it is queued.
call guard_states('sends', '{queued}', '{queued > relaying, queued > paid, queued > failed, relaying > queued,
  relaying > paid, relaying > failed}');
-- mined > broadcast: its block was reorganised away.
call guard_states('relay_batches', '{signed}', '{signed > broadcast, signed > mined, signed > final,
  signed > superseded, broadcast > mined, broadcast > final, broadcast > superseded, mined > broadcast,
  mined > final, mined > superseded}');
-- orphaned > detected: its block came back.
call guard_states('deposits', '{detected}', '{detected > credited, detected > orphaned, orphaned > detected}');
call guard_states('webhook_deliveries', '{pending, parked}', '{pending > delivered, pending > failed,
  pending > parked, parked > pending}');
call guard_states('reconciliation_runs', '{running}', '{running > completed, running > failed}');
call guard_states('reconciliation_breaks', '{open}', '{open > closed}');

-- One transfer on chain pays one send.
create unique index sends_paid_once on sends (network, tx_hash, log_index) where status = 'paid';

-- What decides that something takes effect once is only ever added to, whoever asks.
create trigger ledger_transfers_kept_all before truncate on ledger_transfers
  for each statement execute function refuse_removal();
create trigger ledger_batches_kept_all before truncate on ledger_batches
  for each statement execute function refuse_removal();
create trigger provider_events_append_only before update or delete on provider_events
  for each row execute function refuse_change();
create trigger relay_attempts_append_only before update or delete on relay_attempts
  for each row execute function refuse_change();
