import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Client, type TestApi, testApi } from '../support/api.ts';
import { EventReader } from '../support/event-reader.ts';

let api: TestApi;
let owner: Client;
let org: string;
let device: string;
const open: EventReader[] = [];
let count = 0;

beforeAll(async () => {
  api = await testApi();
  owner = await api.user('olga');
});
afterAll(() => api.close());

beforeEach(async () => {
  org = await api.organization(owner);
  const created = await api.call(owner, 'POST', `/api/v1/organizations/${org}/devices`, {
    external_device_id: 'thermometer',
  });
  device = created.body.id;
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((reader) => reader.close()));
});

function request(client: Client, lastEventId?: string) {
  const headers = {
    ...client.headers,
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  };
  return api.app.request(`/api/v1/organizations/${org}/events`, { headers });
}

async function stream(lastEventId?: string, client = owner): Promise<EventReader> {
  const response = await request(client, lastEventId);
  expect(response.status).toBe(200);
  const reader = new EventReader(response);
  open.push(reader);
  return reader;
}

type Queryable = Pick<pg.Pool, 'query'>;

async function reading(value: number, on: Queryable = api.database.pool): Promise<void> {
  count += 1;
  await on.query(
    `insert into device_telemetry_history (organization_id, device_id, recorded_at, received_at, message_key, telemetry)
     values ($1, $2, now(), now(), $3, jsonb_build_object('value', $4::int))`,
    [org, device, count, value],
  );
}

async function readings(values: number): Promise<void> {
  await api.database.pool.query(
    `insert into device_telemetry_history (organization_id, device_id, recorded_at, received_at, message_key, telemetry)
     select $1, $2, now(), now(), n, '{"value":1}' from generate_series(1, $3::int) n`,
    [org, device, values],
  );
}

const wake = () => api.platform.events.wake(org);
const values = (reader: EventReader) =>
  reader.received.filter(({ event }) => event === 'reading').map(({ data }) => data.telemetry.value);

describe('a stream of events', () => {
  it('begins now and carries readings, presence and what integrations did', async () => {
    await reading(1);
    const reader = await stream();
    await reading(2);
    wake();
    const [first] = await reader.next();
    expect(first).toEqual({
      event: 'reading',
      id: expect.stringMatching(/^\d+:\d+:/),
      data: {
        device_id: device,
        recorded_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        received_at: expect.any(String),
        telemetry: { value: 2 },
      },
    });
    const { pool } = api.database;
    await pool.query(
      `update device_state set presence = 'online', presence_reason = 'message', presence_changed_in = pg_current_xact_id()
        where device_id = $1`,
      [device],
    );
    wake();
    expect((await reader.next())[0]).toMatchObject({
      event: 'presence',
      data: { device_id: device, external_device_id: 'thermometer', presence: 'online', reason: 'message' },
    });
    await pool.query(
      `insert into integration_activity_log (organization_id, occurred_at, event, reason) values ($1, now(), 'connect_refused', 'bad_password')`,
      [org],
    );
    await pool.query(
      `insert into message_quarantine (organization_id, topic, payload, qos, retain, reason, received_at)
       values ($1, 't', '\\x00', 1, false, 'not_json', now())`,
      [org],
    );
    wake();
    const integration = (await reader.next(2)).map(({ event, data }) => [event, data.kind, data.reason]);
    expect(integration).toEqual([
      ['integration', 'activity', 'bad_password'],
      ['integration', 'quarantined', 'not_json'],
    ]);
  });

  it('carries commands as the API shows them, and leaves out what is long', async () => {
    const reader = await stream();
    const path = `/api/v1/organizations/${org}/devices/${device}/commands`;
    const { body: made } = await api.call(owner, 'POST', path, { name: 'blink', params: { times: 3 } });
    wake();
    expect(await reader.next()).toMatchObject([{ event: 'command', data: { ...made, truncated: false } }]);

    const change = (set: string) =>
      api.database.pool.query(`update device_commands set ${set} where id = $1`, [made.id]);
    const shown = async () =>
      (await api.call(owner, 'GET', `/api/v1/organizations/${org}/commands/${made.id}`)).body;
    await change(`reason = 'device_away', attempts = 1`);
    wake();
    expect((await reader.next())[0]!.data).toEqual({ ...(await shown()), truncated: false });

    await change(`state = 'succeeded', result = to_jsonb(repeat('x', 5000))`);
    wake();
    const { params: _, result: __, ...rest } = await shown();
    expect((await reader.next())[0]!.data).toEqual({ ...rest, truncated: true });

    // What nobody sees is no event: the next one is of another command.
    await change(`delivered_at = now()`);
    wake();
    const { body: next } = await api.call(owner, 'POST', path, { name: 'reboot' });
    wake();
    expect((await reader.next())[0]!.data.id).toBe(next.id);
  });

  it('tells the same times as the rest of the API', async () => {
    const reader = await stream();
    await reading(1);
    wake();
    const [event] = await reader.next();
    const { body } = await api.call(owner, 'GET', `/api/v1/organizations/${org}/devices/${device}/telemetry`);
    expect(body.items[0]).toMatchObject({
      recorded_at: event!.data.recorded_at,
      received_at: event!.data.received_at,
    });
  });

  it('can be resumed from before its first event', async () => {
    const reader = await stream();
    await reader.until(() => reader.lastEventId !== '');
    await reader.close();
    await reading(1);
    const again = await stream(reader.lastEventId);
    await again.next();
    expect(values(again)).toEqual([1]);
  });

  it.each([
    ['', 0],
    [', thousands of transactions later', 6000],
  ])('misses nothing that commits out of order%s', async (_, others) => {
    const reader = await stream();
    const slow = await api.database.pool.connect();
    await slow.query('begin');
    await reading(1, slow);
    await api.database.pool.query(
      `do $$ begin for n in 1..${others} loop perform pg_current_xact_id(); commit; end loop; end $$`,
    );
    await reading(2);
    wake();
    await reader.next();
    const between = reader.lastEventId;
    expect(values(reader)).toEqual([2]);
    // It began before, and is committed after what the stream has passed already.
    await slow.query('commit');
    slow.release();
    await reading(3);
    wake();
    await reader.next(2);
    expect(values(reader)).toEqual([2, 1, 3]);
    const resumed = await stream(between);
    await resumed.next(2);
    expect(values(resumed)).toEqual([1, 3]);
  });

  it('gives every event once, whatever commits when, over any number of breaks', async () => {
    let reader = await stream();
    const writers = Array.from({ length: 4 }, (_, writer) =>
      (async () => {
        for (let n = 0; n < 25; n += 1) {
          const client = await api.database.pool.connect();
          await client.query('begin');
          await reading(writer * 100 + n, client);
          await client.query('select pg_sleep(random() * 0.01)');
          await client.query('commit');
          client.release();
          wake();
        }
      })(),
    );
    const all: number[] = [];
    const done = Promise.all(writers).then(wake);
    // In process a turn arrives whole, so each break is between two turns and nothing comes twice either.
    for (let breaks = 0; breaks < 10; breaks += 1) {
      await reader.until(() => reader.received.length > 0);
      await reader.close();
      all.push(...values(reader));
      reader = await stream(reader.lastEventId);
    }
    await done;
    await reader.until(() => all.length + values(reader).length >= 100);
    all.push(...values(reader));
    const written = [0, 100, 200, 300].flatMap((writer) => Array.from({ length: 25 }, (_, n) => writer + n));
    expect(all.sort((left, right) => left - right)).toEqual(written);
  });

  it('resumes in the middle of a turn with all of that turn', async () => {
    const reader = await stream();
    await readings(3);
    wake();
    const events = await reader.next(3);
    const cutOff = await stream(events[1]!.id);
    await cutOff.next(3);
    expect(values(cutOff)).toEqual([1, 1, 1]);
    const complete = await stream(events[2]!.id);
    await reading(9);
    wake();
    await complete.next();
    expect(values(complete)).toEqual([9]);
  });

  it('says reset instead of catching up with more than 5,000 readings, and goes on', async () => {
    const reader = await stream();
    await reader.until(() => reader.lastEventId !== '');
    await reader.close();
    await readings(5001);
    const behind = await stream(reader.lastEventId);
    await reading(7);
    wake();
    await behind.until(() => behind.received.length === 2);
    expect(behind.received.map(({ event }) => event)).toEqual(['reset', 'reading']);
    expect(values(behind)).toEqual([7]);
    const inTime = await stream(behind.received[0]!.id);
    await inTime.next();
    expect(values(inTime)).toEqual([7]);
  });

  it.each(['nonsense', '5:3:', '999999999:999999999:', '1:2:3', "1:1:'; select 1"])(
    'says reset for the id %s',
    async (id) => {
      const reader = await stream(id);
      const [event] = await reader.next();
      expect(event).toMatchObject({ event: 'reset', data: {} });
      await reading(1);
      wake();
      await reader.next();
      expect(values(reader)).toEqual([1]);
    },
  );

  it('shows nothing of other organizations, even from an id of theirs', async () => {
    const mine = org;
    const reader = await stream();
    await reader.until(() => reader.lastEventId !== '');
    const other = await api.user(`other-${count}`);
    const theirs = await api.organization(other, 'Others');
    const { rows } = await api.database.pool.query(
      `insert into devices (organization_id, external_device_id, name) values ($1, 'x', 'x') returning id`,
      [theirs],
    );
    await api.database.pool.query(
      `insert into device_telemetry_history (organization_id, device_id, recorded_at, received_at, message_key, telemetry)
       values ($1, $2, now(), now(), 1, '{"value":666}')`,
      [theirs, rows[0].id],
    );
    await reading(1);
    wake();
    const resumed = await stream(reader.lastEventId);
    await resumed.next();
    await reader.next();
    expect([values(reader), values(resumed)]).toEqual([[1], [1]]);
    org = theirs;
    expect((await request(owner)).status).toBe(404);
    org = mine;
  });

  it('finds what no notification told of', async () => {
    const reader = await stream();
    await reading(1);
    await reader.next();
    expect(values(reader)).toEqual([1]);
  });

  it('sends all clients the same, who came when they may', async () => {
    const early = await stream();
    await reading(1);
    wake();
    await early.next();
    const late = await stream();
    await reading(2);
    wake();
    await Promise.all([early.next(), late.next()]);
    expect([values(early), values(late)]).toEqual([[1, 2], [2]]);
    expect(early.lastEventId).toBe(late.lastEventId);
  });
});

describe('who may not read any more', () => {
  it('is sent away at the next turn, and the others miss nothing', async () => {
    const guest = await api.user(`guest-${count}`);
    await api.member(org, guest, 'viewer');
    // The guest came first, so the shared turn reads under the guest's scope.
    const theirs = await stream(undefined, guest);
    const mine = await stream();
    await api.call(owner, 'DELETE', `/api/v1/organizations/${org}/members/${guest.userId}`);
    await reading(1);
    wake();
    await mine.next();
    await theirs.until(() => theirs.ended);
    expect(values(mine)).toEqual([1]);
    expect(values(theirs)).toEqual([]);
  });

  it('is refused a 31st stream', async () => {
    const key = await api.apiKey(org, 'viewer');
    for (let n = 0; n < 30; n += 1) await stream(undefined, key);
    const refused = await request(key);
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: 'limit_reached' });
    await open.pop()!.close();
    await stream(undefined, key);
  });
});
