import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Fixture } from './table-rules.ts';

/** An organization with a row in every tenant table. */
export async function fixture(pool: pg.Pool): Promise<Fixture> {
  const one = async (sql: string, values: unknown[] = []) =>
    (await pool.query(sql, values)).rows[0].id as string;
  const organization = await one(`select private.found_organization('Fixture', $1) as id`, [randomUUID()]);
  const integration = await one('select id from device_integrations where organization_id = $1', [
    organization,
  ]);
  const webhook = await one(
    `with made as (
       insert into device_integrations (organization_id, name, integration_type, mode)
       values ($1::uuid, 'Webhook', 'mqtt_external', 'webhook') returning id
     ), status as (
       insert into integration_status (integration_id, organization_id, state, since)
       select id, $1::uuid, 'connected', now() from made
     )
     select id from made`,
    [organization],
  );
  const token = await one(
    `insert into integration_tokens (organization_id, integration_id, token_hash)
     values ($1::uuid, $2, decode(md5($1::text), 'hex')) returning id`,
    [organization, webhook],
  );
  const device = await one(
    `insert into devices (organization_id, integration_id, external_device_id, name)
     values ($1, $2, 'thermometer', 'Thermometer') returning id`,
    [organization, integration],
  );
  const type = await one(
    `with made as (
       insert into device_types (organization_id, name, commands)
       values ($1, 'Fixture', '[{"name": "secret"}]') returning id
     ), typed as (
       update devices set device_type_id = (select id from made) where id = $2
     )
     select id from made`,
    [organization, device],
  );
  const command = await one(
    `insert into device_commands (organization_id, device_id, name) values ($1, $2, 'nn_secret') returning id`,
    [organization, device],
  );
  const endedCommand = await one(
    `insert into device_commands (organization_id, device_id, name, expires_at)
     values ($1, $2, 'nn_secret', now()) returning id`,
    [organization, device],
  );
  const credential = await one(
    `insert into mqtt_credentials (organization_id, username, password_hash, topic_prefix)
     values ($1::uuid, 'nn_' || substr($1::text, 1, 8), 'secret', 'org_' || $1::text || '/devices/#') returning id`,
    [organization],
  );
  const invitation = await one(
    `insert into organization_invitations (organization_id, role, token_hash, expires_at)
     values ($1::uuid, 'viewer', decode(md5($1::text), 'hex'), now() + interval '1 day') returning id`,
    [organization],
  );
  const key = await one(
    `insert into organization_api_keys (organization_id, name, role, key_prefix, key_sha256)
     values ($1::uuid, 'key', 'viewer', 'nnk_', decode(md5($1::text), 'hex')) returning id`,
    [organization],
  );
  const message = await one(
    `insert into message_quarantine (organization_id, integration_id, topic, payload, qos, retain, reason, received_at)
     values ($1, $2, 't', '\\x00', 1, false, 'not_json', now()) returning id`,
    [organization, integration],
  );
  await pool.query('select private.ensure_rollup_partitions(current_date)');
  const channel = await one(
    `insert into notification_channels (organization_id, name, kind, sealed_secrets)
     values ($1, 'Fixture', 'webhook', 'secret') returning id`,
    [organization],
  );
  const delivery = await one(
    `insert into notification_deliveries (organization_id, channel_id, state, content) values ($1, $2, 'dead', $3) returning id`,
    [organization, channel, JSON.stringify({ counts: {}, alerts: [], rules: [], severity: 'info' })],
  );
  const rule = await one(
    `insert into alert_rules (organization_id, name, condition) values ($1, 'nn_secret', '{"kind": "offline"}') returning id`,
    [organization],
  );
  const alert = await one(
    `insert into alerts (organization_id, rule_id, rule_name, severity, device_id, summary, opened_at)
     values ($1, $2, 'nn_secret', 'warning', $3, 'nn_secret', now()) returning id`,
    [organization, rule, device],
  );
  const window = await one(
    `insert into maintenance_windows (organization_id, name, starts_at, ends_at)
     values ($1, 'nn_secret', now() - interval '2 hours', now() - interval '1 hour') returning id`,
    [organization],
  );
  const connection = randomUUID();
  const member = randomUUID();
  await pool.query(
    `insert into organization_members (organization_id, user_id, role) values ($1, $2, 'member')`,
    [organization, member],
  );
  await pool.query(
    `with reading as (
       insert into device_telemetry_history (organization_id, device_id, recorded_at, received_at, message_key, telemetry)
       values ($1, $2, now(), now(), 1, '{"temperature":21.5}')
     ), minute as (
       insert into device_telemetry_1m values ($1, $2, date_trunc('minute', now()), 1, '{}')
     ), hour as (
       insert into device_telemetry_1h values ($1, $2, date_trunc('hour', now()), 1, '{}')
     ), day as (
       insert into device_telemetry_1d values ($1, $2, date_trunc('day', now()), 1, '{}')
     ), message as (
       insert into device_messages (device_id, organization_id, received_at, topic, payload, payload_bytes, qos, retain, outcome)
       values ($2, $1, now(), 't', '\\x00', 1, 1, false, 'stored')
     ), traffic as (
       insert into integration_traffic (integration_id, organization_id, minute, stored) values ($3, $1, date_trunc('minute', now()), 1)
     ), receipt as (
       insert into message_receipts (organization_id, integration_id, received_at, outcome, topic)
       values ($1, $3, now(), 'duplicate', 't')
     ), limits as (
       insert into organization_limits (organization_id, overrides) values ($1, '{"connections": 1000000}')
     ), usage as (
       insert into organization_usage (organization_id, day, limit_name, peak) values ($1, current_date, 'connections', 1)
     ), activity as (
       insert into integration_activity_log (organization_id, integration_id, occurred_at, event) values ($1, $3, now(), 'connected')
     )
     insert into mqtt_connections (id, organization_id, credential_id, gateway_id, client_id, protocol_level, transport, remote_address, connected_at)
     values ($5, $1, $4, gen_random_uuid(), 'c', 4, 'tcp', '127.0.0.1', now())`,
    [organization, device, integration, credential, connection],
  );
  return {
    organization,
    integration,
    webhook,
    token,
    device,
    type,
    command,
    endedCommand,
    credential,
    connection,
    invitation,
    key,
    message,
    channel,
    delivery,
    rule,
    alert,
    window,
    member,
    stranger: randomUUID(),
  };
}
