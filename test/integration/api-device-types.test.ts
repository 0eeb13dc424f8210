import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Client, type TestApi, testApi } from '../support/api.ts';

let api: TestApi;
let owner: Client;
let org: string;
let at: string;

beforeAll(async () => {
  api = await testApi();
  owner = await api.user('olga');
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.organization(owner);
  at = `/api/v1/organizations/${org}`;
});

const call = (method: string, path: string, body?: unknown) => api.call(owner, method, `${at}${path}`, body);
const setInterval = {
  name: 'set_interval',
  description: 'How often it measures',
  fields: [
    { type: 'number', name: 'seconds', unit: 's', min: 5, whole: true, required: true },
    { type: 'switch', name: 'save', default: true },
  ],
};
const shown = {
  ...setInterval,
  fields: [setInterval.fields[0], { ...setInterval.fields[1], required: false }],
};

async function device(type?: string): Promise<string> {
  const { rows } = await api.database.pool.query(
    `insert into devices (organization_id, external_device_id, name, device_type_id)
     values ($1, gen_random_uuid()::text, 'Pump', $2) returning id`,
    [org, type],
  );
  return rows[0].id;
}
const made = async (name: string, commands: object[] = []) =>
  (await call('POST', '/device-types', { name, commands })).body;

describe('device types', () => {
  it('are made, listed by name, changed and deleted', async () => {
    const meter = await made('Meter', [setInterval]);
    expect(meter).toEqual({
      id: expect.any(String),
      name: 'Meter',
      commands: [shown],
      metrics: [],
      retention_days: null,
      device_count: 0,
      created_at: expect.any(String),
    });
    const alarm = await made(' Alarm ');
    await device(meter.id);
    expect((await call('GET', '/device-types')).body).toEqual({
      items: [
        { ...alarm, name: 'Alarm', commands: [] },
        { ...meter, device_count: 1 },
      ],
    });
    const renamed = await call('PATCH', `/device-types/${meter.id}`, { name: 'Gauge' });
    expect(renamed.body).toMatchObject({ name: 'Gauge', commands: [shown] });
    const emptied = await call('PATCH', `/device-types/${meter.id}`, { commands: [] });
    expect(emptied.body).toMatchObject({ name: 'Gauge', commands: [] });
    expect((await call('DELETE', `/device-types/${meter.id}`)).status).toBe(204);
    expect((await call('GET', `/device-types/${meter.id}`)).status).toBe(404);
    expect((await call('DELETE', `/device-types/${meter.id}`)).status).toBe(404);
    expect((await call('PATCH', `/device-types/${meter.id}`, {})).status).toBe(404);
    expect((await call('GET', '/devices')).body.items).toMatchObject([{ device_type_id: null }]);
  });

  it('say what is measured, and for how long readings are kept', async () => {
    const metrics = [
      { name: 't1', label: 'Temperature', unit: '°C', min: -40, max: 85 },
      { name: 'door', label: 'Door' },
    ];
    const created = await call('POST', '/device-types', { name: 'Fridge', metrics, retention_days: 30 });
    expect(created).toMatchObject({ status: 201, body: { metrics, retention_days: 30, commands: [] } });
    const at = `/device-types/${created.body.id}`;
    const renamed = await call('PATCH', at, { name: 'Freezer' });
    expect(renamed.body).toMatchObject({ metrics, retention_days: 30 });
    const cleared = await call('PATCH', at, { metrics: [], retention_days: null });
    expect(cleared.body).toMatchObject({ name: 'Freezer', metrics: [], retention_days: null });
    for (const days of [0, 1.5, 1096]) {
      const refused = await call('PATCH', at, { retention_days: days });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'body.retention_days' }] } });
    }
  });

  it('have names of their own', async () => {
    const meter = await made('Meter');
    const alarm = await made('Alarm');
    for (const answer of [
      await call('POST', '/device-types', { name: 'Meter' }),
      await call('PATCH', `/device-types/${alarm.id}`, { name: 'Meter' }),
    ]) {
      expect(answer.status).toBe(409);
      expect(answer.body.detail).toBe('There is a device type with this name already.');
    }
    expect((await call('PATCH', `/device-types/${meter.id}`, { name: 'Meter' })).status).toBe(200);
  });

  it.each([
    [{ name: '' }, 'body.name'],
    [{ name: 'M', commands: [{ name: '' }] }, 'body.commands.0.name'],
    [{ name: 'M', commands: [{ name: 'a' }, { name: 'a' }] }, 'body.commands.1.name'],
    [
      { name: 'M', commands: [{ name: 'a', fields: [{ type: 'colour', name: 'x' }] }] },
      'body.commands.0.fields.0.type',
    ],
    [
      { name: 'M', commands: [{ name: 'a', fields: [{ type: 'number', name: 'x', min: 1, default: 0 }] }] },
      'body.commands.0.fields.0.default',
    ],
    [{ name: 'M', metrics: [{ name: 'a' }, { name: 'a' }] }, 'body.metrics.1.name'],
    [{ name: 'M', metrics: [{ name: 'a', min: 1, max: 1 }] }, 'body.metrics.0.max'],
    [{ name: 'M', metrics: [{ name: 'a', unit: 'x'.repeat(21) }] }, 'body.metrics.0.unit'],
  ])('that make no sense are refused, naming what is wrong: %j', async (body, field) => {
    const answer = await call('POST', '/device-types', body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toContain(field);
  });

  it('are limited in number', async () => {
    await api.database.pool.query(
      `insert into device_types (organization_id, name) select $1, n::text from generate_series(1, 200) n`,
      [org],
    );
    expect(await call('POST', '/device-types', { name: 'One more' })).toMatchObject({
      status: 429,
      body: { code: 'limit_reached' },
    });
  });

  it('are given to devices, which are found by them', async () => {
    const meter = await made('Meter');
    const typed = await device();
    await device();
    const patched = await call('PATCH', `/devices/${typed}`, { device_type_id: meter.id });
    expect(patched.body).toMatchObject({ id: typed, device_type_id: meter.id, name: 'Pump' });
    expect((await call('GET', `/devices?device_type_id=${meter.id}`)).body.items).toEqual([patched.body]);
    expect((await call('PATCH', `/devices/${typed}`, { name: 'P' })).body.device_type_id).toBe(meter.id);
    const untyped = await call('PATCH', `/devices/${typed}`, { device_type_id: null });
    expect(untyped.body.device_type_id).toBeNull();
  });

  it('of another organization are not there, for one’s devices either', async () => {
    const stranger = await api.user(`stranger-${randomUUID()}`);
    const theirs = await api.organization(stranger, 'Theirs');
    const type = await api.call(stranger, 'POST', `/api/v1/organizations/${theirs}/device-types`, {
      name: 'Meter',
    });
    const pump = await device();
    for (const id of [type.body.id, randomUUID()]) {
      expect((await call('GET', `/device-types/${id}`)).status).toBe(404);
      expect(await call('PATCH', `/devices/${pump}`, { device_type_id: id })).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', errors: [{ field: 'body.device_type_id' }] },
      });
      expect((await call('GET', `/devices?device_type_id=${id}`)).body.items).toEqual([]);
    }
  });
});

describe('a declared command', () => {
  const send = (to: string, body: object) => call('POST', `/devices/${to}/commands`, body);

  it('is held against its declaration, and filled in', async () => {
    const pump = await device((await made('Meter', [setInterval])).id);
    const sent = await send(pump, { name: 'set_interval', params: { seconds: 60 } });
    expect(sent).toMatchObject({ status: 202, body: { params: { seconds: 60, save: true } } });
    const refused = await send(pump, { name: 'set_interval', params: { seconds: 1, minutes: 2 } });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({
      code: 'invalid_request',
      errors: [
        { field: 'body.params.minutes', message: 'is no parameter of set_interval' },
        { field: 'body.params.seconds', message: 'must be 5 or more' },
      ],
    });
  });

  it('is a repeat with the same key and the same params as they were given', async () => {
    const pump = await device((await made('Meter', [setInterval])).id);
    const path = `${at}/devices/${pump}/commands`;
    const body = { name: 'set_interval', params: { seconds: 60 } };
    const once = () => api.call(owner, 'POST', path, body, { 'idempotency-key': 'k' });
    expect((await once()).body.id).toBe((await once()).body.id);
  });

  it('leaves free what is not declared, and devices of other types', async () => {
    const { id } = await made('Meter', [setInterval]);
    await made('Alarm', [{ name: 'reboot' }]);
    const params = { anything: [1, { goes: true }] };
    expect((await send(await device(id), { name: 'reboot', params })).body).toMatchObject({ params });
    expect((await send(await device(), { name: 'set_interval', params })).body).toMatchObject({ params });
  });

  it('goes to devices of several types, to each with its own defaults, or to none', async () => {
    const fields = [{ type: 'number', name: 'seconds', max: 10 }];
    const [slow, fast, plain] = [
      await device((await made('Slow', [setInterval])).id),
      await device((await made('Fast', [{ name: 'set_interval', fields }])).id),
      await device(),
    ];
    const sendAll = (seconds: number) =>
      call('POST', '/commands', {
        name: 'set_interval',
        params: { seconds },
        device_ids: [slow, fast, plain],
      });
    const { body } = await sendAll(7);
    expect(body.items.map(({ params }: { params: object }) => params)).toEqual([
      { seconds: 7, save: true },
      { seconds: 7 },
      { seconds: 7 },
    ]);
    expect(await sendAll(60)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'body.params.seconds', message: 'must be 10 or less' }] },
    });
    expect((await call('GET', '/commands')).body.items).toHaveLength(3);
  });

  it('that SQL wrote in no known form stops nothing', async () => {
    const insert = (commands: string) =>
      api.database.pool.query(
        `insert into device_types (organization_id, name, commands) values ($1, 'Odd', $2) returning id`,
        [org, commands],
      );
    const { rows } = await insert('[1, {"name": "x", "fields": 7}, null]');
    const sent = await send(await device(rows[0].id), { name: 'x', params: { a: 1 } });
    expect(sent).toMatchObject({ status: 202, body: { params: { a: 1 } } });
    for (const none of ['{"x": 7}', '"x"', JSON.stringify(['x'.repeat(300_000)])])
      await expect(insert(none)).rejects.toThrow('device_types_commands_check');
  });
});
