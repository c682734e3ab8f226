-- The beginning of a customer's name, whole or last, found by an index. Columns of their own and not expressions: under
-- row level security an index is asked only what is leakproof, and `lower` is not.

set local lock_timeout = '5s';

alter table customers no force row level security;

alter table customers
  add column name_key text collate "C",
  add column last_name_key text collate "C";

create function key_customer_name() returns trigger language plpgsql as $$
begin
  new.name_key := lower(nullif(concat_ws(' ', new.first_name, new.last_name), ''));
  new.last_name_key := lower(new.last_name);
  return new;
end $$;
create trigger customers_name_keys before insert or update of first_name, last_name on customers
  for each row execute function key_customer_name();

update customers set first_name = first_name where first_name is not null or last_name is not null;

drop index customers_by_name;
drop index customers_by_last_name;
create index customers_by_name on customers (project_id, name_key, customer_id) where name_key is not null;
create index customers_by_last_name on customers (project_id, last_name_key, customer_id)
  where last_name_key is not null;

alter table customers force row level security;
