import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { judgeReadings } from '../../src/alerts/judging.ts';
import { judgeSilence } from '../../src/alerts/silence.ts';
import { systemClock } from '../../src/service/clock.ts';
import { silentLog } from '../../src/service/log.ts';
import { type Client, type TestApi, testApi } from '../support/api.ts';

let api: TestApi;
let owner: Client;
let org: string;

beforeAll(async () => {
  api = await testApi();
  owner = await api.user('olga');
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.organization(owner);
});

const call = (method: string, path: string, body?: unknown, as = owner) =>
  api.call(as, method, `/api/v1/organizations/${org}${path}`, body);
const rows = async <Row>(sql: string, values: unknown[] = []): Promise<Row[]> =>
  (await api.database.pool.query(sql, values)).rows;

const hot = {
  name: 'Too warm',
  condition: { kind: 'threshold', metric: 't', operator: 'gt', value: 30 },
};

async function device(name = 'Freezer', tags: string[] = []): Promise<string> {
  const [made] = await rows<{ id: string }>(
    `insert into devices (organization_id, external_device_id, name, tags)
     values ($1, gen_random_uuid()::text, $2, $3) returning id`,
    [org, name, tags],
  );
  return made!.id;
}

/** Readings `seconds` ago, as ingest leaves them: to be judged. */
async function said(deviceId: string, readings: [secondsAgo: number, values: object][]): Promise<void> {
  for (const [ago, values] of readings) {
    await rows(
      `with stored as (
         insert into device_telemetry_history (organization_id, device_id, recorded_at, received_at, telemetry)
         values ($1, $2, now() - make_interval(secs => $3), now() - interval '1 minute', $4) returning recorded_at
       ), known as (
         update device_state set newest_recorded_at = greatest(newest_recorded_at, (select recorded_at from stored)),
           last_message_at = now() where device_id = $2)
       insert into private.alert_signals (organization_id, device_id, since) select $1, $2, recorded_at from stored`,
      [org, deviceId, ago, values],
    );
  }
}

async function judged(): Promise<void> {
  const options = { pool: api.database.pool, clock: systemClock(), log: silentLog };
  while ((await judgeReadings(options)) > 0);
  await judgeSilence(options, (_, error) => {
    throw error;
  });
}
const alerts = async (query = '') => (await call('GET', `/alerts${query}`)).body.items;

describe('rules', () => {
  it('are made, listed, changed and deleted', async () => {
    const made = await call('POST', '/alert-rules', hot);
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: expect.any(String),
      name: 'Too warm',
      severity: 'warning',
      condition: { ...hot.condition, hysteresis: 0 },
      for_seconds: 0,
      scope: { kind: 'organization' },
      schedule: null,
      channel_ids: [],
      enabled: true,
      open_alerts: 0,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    const path = `/alert-rules/${made.body.id}`;
    const changed = await call('PATCH', path, { severity: 'critical', for_seconds: 60 });
    expect(changed.body).toMatchObject({ name: 'Too warm', severity: 'critical', for_seconds: 60 });
    expect((await call('GET', '/alert-rules')).body.items).toEqual([changed.body]);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
  });

  it.each([
    [
      'an expression that can’t be read',
      { condition: { kind: 'expression', expression: 't > ' } },
      'expression',
    ],
    [
      'an expression without a metric',
      { condition: { kind: 'expression', expression: '1 > 2' } },
      'expression',
    ],
    [
      'an unknown zone',
      { schedule: { time_zone: 'Moon/Sea', windows: [{ days: [1], from: '08:00', to: '18:00' }] } },
      'time_zone',
    ],
    ['a band without inside', { condition: { kind: 'outside', metric: 't', low: 5, high: 4 } }, 'high'],
    ['silence of a second', { condition: { kind: 'no_data' }, for_seconds: 1 }, 'for_seconds'],
    ['an empty selection', { scope: { kind: 'matching' } }, 'scope'],
  ])('refuse %s, naming the field', async (_, part, field) => {
    const { status, body } = await call('POST', '/alert-rules', { ...hot, ...part });
    expect(status).toBe(400);
    expect(body.errors[0].field).toContain(field);
  });

  it('refuse a change that does not fit the rest, and devices that are not there', async () => {
    const { body } = await call('POST', '/alert-rules', {
      name: 'Silent',
      condition: { kind: 'no_data' },
      for_seconds: 60,
    });
    const refused = await call('PATCH', `/alert-rules/${body.id}`, { for_seconds: 0 });
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toEqual([{ field: 'body.for_seconds', message: 'has to be 30 at least' }]);
    const scope = { kind: 'devices', device_ids: [crypto.randomUUID()] };
    expect((await call('POST', '/alert-rules', { ...hot, scope })).status).toBe(404);
  });

  it('about silence bring one about connections to brokers, once', async () => {
    await call('POST', '/alert-rules', { name: 'Gone', condition: { kind: 'offline' } });
    await call('POST', '/alert-rules', { name: 'Silent', condition: { kind: 'no_data' }, for_seconds: 60 });
    const { items } = (await call('GET', '/alert-rules')).body;
    expect(items.map(({ condition }: { condition: { kind: string } }) => condition.kind)).toEqual([
      'link_down',
      'offline',
      'no_data',
    ]);
  });

  it('look at what is known when they are made, and anew when they are changed', async () => {
    const id = await device();
    await said(id, [[60, { t: 35 }]]);
    await judged();
    expect(await alerts()).toEqual([]);
    const { body: rule } = await call('POST', '/alert-rules', hot);
    await judged();
    expect(await alerts()).toMatchObject([
      { state: 'open', device: { id }, value: 35, summary: 't is 35: above 30' },
    ]);
    await call('PATCH', `/alert-rules/${rule.id}`, { condition: { ...hot.condition, value: 34 } });
    await judged();
    expect(await alerts('?state=open')).toMatchObject([{ summary: 't is 35: above 34' }]);
    expect(await alerts('?state=resolved')).toMatchObject([{ resolution: 'rule_changed' }]);
    await call('PATCH', `/alert-rules/${rule.id}`, { enabled: false });
    await judged();
    expect((await alerts('?state=open')).length).toBe(0);
    await call('DELETE', `/alert-rules/${rule.id}`);
    expect(await alerts()).toMatchObject([{ rule_id: null, rule_name: 'Too warm' }, { rule_id: null }]);
  });

  it('are for the devices that their scope names, and let go of those that leave it', async () => {
    const [tagged, other] = [await device('A', ['cold']), await device('B')];
    const scope = { kind: 'matching', tags: ['Cold'], name: 'a*' };
    await call('POST', '/alert-rules', { ...hot, scope });
    await said(tagged, [[10, { t: 40 }]]);
    await said(other, [[10, { t: 40 }]]);
    await judged();
    expect(await alerts()).toMatchObject([{ device: { id: tagged }, state: 'open' }]);
    await call('PATCH', `/devices/${tagged}`, { tags: [] });
    await said(tagged, [[5, { t: 40 }]]);
    await judged();
    expect(await alerts()).toMatchObject([{ state: 'resolved', resolution: 'out_of_scope' }]);
  });

  it('speak as the device’s type does', async () => {
    const id = await device();
    const { body: type } = await call('POST', '/device-types', {
      name: 'Freezer',
      metrics: [{ name: 't', label: 'Temperature', unit: '°C' }],
    });
    await call('PATCH', `/devices/${id}`, { device_type_id: type.id });
    await call('POST', '/alert-rules', { ...hot, for_seconds: 300 });
    await said(id, [
      [900, { t: 31.5 }],
      [100, { t: 32 }],
    ]);
    await judged();
    expect((await alerts())[0].summary).toBe('Temperature is 31.5 °C: above 30 °C for 5 minutes');
  });
});

describe('alerts', () => {
  async function opened(): Promise<string> {
    const id = await device();
    await call('POST', '/alert-rules', hot);
    await said(id, [[60, { t: 31 }]]);
    await judged();
    return (await alerts())[0].id;
  }

  it('are acknowledged, noted, snoozed and resolved, with who and when', async () => {
    const id = await opened();
    expect((await call('GET', '/alerts/counts')).body).toEqual({
      open: { info: 0, warning: 1, critical: 0 },
      acknowledged: 0,
    });
    const act = (action: object) => call('POST', '/alerts/actions', { alert_ids: [id], ...action });
    expect((await act({ action: 'acknowledge', note: 'On my way' })).body).toEqual({ changed: 1 });
    expect((await act({ action: 'acknowledge' })).body).toEqual({ changed: 0 });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    expect((await act({ action: 'snooze', until })).body).toEqual({ changed: 1 });
    expect((await act({ action: 'note', note: 'Door was open' })).body).toEqual({ changed: 1 });
    expect((await act({ action: 'resolve' })).body).toEqual({ changed: 1 });
    const { body } = await call('GET', `/alerts/${id}`);
    expect(body).toMatchObject({
      state: 'resolved',
      resolution: 'by_hand',
      acknowledged_by: { name: expect.any(String) },
      cleared_at: null,
    });
    expect(body.events.map(({ kind, note, user }: never) => [kind, note, user !== null])).toEqual([
      ['opened', '', false],
      ['acknowledged', 'On my way', true],
      ['snoozed', '', true],
      ['note', 'Door was open', true],
      ['resolved', '', true],
    ]);
  });

  it('resolved by hand stay so while the condition holds, and open again once it has not', async () => {
    const id = await opened();
    const [{ device: about }] = await alerts();
    await call('POST', '/alerts/actions', { alert_ids: [id], action: 'resolve' });
    await said(about.id, [[50, { t: 33 }]]);
    await judged();
    expect(await alerts()).toHaveLength(1);
    await said(about.id, [
      [40, { t: 20 }],
      [30, { t: 34 }],
    ]);
    await judged();
    expect(await alerts()).toMatchObject([
      { state: 'open', value: 34 },
      { id, resolution: 'by_hand', cleared_at: expect.any(String) },
    ]);
  });

  it('are filtered, and paged without a gap', async () => {
    await call('POST', '/alert-rules', { ...hot, severity: 'critical' });
    for (let index = 0; index < 5; index += 1) await said(await device(), [[60 - index, { t: 31 }]]);
    await judged();
    const first = (await call('GET', '/alerts?limit=3&severity=critical,info&state=open')).body;
    const second = (await call('GET', `/alerts?limit=3&cursor=${encodeURIComponent(first.next_cursor)}`))
      .body;
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(5);
    expect(second.next_cursor).toBeNull();
    expect(await alerts('?severity=info')).toEqual([]);
  });

  it('are members’ to act on, viewers’ to see, and nobody else’s', async () => {
    const id = await opened();
    const stranger = await api.user('steve');
    expect((await call('GET', `/alerts/${id}`, undefined, stranger)).status).toBe(404);
    const foreign = await api.organization(stranger);
    const path = `/api/v1/organizations/${foreign}/alerts`;
    expect((await api.call(stranger, 'GET', `${path}/${id}`)).status).toBe(404);
    for (const action of ['acknowledge', 'resolve', 'note'])
      expect(
        (await api.call(stranger, 'POST', `${path}/actions`, { action, alert_ids: [id], note: 'x' })).body,
      ).toEqual({
        changed: 0,
      });
    expect((await call('GET', `/alerts/${id}`)).body.events).toHaveLength(1);
  });
});

describe('silence', () => {
  async function silent(secondsAgo: number, name = 'Pump'): Promise<string> {
    const id = await device(name);
    await rows(
      `update device_state set newest_recorded_at = now() - make_interval(secs => $2), last_message_at = now(),
         presence = 'late', latest = jsonb_build_object('t', jsonb_build_object('value', 1, 'recorded_at',
           to_char((now() - make_interval(secs => $2)) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
       where device_id = $1`,
      [id, secondsAgo],
    );
    return id;
  }
  const noData = { name: 'Silent', condition: { kind: 'no_data' }, for_seconds: 60 };

  it('opens an alert for each silent device, once, and resolves it with the next reading', async () => {
    const id = await silent(120);
    await silent(30);
    await call('POST', '/alert-rules', noData);
    await call('POST', '/alert-rules', {
      ...noData,
      name: 'No t',
      condition: { kind: 'no_data', metric: 't' },
    });
    await judged();
    await judged();
    const open = await alerts('?state=open');
    expect(open).toHaveLength(2);
    expect(open).toMatchObject([{ device: { id } }, { device: { id } }]);
    await rows(`update device_state set newest_recorded_at = now() where device_id = $1`, [id]);
    await judged();
    expect(await alerts('?state=resolved')).toMatchObject([{ rule_name: 'Silent', resolution: 'cleared' }]);
  });

  it('is no alert of a device’s while its broker can’t be reached: that is one of the link', async () => {
    const [{ id: integration }] = (await rows<{ id: string }>(
      `insert into device_integrations (organization_id, name, integration_type, mode) values ($1, 'Plant', 'mqtt_external', 'subscribe')
       returning id`,
      [org],
    )) as [{ id: string }];
    for (let index = 0; index < 20; index += 1) await silent(600, `Pump ${index}`);
    await rows('update devices set integration_id = $2 where organization_id = $1', [org, integration]);
    await rows(
      `insert into integration_status (integration_id, organization_id, state, since)
       values ($2, $1, 'retrying', now() - interval '5 minutes')`,
      [org, integration],
    );
    await call('POST', '/alert-rules', noData);
    await judged();
    expect(await alerts()).toMatchObject([
      { integration: { id: integration, name: 'Plant' }, severity: 'critical', device: null },
    ]);
    // It is back: its devices have their time to be heard again.
    await rows(`update integration_status set state = 'connected', since = now() where integration_id = $1`, [
      integration,
    ]);
    await judged();
    expect(await alerts()).toMatchObject([{ state: 'resolved', resolution: 'cleared' }]);
    await rows(
      `update integration_status set since = now() - interval '2 minutes' where integration_id = $1`,
      [integration],
    );
    await judged();
    expect(await alerts('?state=open&limit=100')).toHaveLength(20);
  });

  it('opens for a device that is offline, and not for one that is unknown', async () => {
    const [gone, unknown] = [await silent(600), await silent(600)];
    await rows(
      `update device_state set presence = 'offline', presence_since = now() - interval '5 minutes' where device_id = $1`,
      [gone],
    );
    await rows(`update device_state set presence = 'unknown' where device_id = $1`, [unknown]);
    await call('POST', '/alert-rules', { name: 'Gone', condition: { kind: 'offline' }, for_seconds: 120 });
    await call('POST', '/alert-rules', noData);
    await judged();
    const open = await alerts('?state=open');
    expect(open.map((alert: { device: { id: string } }) => alert.device.id)).toEqual([gone, gone]);
    await rows(`update device_state set presence = 'online', presence_since = now() where device_id = $1`, [
      gone,
    ]);
    await judged();
    expect(await alerts('?state=resolved')).toMatchObject([{ rule_name: 'Gone' }]);
  });

  it('in maintenance opens nothing, and does when that is over', async () => {
    const [id, other] = [await silent(600), await silent(600)];
    const { body: window } = await call('POST', '/maintenance-windows', {
      name: 'New pump',
      scope: { kind: 'devices', device_ids: [id] },
      starts_at: new Date(Date.now() - 60_000).toISOString(),
      ends_at: new Date(Date.now() + 60_000).toISOString(),
    });
    await call('POST', '/alert-rules', noData);
    await judged();
    expect(await alerts()).toMatchObject([{ device: { id: other } }]);
    expect((await call('GET', '/maintenance-windows')).body.items).toEqual([window]);
    expect((await call('DELETE', `/maintenance-windows/${window.id}`)).status).toBe(204);
    await judged();
    expect(await alerts('?state=open')).toHaveLength(2);
  });
});

describe('backtest', () => {
  const during = (seconds: number) => ({
    from: new Date(Date.now() - seconds * 1000).toISOString(),
    to: new Date().toISOString(),
  });

  it('says when a rule would have fired, as it does when it is made', async () => {
    const id = await device();
    await said(id, [
      [500, { t: 20 }],
      [400, { t: 31 }],
      [300, { t: 20 }],
      [200, { t: 35 }],
      [100, { t: 36 }],
    ]);
    const { body } = await call('POST', '/alert-rules/backtest', {
      condition: hot.condition,
      device_id: id,
      ...during(3600),
    });
    expect(body).toMatchObject({
      episodes: [
        { cleared_at: expect.any(String), value: 31 },
        { cleared_at: null, value: 35 },
      ],
      readings: 5,
      truncated: false,
    });
    const silence = { condition: { kind: 'no_data' }, for_seconds: 90, device_id: id, ...during(3600) };
    expect((await call('POST', '/alert-rules/backtest', silence)).body.episodes).toHaveLength(5);
  });

  it('is refused for what is not kept, for too long a time, and for a device of others', async () => {
    const id = await device();
    const asked = { condition: hot.condition, device_id: id, ...during(60) };
    const status = async (part: object) =>
      (await call('POST', '/alert-rules/backtest', { ...asked, ...part })).status;
    expect(await status({ condition: { kind: 'offline' } })).toBe(400);
    expect(await status(during(40 * 86_400))).toBe(400);
    expect(await status({ device_id: crypto.randomUUID() })).toBe(404);
  });
});
