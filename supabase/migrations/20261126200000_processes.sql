-- The platform may run as any number of processes, each with one role or several. Each says every two seconds that it
-- is there; one that has been silent for ten is gone.
create table if not exists private.processes (
  id uuid primary key,
  roles text[] not null,
  host text not null,
  pid integer not null,
  version text not null,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  -- When it was stopped in an orderly way.
  ended_at timestamptz,
  -- Of each role what others need to know of it, and what operators see.
  detail jsonb not null default '{}'
);

-- Since when nothing that devices did can have escaped us: it outlives the process that watches.
create table if not exists private.presence_watch (
  only_row boolean primary key default true check (only_row),
  observed_from timestamptz not null,
  looked_at timestamptz not null
);
