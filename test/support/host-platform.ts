import { hashPassword } from '../../src/service/password.ts';
import { type TestDatabase, unmigratedDatabase } from './database.ts';

/** The host platform's rows that tests ask for. */
export const host = {
  organizations: ['0a000000-0000-4000-8000-000000000001', '0b000000-0000-4000-8000-000000000001'],
  users: ['0a000000-0000-4000-8000-000000000002', '0b000000-0000-4000-8000-000000000002'],
  devices: ['0a000000-0000-4000-8000-000000000003', '0b000000-0000-4000-8000-000000000003'],
  /** Has no external_device_id. */
  nameless: '0a000000-0000-4000-8000-000000000004',
  /** Has that of devices[0]. */
  namesake: '0a000000-0000-4000-8000-000000000005',
  externalDeviceId: 'freezer-1',
  credential: { username: 'host-user', password: 'host password' },
} as const;

/** Tables as another team might have made them: few columns, some of their own, some that must be given. */
export const hostTables = `
create table organizations (
  id uuid primary key default gen_random_uuid(), name text not null, slug text not null unique, created_at timestamptz default now());
create table organization_members (
  id uuid primary key default gen_random_uuid(), organization_id uuid not null references organizations on delete cascade,
  user_id uuid not null, role varchar(50) not null default 'member', unique (organization_id, user_id));
create table devices (
  id uuid primary key default gen_random_uuid(), organization_id uuid not null references organizations on delete cascade,
  name varchar(255) not null, external_device_id varchar(255), device_type text not null, created_at timestamptz default now());
create table device_integrations (
  id uuid primary key default gen_random_uuid(), organization_id uuid not null references organizations on delete cascade,
  integration_type text not null check (integration_type in ('golioth', 'mqtt', 'mqtt-external', 'mqtt_hosted')),
  name text not null, settings jsonb not null, status text not null default 'active');
create table mqtt_credentials (
  id uuid primary key default gen_random_uuid(), organization_id uuid not null references organizations on delete cascade,
  username text not null unique, password_hash text not null, topic_prefix text not null, created_at timestamptz default now());
create table device_telemetry_history (
  id bigint generated always as identity primary key, organization_id uuid not null, device_id uuid not null references devices,
  telemetry jsonb not null, device_timestamp timestamptz, received_at timestamptz not null default now(), source text not null);
create index on device_telemetry_history (device_id, received_at);
create table alert_rules (
  id uuid primary key default gen_random_uuid(), organization_id uuid not null, name text not null, metric text not null);
create table alerts (
  id uuid primary key default gen_random_uuid(), organization_id uuid not null, rule_id uuid references alert_rules, message text not null);
create table organization_api_keys (
  id uuid primary key default gen_random_uuid(), organization_id uuid not null, name text not null,
  key_hash text not null unique, key_prefix text);

alter table devices enable row level security;
create policy "members see devices" on devices for select to authenticated using (
  organization_id in (select organization_id from organization_members where user_id = auth.uid()));
`;

/** Two organizations; the second one's rows differ in nothing but their ids. */
const rows = (n: 0 | 1) => `
insert into organizations (id, name, slug) values ('${host.organizations[n]}', 'Organization ${n}', 'organization-${n}');
insert into organization_members (organization_id, user_id, role) values ('${host.organizations[n]}', '${host.users[n]}', 'owner');
insert into devices (id, organization_id, name, external_device_id, device_type)
values ('${host.devices[n]}', '${host.organizations[n]}', 'Freezer', '${host.externalDeviceId}', 'freezer');
insert into device_integrations (organization_id, integration_type, name, settings) values
  ('${host.organizations[n]}', 'mqtt-external', 'Ours', '{"brokerUrl":"mqtt://broker.example.com"}'),
  ('${host.organizations[n]}', 'golioth', 'Golioth', '{}');
insert into device_telemetry_history (organization_id, device_id, telemetry, device_timestamp, received_at, source) values
  ('${host.organizations[n]}', '${host.devices[n]}', '{"temperature":-18.5}', '2026-03-01T12:00:00Z', '2026-03-01T12:00:01Z', 'golioth'),
  ('${host.organizations[n]}', '${host.devices[n]}', '{"temperature":-18.5}', '2026-03-01T12:00:00Z', '2026-03-01T12:00:01Z', 'golioth'),
  ('${host.organizations[n]}', '${host.devices[n]}', '{"temperature":-17}', '1970-01-01T00:01:00Z', '2026-04-01T12:00:00Z', 'golioth'),
  ('${host.organizations[n]}', '${host.devices[n]}', '{"temperature":-16}', null, '2026-05-01T12:00:00Z', 'golioth');
insert into alert_rules (organization_id, name, metric) values ('${host.organizations[n]}', 'too warm', 't');
insert into alerts (organization_id, message) values ('${host.organizations[n]}', 'was too warm');
insert into organization_api_keys (organization_id, name, key_hash) values ('${host.organizations[n]}', 'theirs', 'hash-${n}');
`;

/** A Supabase project on which the host platform runs, without anything of ours. */
export async function hostDatabase(): Promise<TestDatabase> {
  const database = await unmigratedDatabase();
  const { pool } = database;
  await pool.query(hostTables + rows(0) + rows(1));
  await pool.query(
    `insert into devices (id, organization_id, name, external_device_id, device_type, created_at) values
       ($1, $3, 'Nameless', null, 'freezer', now()), ($2, $3, 'Namesake', $4, 'freezer', now() + interval '1 second')`,
    [host.nameless, host.namesake, host.organizations[0], host.externalDeviceId],
  );
  await pool.query(
    `insert into mqtt_credentials (organization_id, username, password_hash, topic_prefix) values ($1, $2, $3, $4)`,
    [
      host.organizations[0],
      host.credential.username,
      await hashPassword(host.credential.password),
      `org_${host.organizations[0]}/devices/#`,
    ],
  );
  return database;
}
