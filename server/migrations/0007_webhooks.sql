set local lock_timeout = '5s';

-- events: patterns; empty means all. disabled_reason: why the server itself switched the endpoint off.
create table webhooks (
  project_id text not null references projects,
  webhook_id text not null,
  url text not null,
  events text[] not null,
  enabled boolean not null,
  disabled_reason text check (disabled_reason in ('gone')),
  secret_sealed bytea not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (project_id, webhook_id)
);
call isolate_by_project('webhooks', false);
grant select, insert on webhooks to oms_app;
grant update (url, events, enabled, disabled_reason, updated_at, deleted_at) on webhooks to oms_app;

-- One event for one endpoint. parked: the endpoint is off, the delivery waits for its return.
create table webhook_deliveries (
  project_id text not null,
  delivery_id text not null,
  webhook_id text not null,
  event_id text not null,
  status text not null check (status in ('pending', 'parked', 'delivered', 'failed')),
  attempts integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project_id, delivery_id),
  unique (project_id, webhook_id, event_id),
  foreign key (project_id, webhook_id) references webhooks,
  foreign key (project_id, event_id) references events
) with (fillfactor = 80);
create index webhook_deliveries_parked on webhook_deliveries (project_id, webhook_id) where status = 'parked';
call isolate_by_project('webhook_deliveries', false);
grant select, insert on webhook_deliveries to oms_app;
grant update (status, attempts, updated_at) on webhook_deliveries to oms_app;

-- What each attempt met. status_code is null when no answer came; error says why.
create table webhook_attempts (
  project_id text not null,
  delivery_id text not null,
  attempt integer not null check (attempt > 0),
  status_code integer,
  error text,
  response_body text,
  duration_ms integer not null,
  attempted_at timestamptz not null,
  primary key (project_id, delivery_id, attempt),
  foreign key (project_id, delivery_id) references webhook_deliveries
);
call isolate_by_project('webhook_attempts', false);
grant select, insert on webhook_attempts to oms_app;
