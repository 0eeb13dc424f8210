import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listen } from '../../src/database/listener.ts';
import { type CommandWaits, createCommandWaits } from '../../src/http/command-waits.ts';
import { httpServer } from '../../src/main/http-server.ts';
import { silentLog } from '../../src/service/log.ts';
import { type Client, ORIGIN, type TestApi, testApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { databaseAway } from '../support/outage.ts';

/** `wait_seconds`: the answer to a command is its outcome, when that comes in time. */

const NEVER_MS = 3_600_000;
let api: TestApi;
let waits: CommandWaits;
let owner: Client;
let org: string;
let path: string;
/** How many wait, or have waited. */
let begun: number;
let ended: number;

beforeEach(() => start(NEVER_MS));
afterEach(async () => {
  await waits.stop();
  await api.close();
});

async function start(pollMs: number): Promise<void> {
  begun = 0;
  ended = 0;
  api = await testApi((pool) => {
    waits = createCommandWaits({ pool, log: silentLog, pollMs });
    return { commands: { waits: { takePlace: counted } } };
  });
  owner = await api.user('olga');
  org = await api.organization(owner);
  const { rows } = await api.database.pool.query(
    `insert into devices (organization_id, external_device_id, name) values ($1, 'pump', 'Pump') returning id`,
    [org],
  );
  path = `/api/v1/organizations/${org}/devices/${rows[0].id}/commands`;
}

const counted: CommandWaits['takePlace'] = (organizationId) => {
  const place = waits.takePlace(organizationId);
  return {
    async wait(...wanted) {
      begun += 1;
      await place.wait(...wanted);
    },
    giveBack() {
      ended += 1;
      place.giveBack();
    },
  };
};

const send = (seconds: number, headers: object = {}) =>
  api.call(owner, 'POST', path, { name: 'reboot', wait_seconds: seconds }, headers);

/** So many wait, each has been looked at, and no connection to the database is held. */
async function waiting(requests: number): Promise<void> {
  const { pool } = api.database;
  await eventually(() =>
    expect([begun, pool.idleCount, pool.waitingCount]).toEqual([requests, pool.totalCount, 0]),
  );
}

const finish = (where = 'true') =>
  api.database.pool.query(
    `update device_commands set state = 'succeeded', result = '{"uptime": 1}' where ${where}`,
  );

describe('a wait', () => {
  it('ends with 202 and the state so far when the time is up', async () => {
    const answer = await send(0.1);
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ state: 'queued' });
    expect(answer.headers.get('location')).toContain(answer.body.id);
  });

  it('ends with the outcome when PostgreSQL says that something was committed', async () => {
    const listener = listen({
      connection: api.database.connection,
      channels: ['stored'],
      onNotification: (_, organizations) => organizations.split(',').forEach(waits.wake),
      onGap() {},
      log: silentLog,
    });
    await listener.start();
    const answer = send(60);
    await waiting(1);
    const { pool } = api.database;
    await pool.query(`update device_commands set state = 'acknowledged'`);
    await pool.query(`select pg_notify('stored', $1)`, [org]);
    await finish();
    await pool.query(`select pg_notify('stored', $1)`, [org]);
    expect(await answer).toMatchObject({ status: 200, body: { state: 'succeeded', result: { uptime: 1 } } });
    await listener.stop();
  });

  it('ends at once for what has ended already', async () => {
    const key = { 'idempotency-key': 'k' };
    await send(0, key);
    await finish();
    expect(await send(60, key)).toMatchObject({ status: 200, body: { state: 'succeeded' } });
  });

  it('ends when nobody told of the outcome, by looking', async () => {
    await waits.stop();
    await api.close();
    await start(20);
    const answer = send(60);
    await waiting(1);
    await finish();
    expect(await answer).toMatchObject({ status: 200, body: { state: 'succeeded' } });
  });

  it('is each one’s own, and holds no connection', async () => {
    const answers = Array.from({ length: 30 }, () => send(60));
    await waiting(30);
    const { rows } = await api.database.pool.query('select id from device_commands order by sequence');
    await finish(`id = '${rows[7].id}'`);
    waits.wake(org);
    const first = await Promise.race(answers);
    expect(first).toMatchObject({ status: 200, body: { id: rows[7].id } });
    await finish(`finished_at is null`);
    waits.wake(org);
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(30).fill(200));
  });

  it('ends when its client is gone', async () => {
    const server = httpServer({ host: '127.0.0.1', port: 0, fetch: api.app.fetch });
    await server.start();
    const gone = new AbortController();
    const answer = fetch(`http://127.0.0.1:${server.port}${path}`, {
      method: 'POST',
      headers: { origin: ORIGIN, 'content-type': 'application/json', ...owner.headers },
      body: JSON.stringify({ name: 'reboot', wait_seconds: 60 }),
      signal: gone.signal,
    });
    await waiting(1);
    gone.abort();
    await expect(answer).rejects.toThrow('aborted');
    await eventually(() => expect(ended).toBe(1));
    await server.stop();
  });

  it('ends when the platform stops', async () => {
    const answer = send(60);
    await waiting(1);
    await waits.stop();
    expect(await answer).toMatchObject({ status: 202, body: { state: 'queued' } });
    expect(await send(60)).toMatchObject({ status: 202 });
  });

  it('is no failure of the command when the database is away at its end', async () => {
    const answer = send(60);
    await waiting(1);
    const back = await databaseAway(api.database);
    await waits.stop();
    expect(await answer).toMatchObject({ status: 202, body: { id: expect.any(String), state: 'queued' } });
    await back();
  });
});

describe('as many as wait at once', () => {
  it('are bounded for an organization, before a command is made; others still wait', async () => {
    const answers = Array.from({ length: 200 }, () => send(60));
    await waiting(200);
    const refused = await send(60);
    expect(refused).toMatchObject({ status: 429, body: { code: 'limit_reached' } });
    expect(refused.headers.get('retry-after')).toBe('5');
    const { rows } = await api.database.pool.query('select count(*)::int from device_commands');
    expect(rows[0].count).toBe(200);
    expect((await send(0)).status).toBe(202);

    const other = await api.organization(owner, 'Other');
    waits.takePlace(other).giveBack();

    await finish();
    waits.wake(org);
    await Promise.all(answers);
    expect((await send(0.01)).status).toBe(202);
  });

  it('are bounded for all organizations', () => {
    const places = Array.from({ length: 2000 }, (_, n) => waits.takePlace(`organization ${n % 20}`));
    expect(() => waits.takePlace('another')).toThrow('Nobody else can wait');
    places[0]!.giveBack();
    waits.takePlace('another');
  });
});
