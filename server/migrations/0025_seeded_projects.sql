-- A sandbox project may have a seed, from which its ids, codes and addresses follow (docs/decisions/0029).

set local lock_timeout = '5s';

-- drawn, addresses: how many values were drawn and how many addresses were taken since the seed was set. address_space:
-- where its addresses are among those of the public keys, and what tells apart projects of one seed. epoch: raised when
-- the project's time goes back. awaited_transfers: hashes of what was sent to a seeded project's addresses from outside,
-- which until then counts as under way.
alter table project_clocks
  add column seed text check (seed ~ '^[A-Za-z0-9._-]{1,64}$'),
  add column address_space integer unique check (address_space >= 0 and address_space < 1073741824),
  add column drawn bigint not null default 0 check (drawn >= 0),
  add column addresses bigint not null default 0 check (addresses >= 0),
  add column epoch bigint not null default 0 check (epoch >= 0),
  add column awaited_transfers text[] not null default '{}',
  add column awaited_until timestamptz not null default '-infinity',
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

-- Whether one of the project's jobs is a worker's. A failed one is nobody's while it waits for its next attempt.
create function job_runs(p_project text, p_now timestamptz) returns boolean language sql stable as $$
  select exists (
    select from jobs j
    where j.project_id = p_project and j.own_time and j.dead_at is null
      and j.lease_token is not null and j.not_before > p_now)
$$;

-- Whether the transfer was settled as a deposit.
create function has_arrived(p_tx_hash text) returns boolean language sql stable as $$
  select exists (
    select from deposits d where d.network = 'polygon' and d.tx_hash = p_tx_hash and d.status <> 'detected')
$$;

-- Whether anything of the project is under way on the chain.
create function chain_moves(p_project text) returns boolean language sql stable as $$
  select exists (select from sends s where s.project_id = p_project and s.status in ('queued', 'relaying'))
    or exists (select from deposits d where d.project_id = p_project and d.status = 'detected')
    or exists (
      select from project_clocks c cross join unnest(c.awaited_transfers) hash
      where c.project_id = p_project and c.awaited_until > now() and not has_arrived(hash))
$$;

-- What a clock that stands there waits for before it moves on, other than jobs; null: nothing.
create function clock_waits_for(p_project text, p_at timestamptz, p_next_delivery timestamptz) returns text
language sql stable as $$
  select case
    when p_next_delivery <= p_at or exists (select from event_outbox o where o.project_id = p_project) then 'webhooks'
    when chain_moves(p_project) then 'chain'
  end
$$;

-- Whether what a seeded project was asked for is still being done where its clock stands. Deliveries are not waited for:
-- a receiver may ask for something before it answers.
create function seeded_project_moves(p_project text, p_now timestamptz) returns boolean language sql stable as $$
  select exists (
    select from project_clocks c
    where c.project_id = p_project and c.seed is not null and c.target_at is null
      and (chain_moves(p_project) or exists (
        select from jobs j
        where j.project_id = p_project and j.own_time and j.dead_at is null and j.run_at <= c.stands_at
          and (j.not_before is null or j.not_before <= p_now or j.lease_token is not null))))
$$;

-- One step of a moving clock, in the project's scope, by the worker whose lease it is. Claims what is due where the clock
-- stands (state 'run', a row per job; of a seeded project one, when no other runs); else says what is still under way
-- there, which the clock waits for; else moves on to the next timer and claims what is due there; 'reached' when there is
-- none before the target.
create function clock_step(p_project text, p_token uuid, p_now timestamptz, p_clock_lease_ms bigint, p_job_token uuid,
  p_job_lease_ms bigint, p_tasks text[], p_limit integer)
returns table (state text, stands_at timestamptz, set_at timestamptz, job_id bigint, task text, payload jsonb, attempts integer)
language plpgsql as $$
#variable_conflict use_column
declare
  clock project_clocks;
  next_job timestamptz;
  next_delivery timestamptz;
  become text;
  claimed bigint := 0;
begin
  select * into clock from project_clocks c where c.project_id = p_project for update;
  if clock.target_at is null or (clock.lease_token is distinct from p_token and clock.leased_until > p_now) then
    return query select 'over', clock.stands_at, clock.set_at, null::bigint, null, null::jsonb, null::integer;
    return;
  end if;
  clock.lease_token := p_token;
  clock.leased_until := p_now + p_clock_lease_ms * interval '1 millisecond';
  select min(j.run_at) into next_job from jobs j
  where j.project_id = p_project and j.own_time and j.dead_at is null and j.task = any(p_tasks);
  if next_job <= clock.stands_at then
    become := 'jobs';
  else
    next_delivery := next_delivery_at(p_project);
    become := clock_waits_for(p_project, clock.stands_at, next_delivery);
    if become is null then
      clock.stands_at := least(next_job, next_delivery, clock.target_at);
      clock.set_at := greatest(clock.set_at, p_now);
      become := case when next_job <= clock.stands_at then 'jobs' when next_delivery <= clock.stands_at then 'webhooks'
        else 'reached' end;
    end if;
  end if;
  if become = 'jobs' then
    return query
      with due as materialized (
        select j.job_id from jobs j
        where j.project_id = p_project and j.own_time and j.dead_at is null and j.run_at <= clock.stands_at
          and (j.not_before is null or j.not_before <= p_now) and j.task = any(p_tasks)
          and (clock.seed is null or not job_runs(p_project, p_now))
        order by j.run_at, j.job_id limit case when clock.seed is null then p_limit else 1 end
        for update skip locked)
      update jobs j set attempts = j.attempts + 1, lease_token = p_job_token,
        not_before = p_now + p_job_lease_ms * interval '1 millisecond'
      from due where j.job_id = due.job_id
      returning 'run', clock.stands_at, clock.set_at, j.job_id, j.task, j.payload, j.attempts;
    get diagnostics claimed = row_count;
  end if;
  if claimed = 0 then
    return query select become, clock.stands_at, clock.set_at, null::bigint, null, null::jsonb, null::integer;
  end if;
  update project_clocks c set stands_at = clock.stands_at, set_at = clock.set_at, timers = clock.timers + claimed,
    lease_token = clock.lease_token, leased_until = clock.leased_until
  where c.project_id = p_project;
end $$;
