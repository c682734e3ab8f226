set local lock_timeout = '5s';

-- What a reviewer asks for before it decides.
alter table endorsements
  add column missing text[] not null default '{}',
  add column issues text[] not null default '{}';
