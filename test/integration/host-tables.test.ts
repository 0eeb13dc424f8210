import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAlertRule } from '../../src/contract/alerts.ts';
import { openAlerts } from '../../src/database/alert-judging.ts';
import { deleteAlertRule, insertAlertRule } from '../../src/database/alerts.ts';
import { migrate } from '../../src/database/migrate.ts';
import { asPlatform, withScope } from '../../src/database/scope.ts';
import { silentLog } from '../../src/service/log.ts';
import { type TestDatabase, unmigratedDatabase } from '../support/database.ts';
import { host, hostDatabase } from '../support/host-platform.ts';
import { type NewPlatform, newPlatform } from '../support/platform.ts';
import { RawClient } from '../support/raw-client.ts';

/** The database of a host platform, with its tables and rows, becomes ours as well, and stays the host's. */

const [organization, other] = host.organizations;
const caller = { kind: 'user', userId: host.users[0] } as const;
const gone = createAlertRule.parse({ name: 'Gone', condition: { kind: 'offline' } });
const [device] = host.devices;

/** The host's tables as the host knows them. */
const hostColumns: Record<string, string> = {
  organizations: 'id, name, slug, created_at',
  organization_members: 'id, organization_id, user_id, role',
  devices: 'id, organization_id, name, external_device_id, device_type, created_at',
  device_integrations: 'id, organization_id, integration_type, name, settings, status',
  mqtt_credentials: 'id, organization_id, username, password_hash, topic_prefix, created_at',
  device_telemetry_history:
    'id, organization_id, device_id, telemetry, device_timestamp, received_at, source',
  alert_rules: 'id, organization_id, name, metric',
  alerts: 'id, organization_id, rule_id, message',
  organization_api_keys: 'id, organization_id, name, key_hash',
};
type Rows = Record<string, Record<string, unknown>[]>;

async function rowsOf(pool: pg.Pool): Promise<Rows> {
  const rows: Rows = {};
  for (const [table, columns] of Object.entries(hostColumns)) {
    rows[table] = (await pool.query(`select ${columns} from ${table} order by id`)).rows;
  }
  return rows;
}

describe('migrated', () => {
  let database: TestDatabase;
  let before: Rows;
  let after: Rows;
  const rows = async (sql: string, values: unknown[] = []) => (await database.pool.query(sql, values)).rows;

  beforeAll(async () => {
    database = await hostDatabase();
    before = await rowsOf(database.pool);
    await migrate({ connection: database.connection, log: silentLog });
    after = await rowsOf(database.pool);
  });
  afterAll(() => database.close());

  test('alerts of ours stand beside the host’s, which are over and told to nobody', async () => {
    await rows(`insert into alerts (organization_id, message) values ($1, 'is too warm')`, [organization]);
    const seen = await rows('select distinct state, resolution, severity from alerts');
    expect(seen).toEqual([{ state: 'resolved', resolution: 'by_hand', severity: 'info' }]);
    const rule = await withScope(database.pool, caller, (tx) =>
      insertAlertRule(tx, { ...gone, organizationId: organization }),
    );
    const alert = {
      summary: 'It is gone',
      metric: undefined,
      value: undefined,
      openedAt: 1e15,
      clearedAt: undefined,
    };
    await asPlatform(database.pool, (tx) => openAlerts(tx, [{ ...alert, ruleId: rule, deviceId: device }]));
    expect(await rows(`select message ->> 'event' as event from pgmq.q_alert_notifications`)).toEqual([
      { event: 'opened' },
    ]);
    const address = { organizationId: organization, ruleId: rule };
    expect(await withScope(database.pool, caller, (tx) => deleteAlertRule(tx, address))).toBe(true);
    expect(await rows('select rule_name, resolution from alerts where device_id is not null')).toEqual([
      { rule_name: 'Gone', resolution: 'rule_deleted' },
    ]);
  });

  test('every row is there as it was, but for names that must be told apart and spellings', () => {
    const renamed: Record<string, string> = {
      [host.nameless]: host.nameless,
      [host.namesake]: `${host.externalDeviceId}-${host.namesake}`,
    };
    const expected = structuredClone(before);
    for (const row of expected.devices!) {
      row.external_device_id = renamed[row.id as string] ?? row.external_device_id;
    }
    for (const row of expected.device_integrations!) {
      if (row.integration_type === 'mqtt-external') row.integration_type = 'mqtt_external';
    }
    // Each organization has a hosted broker now.
    after.device_integrations = after.device_integrations!.filter(
      (row) => row.integration_type !== 'mqtt_hosted',
    );
    expect(after).toEqual(expected);
    expect(before.device_telemetry_history).toHaveLength(8);
  });

  test('rows have what ours have', async () => {
    expect(
      await rows(
        `select decoder, auto_register, device_limit, count(*)::int from device_integrations
          where integration_type = 'mqtt_hosted' group by 1, 2, 3`,
      ),
    ).toEqual([{ decoder: 'auto', auto_register: true, device_limit: 100_000, count: 2 }]);
    expect(await rows('select label, disabled_at from mqtt_credentials')).toEqual([
      { label: '', disabled_at: null },
    ]);
    const [state] = await rows('select presence, latest from device_state where device_id = $1', [device]);
    expect(state).toMatchObject({ presence: 'unknown', latest: { temperature: { value: -16 } } });
    expect(
      await rows('select from devices left join device_state s on s.device_id = id where s is null'),
    ).toEqual([]);
  });

  test('history is ours: partitioned, with times judged, and twice the same reading kept twice', async () => {
    const history = await rows(
      `select recorded_at, time_mark, tableoid::regclass::text as partition from device_telemetry_history
        where device_id = $1 order by recorded_at, message_key`,
      [device],
    );
    const at = (time: string) => new Date(time);
    expect(history).toEqual([
      {
        recorded_at: at('2026-03-01T12:00:00Z'),
        time_mark: null,
        partition: 'device_telemetry_history_2026_03',
      },
      {
        recorded_at: at('2026-03-01T12:00:00Z'),
        time_mark: null,
        partition: 'device_telemetry_history_2026_03',
      },
      {
        recorded_at: at('2026-04-01T12:00:00Z'),
        time_mark: 'before_2000',
        partition: 'device_telemetry_history_2026_04',
      },
      {
        recorded_at: at('2026-05-01T12:00:00Z'),
        time_mark: null,
        partition: 'device_telemetry_history_2026_05',
      },
    ]);
    expect(await rows('select count(*)::int from device_telemetry_history_host')).toEqual([{ count: 8 }]);
  });

  test('an organization sees its own rows and no others', async () => {
    const tables = ['devices', 'device_telemetry_history', 'device_state', 'organization_members'];
    for (const table of tables) {
      const seen = await withScope(database.pool, caller, (tx) =>
        tx.rows<{ organization_id: string }>(`select distinct organization_id from ${table}`),
      );
      expect([table, seen]).toEqual([table, [{ organization_id: organization }]]);
    }
    const read = (sql: string) => withScope(database.pool, caller, (tx) => tx.rows(sql));
    for (const secret of [
      'select password_hash from mqtt_credentials',
      'select key_hash from organization_api_keys',
      'select settings from device_integrations',
      'select from device_telemetry_history_host',
    ]) {
      await expect(read(secret)).rejects.toMatchObject({ code: 'forbidden' });
    }
  });

  test('what the host writes is still taken', async () => {
    await withScope(database.pool, caller, (tx) =>
      tx.row(
        `insert into devices (organization_id, name, device_type) values ('${organization}', 'New', 'freezer')`,
      ),
    );
    expect(
      await rows(`select external_device_id = id::text as called from devices where name = 'New'`),
    ).toEqual([{ called: true }]);
    await rows(
      `insert into device_telemetry_history (organization_id, device_id, telemetry, source)
       values ($1, $2, '{"temperature":1}', 'golioth'), ($1, $2, '{"temperature":1}', 'golioth')`,
      [organization, device],
    );
    expect(
      await rows(`select id from device_telemetry_history where telemetry = '{"temperature":1}' order by 1`),
    ).toEqual([{ id: '9' }, { id: '10' }]);
    await rows(
      `insert into device_integrations (organization_id, integration_type, name, settings) values ($1, 'MQTT-external', 'More', '{}')`,
      [other],
    );
    expect(await rows(`select integration_type from device_integrations where name = 'More'`)).toEqual([
      { integration_type: 'mqtt_external' },
    ]);
  });

  test('what we make is taken too, though the host’s own columns stay empty', async () => {
    const [made] = await rows(`select private.found_organization('Ours', $1) as id`, [host.users[1]]);
    expect(await rows('select name, slug from organizations where id = $1', [made!.id])).toEqual([
      { name: 'Ours', slug: null },
    ]);
  });

  test('another time nothing is left to do', async () => {
    expect(await migrate({ connection: database.connection, log: silentLog })).toEqual([]);
  });
});

test('some of the tables are enough', async () => {
  const database = await unmigratedDatabase();
  try {
    await database.pool.query(`
      create table organizations (id uuid primary key, name text);
      create table devices (id uuid primary key, organization_id uuid references organizations, name text);
      insert into organizations values ('${organization}', 'One');
      insert into devices values ('${device}', '${organization}', null);`);
    await migrate({ connection: database.connection, log: silentLog });
    const { rows } = await database.pool.query(
      'select external_device_id, name, presence from devices join device_state on device_id = id',
    );
    expect(rows).toEqual([{ external_device_id: device, name: device, presence: 'unknown' }]);
    await database.pool.query(`select private.found_organization('Ours', $1)`, [host.users[0]]);
  } finally {
    await database.close();
  }
});

describe('a platform on it', () => {
  let platform: NewPlatform;
  beforeAll(async () => {
    platform = await newPlatform({}, await hostDatabase());
  });
  afterAll(() => platform.close());

  test('lets the host’s credentials in and knows its devices again', async () => {
    const client = await RawClient.connect(platform.mqttUrl, host.credential);
    await client.publish(
      `org_${organization}/devices/${host.externalDeviceId}/telemetry`,
      '{"temperature":-20}',
    );
    await client.end();
    const { rows } = await platform.test.pool.query(
      `select h.device_id, (select count(*)::int from devices) as devices,
              (select latest -> 'temperature' ->> 'value' from device_state s where s.device_id = h.device_id) as latest
         from device_telemetry_history h where h.telemetry = '{"temperature":-20}'`,
    );
    expect(rows).toEqual([{ device_id: device, devices: 4, latest: '-20' }]);
  });
});
