-- A sandbox project may have a seed, from which its ids, codes and addresses follow (docs/decisions/0029).

set local lock_timeout = '5s';

-- drawn, addresses: how many values were drawn and how many addresses were taken since the seed was set. address_space:
-- where its addresses are among those of the public keys, and what tells apart projects of one seed. epoch: raised when
-- the project's time goes back.
alter table project_clocks
  add column seed text check (seed ~ '^[A-Za-z0-9._-]{1,64}$'),
  add column address_space integer unique check (address_space >= 0 and address_space < 1073741824),
  add column drawn bigint not null default 0 check (drawn >= 0),
  add column addresses bigint not null default 0 check (addresses >= 0),
  add column epoch bigint not null default 0 check (epoch >= 0),
  add check ((seed is null) = (address_space is null)),
  add check (seed is null or is_known);

-- Set -1 is of keys that everyone can work out, whose indexes begin where those of the others end.
alter table address_pool
  drop constraint address_pool_key_set_check,
  add constraint address_pool_key_set_check
    check (key_set >= -1 and (key_set = -1) = (key_index >= 2147483648));

-- origin: which request made it, as a digest; null: none did.
alter table projects add column origin bytea unique;

-- Where the addresses of a seed are: always in the same place, unless another project is there. p_skipped: that many
-- places further on. In the platform's scope.
create function free_address_space(p_seed text, p_skipped integer) returns integer language plpgsql stable as $$
declare
  space integer := ((('x' || substr(md5(p_seed), 1, 8))::bit(32)::bigint + p_skipped) & 1073741823)::integer;
begin
  while exists (select from project_clocks where address_space = space) loop
    space := (space + 1) & 1073741823;
  end loop;
  return space;
end $$;
