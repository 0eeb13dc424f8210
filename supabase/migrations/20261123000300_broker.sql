-- What the embedded engine must still know after a restart: retained messages, persistent sessions, their
-- subscriptions and queues, and the packet ids of QoS 2 messages that clients have not released yet.
-- The engine holds all of it in memory and reads these tables only when it starts.
--
-- Every row has an id that the engine gave it, and is written and deleted by that id alone. So there are no
-- other indexes, no topic too long for one, and no foreign keys: the engine is the only writer, and checking
-- each row of a queue would double the cost of a message for an offline client.

create schema if not exists broker;
revoke all on schema broker from public;

-- Which engine these tables belong to. The one that started last raises the epoch; every transaction of an
-- engine looks here first, so one that was replaced, or whose last transaction outlived it, writes nothing more.
create table broker.owner (
  only_row boolean primary key default true check (only_row),
  epoch bigint not null,
  taken_at timestamptz not null default now()
);
insert into broker.owner (epoch) values (0);

create table broker.sessions (
  id bigint primary key,
  client_id text not null,
  user_name text not null,
  -- Null while the client is connected, and after a crash that it was connected at.
  disconnected_at timestamptz
);

create table broker.subscriptions (
  id bigint primary key,
  session_id bigint not null,
  filter text not null,
  qos smallint not null check (qos between 0 and 2)
);

-- In the order of ids, which is each session's order of delivery.
create table broker.queue (
  id bigint primary key,
  session_id bigint not null,
  topic text not null,
  payload bytea not null,
  qos smallint not null check (qos in (1, 2)),
  retain boolean not null,
  -- 0 until the message was given one to be sent with.
  packet_id integer not null check (packet_id between 0 and 65535),
  -- The client has said PUBREC: only PUBREL is still owed.
  released boolean not null
);

create table broker.incoming (
  id bigint primary key,
  session_id bigint not null,
  packet_id integer not null check (packet_id between 1 and 65535)
);

create table broker.retained (
  id bigint primary key,
  topic text not null,
  payload bytea not null,
  qos smallint not null check (qos between 0 and 2)
);

-- Rows of these live for milliseconds to days; a fifth of the table is too much to leave behind.
alter table broker.queue set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
alter table broker.incoming set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
