-- The local chain's write-ahead log: everything that was done to it, in order, so that a restart can do it again.
-- It belongs to the machine, not to a tenant, and is empty where CHAIN_RPC_URL names another chain.
-- Rows are only added; the one thing learnt afterwards is the hash of a mined block.

set local lock_timeout = '5s';

create table local_chain_log (
  seq bigint generated always as identity primary key,
  kind text not null check (kind in ('genesis', 'transaction', 'call', 'block')),
  payload jsonb not null,
  hash text check (hash ~ '^0x[0-9a-f]{64}$'),
  check (hash is null or kind = 'block')
);
grant select, insert, update (hash) on local_chain_log to oms_app;
