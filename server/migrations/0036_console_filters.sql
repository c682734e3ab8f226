-- Each pair of filters that a list of the console offers is a range of an index, or meets few rows by one of them: the
-- slow one is the pair that nearly nothing meets, while each of the two alone meets half a million. A list without one of
-- the columns in the middle of an index reads a page of each of its values (docs/decisions/0038).

set local lock_timeout = '5s';

alter table request_log no force row level security;
alter table request_resources no force row level security;

-- Of nine values of status and type together: one index less than before.
drop index transactions_by_status;
drop index transactions_by_type;
create index transactions_by_status on transactions (project_id, status, type, transaction_id);

drop index transactions_by_sender;
drop index transactions_by_recipient;
drop index transactions_by_source_wallet;
drop index transactions_by_destination_wallet;
create index transactions_by_sender on transactions (project_id, sender_customer_id, type, transaction_id);
create index transactions_by_recipient on transactions (project_id, recipient_customer_id, type, transaction_id);
create index transactions_by_source_wallet on transactions (project_id, source_wallet_id, type, transaction_id)
  where source_wallet_id is not null;
create index transactions_by_destination_wallet on transactions (project_id, destination_wallet_id, type, transaction_id)
  where destination_wallet_id is not null;

-- What failed of somebody who has much: a few in a hundred are in these.
create index transactions_failed_by_sender on transactions (project_id, sender_customer_id, transaction_id)
  where status = 'failed';
create index transactions_failed_by_recipient on transactions (project_id, recipient_customer_id, transaction_id)
  where status = 'failed';
create index transactions_failed_by_source_wallet on transactions (project_id, source_wallet_id, transaction_id)
  where status = 'failed' and source_wallet_id is not null;
create index transactions_failed_by_destination_wallet on transactions (project_id, destination_wallet_id, transaction_id)
  where status = 'failed' and destination_wallet_id is not null;

-- Nearly every kind has one asset, which the planner does not guess.
drop index ledger_accounts_by_kind;
create index ledger_accounts_by_kind on ledger_accounts (project_id, kind, asset, account_no);
create statistics ledger_accounts_kinds (mcv) on kind, asset from ledger_accounts;
analyze ledger_accounts;

drop index request_log_by_method;
drop index request_log_by_operation;
create index request_log_by_method on request_log (project_id, method, status_class, request_id);
create index request_log_by_operation on request_log (project_id, operation, status_class, request_id);

-- What requests are filtered by is read from the index, and a request is looked up once it is to be shown.
create temporary table listed on commit drop as
select r.project_id, r.resource_id, r.request_id, l.method, l.operation, l.status_class
from request_resources r join request_log l on l.project_id = r.project_id and l.request_id = r.request_id;
truncate request_resources;
alter table request_resources
  add column method text not null,
  add column operation text,
  add column status_class integer not null,
  drop constraint request_resources_pkey,
  add primary key (project_id, resource_id, request_id) include (method, operation, status_class);
insert into request_resources select * from listed order by request_id;

alter table request_log force row level security;
alter table request_resources force row level security;
