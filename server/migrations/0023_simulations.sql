set local lock_timeout = '5s';

-- What a reviewer asks for before it decides.
alter table endorsements
  add column missing text[] not null default '{}',
  add column issues text[] not null default '{}';

-- The magic value by which the account made the sandbox's bank do something else than to pay.
alter table sandbox_bank_payments add column scenario text;
