-- What later blocks did to one address, to be taken out of its balance. By address and not by block: a comparison asks
-- for a page of addresses at a time, and by block each page would read whatever was settled since the comparison began.

set local lock_timeout = '5s';

create index deposits_credited_by_address on deposits (project_id, to_address, block_number) where status = 'credited';
create index sends_paid_from_address on sends (project_id, from_address, block_number) where status = 'paid';
create index sends_paid_to_address on sends (project_id, to_address, block_number)
  where status = 'paid' and books_recipient;
drop index deposits_credited_by_block;
drop index sends_paid_by_block;
