import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.ts';
import { listen } from '../../src/database/listener.ts';
import { migrate } from '../../src/database/migrate.ts';
import { createAccounts } from '../../src/http/accounts.ts';
import { createApp } from '../../src/http/app.ts';
import { createEventHub } from '../../src/http/events.ts';
import { createRateLimits } from '../../src/http/rate-limits.ts';
import { silentLog } from '../../src/service/log.ts';
import { randomToken } from '../../src/service/random.ts';
import { createSeal } from '../../src/service/seal.ts';
import { connection } from '../support/api.ts';
import { EventReader } from '../support/event-reader.ts';

/** A PostgreSQL of this test's own, to be taken away and given back. */
let directory: string;
let postgres: Awaited<ReturnType<typeof start>>;
const start = () => startEmbeddedPostgres({ directory, log: silentLog, settings: { fsync: 'off' } });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'netneural-outage-'));
  await chmod(directory, 0o755);
  postgres = await start();
  await migrate({ connection: postgres.connection, log: silentLog });
});
afterAll(async () => {
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
});

it('says 503 with Retry-After while PostgreSQL is away, and goes on when it is back', async () => {
  const pool = new pg.Pool(postgres.connection);
  pool.on('error', () => {});
  const hub = createEventHub({ pool, log: silentLog, every: { poll: 100 } });
  await hub.start();
  const accounts = createAccounts({
    pool,
    secret: randomBytes(32).toString('hex'),
    publicUrl: 'http://localhost:8080',
    log: silentLog,
  });
  const app = createApp({
    version: '0',
    publicUrl: 'http://localhost:8080',
    pool,
    log: silentLog,
    accounts,
    events: hub,
    rateLimits: createRateLimits(),
    seal: createSeal(randomToken()),
    setupToken: 'token',
    notifications: { mail: undefined, allowsHttp: false },
    retentionDays: 1095,
    connection,
    brokerStatus: () => ({ healthy: true, engine: 'embedded', version: '1' }),
    clientAddress: () => '127.0.0.1',
  });
  const body = {
    token: 'token',
    name: 'O',
    email: 'o@example.org',
    password: 'a long password',
    organization_name: 'Acme',
  };
  const post = (path: string, sent: object) =>
    app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(sent),
    });
  const setUp = await post('/api/v1/setup', body);
  expect(setUp.status).toBe(201);
  const cookie = setUp.headers.getSetCookie()[0]!.split(';')[0]!;

  const organization = ((await setUp.json()) as { organizations: { id: string }[] }).organizations[0]!.id;
  const openStream = (headers: object) =>
    app.request(`/api/v1/organizations/${organization}/events`, { headers: { cookie, ...headers } });
  const stream = new EventReader(await openStream({}));
  await stream.until(() => stream.lastEventId !== '');

  const gaps: string[] = [];
  let notified = Promise.withResolvers<string>();
  const listener = listen({
    connection: postgres.connection,
    channels: ['stored'],
    onNotification: (_, payload) => notified.resolve(payload),
    onGap: () => {
      gaps.push('gap');
      notified.resolve('gap');
    },
    log: silentLog,
  });
  await listener.start();
  await pool.query(`select pg_notify('stored', 'first')`);
  expect(await notified.promise).toBe('first');
  expect(gaps).toEqual([]);

  notified = Promise.withResolvers();
  await postgres.stop();
  for (const request of [
    () => app.request('/ready'),
    () => app.request('/api/v1/platform'),
    () => app.request('/api/v1/me', { headers: { cookie } }),
    () => app.request('/api/v1/me', { headers: { authorization: `Bearer nnk_${'a'.repeat(43)}` } }),
    () => post('/api/auth/sign-in/email', { email: 'o@example.org', password: 'a long password' }),
    () => post('/api/v1/setup', body),
  ]) {
    const answer = await request();
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    const problem = await answer.json();
    expect(problem).toMatchObject({ code: 'unavailable' });
    expect(JSON.stringify(problem)).not.toContain(directory);
  }
  expect((await app.request('/health')).status).toBe(200);
  // A stream on which nothing can come says so by ending.
  await stream.until(() => stream.ended);

  postgres = await start();
  expect((await app.request('/ready')).status).toBe(200);
  expect((await app.request('/api/v1/me', { headers: { cookie } })).status).toBe(200);
  expect(await notified.promise).toBe('gap');
  notified = Promise.withResolvers();
  await pool.query(`select pg_notify('stored', 'second')`);
  expect(await notified.promise).toBe('second');

  await pool.query(
    `insert into device_telemetry_history (organization_id, device_id, recorded_at, received_at, message_key, telemetry)
     values ($1, $1, now(), now(), 1, '{"value":1}')`,
    [organization],
  );
  const resumed = new EventReader(await openStream({ 'last-event-id': stream.lastEventId }));
  expect((await resumed.next())[0]).toMatchObject({ event: 'reading', data: { telemetry: { value: 1 } } });
  await hub.stop();
  await listener.stop();
  await listener.stop();
  await pool.end();
});
