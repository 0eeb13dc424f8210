import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commandReasons } from '../../src/domain/command.ts';
import { type Client, type TestApi, testApi } from '../support/api.ts';

/** Commands over HTTP, their rows changed here as what sends them would. */

let api: TestApi;
let owner: Client;
let other: Client;
let org: string;
let at: string;
let device: string;

beforeAll(async () => {
  api = await testApi();
  [owner, other] = await Promise.all([api.user('olga'), api.user('otto')]);
});
afterAll(() => api.close());

beforeEach(async () => {
  org = await api.organization(owner);
  at = `/api/v1/organizations/${org}`;
  [device] = await devices(1);
});

async function devices(count: number, organization = org): Promise<[string, ...string[]]> {
  const { rows } = await api.database.pool.query(
    `insert into devices (organization_id, external_device_id, name)
     select $1, 'pump-' || n || '-' || gen_random_uuid(), 'Pump' from generate_series(1, $2::int) n returning id`,
    [organization, count],
  );
  return rows.map(({ id }) => id as string) as [string, ...string[]];
}

const send = (body: object, headers: object = {}, to = device) =>
  api.call(owner, 'POST', `${at}/devices/${to}/commands`, body, headers);
const get = async (path: string) => (await api.call(owner, 'GET', `${at}${path}`)).body;
const become = (id: string, set: string) =>
  api.database.pool.query(`update device_commands set ${set} where id = $1`, [id]);
const count = async () => (await get('/commands?limit=500')).items.length;

describe('a command', () => {
  it('is answered with 202, what it is, and where to look', async () => {
    const answer = await send({ name: 'set_interval', params: { seconds: 60 }, ttl_seconds: 90 });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`${at}/commands/${answer.body.id}`);
    expect(answer.body).toEqual({
      id: expect.any(String),
      device_id: device,
      external_device_id: expect.stringContaining('pump-1'),
      name: 'set_interval',
      params: { seconds: 60 },
      state: 'queued',
      reason: null,
      detail: '',
      result: null,
      supersede_key: null,
      attempts: 0,
      requested_by: { kind: 'user', id: owner.userId },
      sent_again_of: null,
      created_at: expect.any(String),
      expires_at: expect.any(String),
      published_at: null,
      delivered_at: null,
      acknowledged_at: null,
      finished_at: null,
    });
    const { created_at: created, expires_at: expires } = answer.body;
    expect(Date.parse(expires) - Date.parse(created)).toBe(90_000);
    expect(await get(`/commands/${answer.body.id}`)).toEqual(answer.body);
  });

  it('says who asked for it, an API key or plain SQL as well', async () => {
    const key = await api.apiKey(org, 'member');
    const byKey = await api.call(key, 'POST', `${at}/devices/${device}/commands`, { name: 'reboot' });
    expect(byKey.body.requested_by).toEqual({ kind: 'api_key', id: expect.any(String) });
    await api.database.pool.query(`insert into device_commands (device_id, name) values ($1, 'reboot')`, [
      device,
    ]);
    expect((await get('/commands')).items[0].requested_by).toEqual({ kind: 'sql', id: null });
  });

  it('tells why it is where it is: in its own words, or those of its reason', async () => {
    const { body } = await send({ name: 'reboot' });
    await become(body.id, `reason = 'device_away'`);
    expect((await get(`/commands/${body.id}`)).detail).toBe(commandReasons.device_away);
    await become(body.id, `detail = 'The cable is out.'`);
    expect((await get(`/commands/${body.id}`)).detail).toBe('The cable is out.');
    expect((await get('/commands')).items[0].detail).toBe('The cable is out.');
  });

  it.each<[string, unknown, string | undefined]>([
    ['no name', {}, 'body.name'],
    ['a name of control characters', { name: 'a\u0000' }, 'body.name'],
    ['a name that is too long', { name: 'x'.repeat(101) }, 'body.name'],
    ['params that are no object', { name: 'x', params: [1] }, 'body.params'],
    ['params that hold NUL', { name: 'x', params: { a: ['\u0000'] } }, 'body.params'],
    ['a key that holds NUL', { name: 'x', params: { 'a\u0000': 1 } }, 'body.params'],
    ['params that hold half a surrogate pair', { name: 'x', params: { a: '\ud800' } }, 'body.params'],
    ['params that are too large', { name: 'x', params: { a: 'ä'.repeat(33_000) } }, 'body.params'],
    ['a number beyond all', '{"name":"x","params":{"a":1e999}}', 'body.params'],
    [
      'params that nest without end',
      `{"name":"x","params":{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`,
      'body.params',
    ],
    ['a time to live of nothing', { name: 'x', ttl_seconds: 0 }, 'body.ttl_seconds'],
    ['a time to live of years', { name: 'x', ttl_seconds: 1e9 }, 'body.ttl_seconds'],
    ['a wait without end', { name: 'x', wait_seconds: 3600 }, 'body.wait_seconds'],
    ['an empty supersede key', { name: 'x', supersede_key: '' }, 'body.supersede_key'],
    ['no JSON', '{"name":', 'body'],
  ])('is refused with %s', async (_, body, field) => {
    const answer = await send(body as object);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ field }] });
    expect(await count()).toBe(0);
  });

  it('takes what merely looks like something that can’t be stored', async () => {
    const params = { path: 'C:\\u0000', emoji: '😀', escaped: '\\ud800', '': null };
    expect((await send({ name: 'x', params })).body.params).toEqual(params);
  });

  it('is refused with a body that is too large', async () => {
    const answer = await send({ name: 'x', params: { a: 'x'.repeat(1024 * 1024) } });
    expect(answer).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
  });

  it('reaches no device that is not there or another tenant’s, which look alike', async () => {
    const [theirs] = await devices(1, await api.organization(other, 'Theirs'));
    for (const unknown of [theirs, randomUUID()]) {
      const answer = await send({ name: 'reboot' }, {}, unknown);
      expect(answer.status).toBe(404);
      expect(answer.body.detail).toBe(`There is no device ${unknown}.`);
      const many = await api.call(owner, 'POST', `${at}/commands`, {
        name: 'reboot',
        device_ids: [device, unknown],
      });
      expect(many).toMatchObject({ status: 404, body: { detail: `There is no device ${unknown}.` } });
      const listed = await api.call(owner, 'GET', `${at}/devices/${unknown}/commands`);
      expect(listed.status).toBe(404);
    }
    expect(await count()).toBe(0);
  });

  it('takes the place of an older one with its supersede key that waits, and of no other', async () => {
    const setPoint = { name: 'set_point', supersede_key: 'set_point' };
    const [older, sent, unrelated] = [await send(setPoint), await send(setPoint), await send({ name: 'x' })];
    expect((await get(`/commands/${older.body.id}`)).state).toBe('cancelled');
    await become(sent.body.id, `state = 'published'`);
    const [elsewhere] = await devices(1);
    const theirs = await send(setPoint, {}, elsewhere);
    await send(setPoint);
    expect(await get(`/commands/${older.body.id}`)).toMatchObject({
      state: 'cancelled',
      reason: 'superseded',
      detail: commandReasons.superseded,
    });
    expect((await get(`/commands/${sent.body.id}`)).state).toBe('published');
    expect((await get(`/commands/${unrelated.body.id}`)).state).toBe('queued');
    expect((await get(`/commands/${theirs.body.id}`)).state).toBe('queued');
  });
});

describe('an idempotency key', () => {
  const key = { 'idempotency-key': 'once' };

  it('makes one row of twenty requests at once', async () => {
    const body = { name: 'dose', params: { ml: 5 }, supersede_key: 'dose' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(body, key)));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect(answers.every(({ status }) => status === 202)).toBe(true);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
    expect((await get('/commands')).items).toMatchObject([{ state: 'queued' }]);
  });

  it('finds the command as it is now, whoever of the organization asks', async () => {
    const { body } = await send({ name: 'dose' }, key);
    await become(body.id, `state = 'succeeded', result = '{"ml": 5}'`);
    const colleague = await api.apiKey(org, 'member');
    const path = `${at}/devices/${device}/commands`;
    const again = await api.call(colleague, 'POST', path, { name: 'dose' }, key);
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toMatchObject({ id: body.id, state: 'succeeded', result: { ml: 5 } });
  });

  it.each([
    ['another name', { name: 'reboot' }],
    ['other params', { name: 'dose', params: { ml: 6 } }],
  ])('is refused with %s', async (_, body) => {
    await send({ name: 'dose' }, key);
    const answer = await send(body, key);
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused', errors: [{ field: 'header.idempotency-key' }] },
    });
    expect(await count()).toBe(1);
  });

  it('that came with another device cancels nothing of this one', async () => {
    const [elsewhere] = await devices(1);
    const waiting = await send({ name: 'dose', supersede_key: 'dose' }, {}, elsewhere);
    await send({ name: 'dose' }, key);
    const answer = await send({ name: 'dose', supersede_key: 'dose' }, key, elsewhere);
    expect(answer.body.code).toBe('idempotency_key_reused');
    expect((await get(`/commands/${waiting.body.id}`)).state).toBe('queued');
  });

  it('is each organization’s own', async () => {
    const { body } = await send({ name: 'dose' }, key);
    const theirs = await api.organization(other, 'Theirs');
    const [pump] = await devices(1, theirs);
    const path = `/api/v1/organizations/${theirs}/devices/${pump}/commands`;
    const answer = await api.call(other, 'POST', path, { name: 'dose' }, key);
    expect(answer.status).toBe(202);
    expect(answer.body.id).not.toBe(body.id);
  });
});

describe('lists of commands', () => {
  it('are newest first, in pages, without gap or repeat among those of one moment', async () => {
    const ids = await devices(25);
    await api.call(owner, 'POST', `${at}/commands`, { name: 'reboot', device_ids: ids });
    await send({ name: 'last' });
    const seen: { id: string; name: string; created_at: string }[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await get(`/commands?limit=10${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      seen.push(...page.items);
      cursor = page.next_cursor;
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(26);
    expect(seen[0]!.name).toBe('last');
    const times = seen.map(({ created_at }) => created_at);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('are filtered by state, name and device', async () => {
    const [second] = await devices(1);
    const a = (await send({ name: 'reboot' })).body.id;
    const b = (await send({ name: 'blink' })).body.id;
    const c = (await send({ name: 'reboot' }, {}, second)).body.id;
    await become(b, `state = 'published'`);
    await become(c, `state = 'undeliverable', reason = 'no_broker'`);
    const listed = async (path: string) => (await get(path)).items.map(({ id }: { id: string }) => id);
    expect(await listed('/commands?state=queued')).toEqual([a]);
    expect(await listed('/commands?state=published,undeliverable')).toEqual([c, b]);
    expect(await listed('/commands?name=reboot')).toEqual([c, a]);
    expect(await listed(`/commands?device_id=${second}`)).toEqual([c]);
    expect(await listed(`/devices/${device}/commands`)).toEqual([b, a]);
    expect(await listed(`/devices/${device}/commands?state=queued&name=reboot`)).toEqual([a]);
    for (const query of ['state=lost', 'state=', 'state=queued,', 'cursor=x', 'limit=0', 'device_id=x']) {
      expect((await api.call(owner, 'GET', `${at}/commands?${query}`)).status, query).toBe(400);
    }
  });
});

describe('calling a command off', () => {
  const cancel = (id: string) => api.call(owner, 'POST', `${at}/commands/${id}/cancel`);

  it('ends what waits, and a second time finds it ended so', async () => {
    const { body } = await send({ name: 'reboot' });
    for (let time = 0; time < 2; time++) {
      const answer = await cancel(body.id);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        id: body.id,
        state: 'cancelled',
        reason: 'cancelled',
        finished_at: expect.any(String),
      });
    }
  });

  it.each([
    [`sending_until = now() + interval '1 minute'`, 'It is being sent at this moment.'],
    [`state = 'published'`, 'It has been sent already: it is published.'],
    [`state = 'succeeded'`, 'It has ended already: it is succeeded.'],
    [`state = 'expired'`, 'It has ended already: it is expired.'],
  ])('is refused with %s', async (set, detail) => {
    const { body } = await send({ name: 'reboot' });
    await become(body.id, set);
    expect(await cancel(body.id)).toMatchObject({ status: 409, body: { code: 'conflict', detail } });
  });

  it('and sending it: one of the two wins, and both hear which', async () => {
    const { pool } = api.database;
    for (let round = 0; round < 20; round++) {
      const { body } = await send({ name: 'reboot' });
      const [answer, claimed] = await Promise.all([
        cancel(body.id),
        pool.query(
          `update device_commands set sending_until = now() + interval '1 minute'
            where id = $1 and state = 'queued' returning id`,
          [body.id],
        ),
      ]);
      expect([answer.status, claimed.rowCount]).toEqual(answer.status === 200 ? [200, 0] : [409, 1]);
    }
  });
});

describe('sending a command again', () => {
  const again = (id: string, headers: object = {}) =>
    api.call(owner, 'POST', `${at}/commands/${id}/send-again`, undefined, headers);

  it('asks the same anew, for as long', async () => {
    const first = { name: 'set_point', params: { value: 3 }, supersede_key: 'p', ttl_seconds: 1234 };
    const { body } = await send(first);
    await become(body.id, `state = 'undeliverable', reason = 'no_broker'`);
    const answer = await again(body.id);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`${at}/commands/${answer.body.id}`);
    expect(answer.body).toMatchObject({
      name: 'set_point',
      params: { value: 3 },
      supersede_key: 'p',
      state: 'queued',
      reason: null,
      sent_again_of: body.id,
    });
    const { created_at: created, expires_at: expires } = answer.body;
    expect(Date.parse(expires) - Date.parse(created)).toBe(1_234_000);
    expect((await get(`/commands/${body.id}`)).state).toBe('undeliverable');
  });

  it('happens once for a key', async () => {
    const { body } = await send({ name: 'reboot' });
    await become(body.id, `state = 'failed'`);
    const answers = await Promise.all([1, 2, 3].map(() => again(body.id, { 'idempotency-key': 'again' })));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
  });

  it('is for what has ended only', async () => {
    const { body } = await send({ name: 'reboot' });
    expect(await again(body.id)).toMatchObject({
      status: 409,
      body: { code: 'conflict', detail: 'It has not ended yet: it is queued.' },
    });
  });
});

describe('one command for many devices', () => {
  const sendMany = (body: object, headers: object = {}) =>
    api.call(owner, 'POST', `${at}/commands`, body, headers);

  it('is a row for each of a thousand, in the order asked for, and a device named twice has one', async () => {
    const ids = await devices(1000);
    const answer = await sendMany({ name: 'reboot', device_ids: [...ids].reverse() });
    expect(answer.status).toBe(202);
    expect(answer.body.items.map((item: { device_id: string }) => item.device_id)).toEqual(ids.reverse());
    const twice = await sendMany({ name: 'reboot', device_ids: [device, device] });
    expect(twice.body.items).toHaveLength(1);
  });

  it('is not answered with a deadlock where many ask at once', async () => {
    const ids = await devices(100);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        sendMany({ name: 'x', supersede_key: 'x', device_ids: n % 2 ? ids : [...ids].reverse() }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(202));
    expect((await get('/commands?state=queued&limit=500')).items).toHaveLength(100);
  });

  it('happens once for a key', async () => {
    const body = { name: 'reboot', device_ids: await devices(3) };
    const key = { 'idempotency-key': 'all' };
    const [first, second] = [await sendMany(body, key), await sendMany(body, key)];
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.body).toEqual(first.body);
    expect(await count()).toBe(3);
    const reused = await sendMany({ ...body, name: 'blink' }, key);
    expect(reused.body.code).toBe('idempotency_key_reused');
  });

  it('is refused for none, for more than a thousand, and for params that multiply beyond bounds', async () => {
    expect((await sendMany({ name: 'x', device_ids: [] })).status).toBe(400);
    const tooMany = Array.from({ length: 1001 }, () => randomUUID());
    expect((await sendMany({ name: 'x', device_ids: tooMany })).status).toBe(400);
    const large = { name: 'x', params: { a: 'x'.repeat(60_000) }, device_ids: await devices(200) };
    expect(await sendMany(large)).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
    expect(await count()).toBe(0);
  });
});
