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

-- Money comes by RTP, too; it does not leave by it.
alter table bank_credits drop constraint bank_credits_rail_check;
alter table bank_credits add constraint bank_credits_rail_check check (rail in ('ach', 'wire', 'swift', 'rtp'));
alter table virtual_account_deposits drop constraint virtual_account_deposits_rail_check;
alter table virtual_account_deposits add constraint virtual_account_deposits_rail_check check (rail in ('ach', 'wire', 'swift', 'rtp'));
alter table sandbox_bank_payments drop constraint sandbox_bank_payments_rail_check;
alter table sandbox_bank_payments add constraint sandbox_bank_payments_rail_check check (rail in ('ach', 'wire', 'swift', 'rtp'));
alter table sandbox_bank_payments add constraint sandbox_bank_payments_payout_rail
  check (rail <> 'rtp' or kind = 'credit_return');

-- Lines of banks' statements, each as it was compared with our payments when it came. They are kept as they are.
create table bank_statement_lines (
  project_id text not null references projects,
  line_id text not null,
  provider text not null,
  status text not null check (status in ('matched', 'break')),
  direction text not null check (direction in ('debit', 'credit')),
  amount numeric(38,0) not null check (amount > 0),
  reference text not null,
  cause text check (cause in ('unknown_reference', 'wrong_amount', 'not_expected', 'listed_before')),
  -- The payment with this reference, matched or not: a payout with its transaction, or a credit.
  expected numeric(38,0),
  payout_id text,
  transaction_id text,
  credit_id text,
  created_at timestamptz not null,
  primary key (project_id, line_id),
  foreign key (project_id, payout_id) references bank_payouts,
  foreign key (project_id, credit_id) references bank_credits,
  check ((status = 'break') = (cause is not null)),
  check (num_nonnulls(payout_id, credit_id) = case cause when 'unknown_reference' then 0 else 1 end),
  check (status = 'break' or amount = expected)
);
create unique index bank_statement_lines_payout_once on bank_statement_lines (project_id, direction, payout_id)
  where status = 'matched';
create unique index bank_statement_lines_credit_once on bank_statement_lines (project_id, direction, credit_id)
  where status = 'matched';
create index bank_statement_lines_by_status on bank_statement_lines (project_id, status, line_id);
create index bank_payouts_by_reference on bank_payouts (project_id, reference) where reference is not null;
create index bank_credits_by_reference on bank_credits (project_id, reference);
call isolate_by_project('bank_statement_lines', false);
call guard_states('bank_statement_lines', '{matched, break}', '{}');
grant select, insert on bank_statement_lines to oms_app;
