set local lock_timeout = '5s';

-- Why a send is never relayed; it fails as soon as the relayer sees it. Null: it is.
alter table sends add column refused_as text;
alter table sends add constraint sends_refused_as_check check (refused_as in ('recipient_blacklisted',
  'sender_blacklisted', 'insufficient_onchain_balance', 'token_paused', 'authorization_rejected'));
create index sends_refused on sends (network, created_at) where status = 'queued' and refused_as is not null;

-- A cash network may decline an order: then it fails before a till took anything.
alter table cash_ins drop constraint cash_ins_check1;
alter table cash_ins add constraint cash_ins_check1
  check ((deposited is not null and status not in ('pending', 'expired')) = (transaction_id is not null));
alter table cash_ins add constraint cash_ins_deposited_when_taken
  check (status not in ('processing', 'completed') or deposited is not null);
drop trigger cash_ins_legal_changes on cash_ins;
create trigger cash_ins_legal_changes before update on cash_ins
  for each row when (old.status is distinct from new.status)
  execute function refuse_illegal_change('pending > processing', 'pending > expired', 'pending > failed',
    'expired > pending', 'expired > processing', 'processing > completed', 'processing > failed');
