import { randomUUID } from 'node:crypto';
import mqttPacket from 'mqtt-packet';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedEngineOptions, embeddedEngine } from '../../src/engine/embedded/engine.ts';
import { systemClock } from '../../src/service/clock.ts';
import { type Logger, silentLog } from '../../src/service/log.ts';
import { RawClient, TestClient } from '../conformance/client.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { severable } from '../support/severable.ts';

/** What the embedded engine promises beyond the conformance suite: its bounds, `wants`, and outages. */

let database: TestDatabase;
let organization = '';
let number = 0;
const engines: ReturnType<typeof embeddedEngine>[] = [];

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  organization = randomUUID();
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.stop();
  await database.pool.query(
    'truncate broker.sessions, broker.subscriptions, broker.queue, broker.incoming, broker.retained',
  );
});

const topic = (rest: string) => `org_${organization}/devices/${rest}`;
const identity = () => ({ clientId: `${organization}:client-${++number}`, username: `org_${organization}` });

async function start(options: Partial<EmbeddedEngineOptions> = {}) {
  const engine = embeddedEngine({ pool: database.pool, log: silentLog, ...options });
  engines.push(engine);
  await engine.start();
  return engine;
}

/** A logger that tells when a line is written. */
function listening(): { log: Logger; line: (message: RegExp) => Promise<Record<string, unknown>> } {
  const lines: { fields: Record<string, unknown>; message: string }[] = [];
  const waiting = new Set<() => void>();
  const write = (fields: Record<string, unknown>, message: string) => {
    lines.push({ fields, message });
    for (const look of waiting) look();
  };
  const line = (message: RegExp) =>
    new Promise<Record<string, unknown>>((resolve) => {
      const look = () => {
        const found = lines.find((each) => message.test(each.message));
        if (!found) return;
        waiting.delete(look);
        resolve(found.fields);
      };
      waiting.add(look);
      look();
    });
  return { log: { debug: write, info: write, warn: write, error: write }, line };
}

describe('wants', () => {
  it('knows subscribers that are connected and sessions that wait, and forgets those that left', async () => {
    const engine = await start();
    expect(engine.wants(topic('a/x'))).toBe(false);
    const clean = await TestClient.connect(engine, identity());
    const persistent = await TestClient.connect(engine, { ...identity(), clean: false });
    await clean.subscribe(topic('a/#'));
    await persistent.subscribe(topic('b/+'));
    expect([topic('a/x'), topic('b/x'), topic('c/x')].map(engine.wants.bind(engine))).toEqual([
      true,
      true,
      false,
    ]);
    await Promise.all([clean.end(), persistent.end()]);
    const witness = await TestClient.connect(engine, identity());
    expect([topic('a/x'), topic('b/x')].map(engine.wants.bind(engine))).toEqual([false, true]);
    await engine.purge(persistent.mqtt.options.clientId!);
    expect(engine.wants(topic('b/x'))).toBe(false);
    await witness.end();
  });

  it('says yes before SUBACK is written', async () => {
    const engine = await start();
    const client = await RawClient.connect(engine, { ...identity(), clean: false });
    expect(engine.wants(topic('a/x'))).toBe(false);
    client.stream.once('data', () => expect(engine.wants(topic('a/x'))).toBe(true));
    await client.subscribe(topic('a/x'), 0);
    await client.cut();
  });
});

describe('bounds', () => {
  it('keeps what a full session has, drops what comes later, and says so', async () => {
    const { log, line } = listening();
    const engine = await start({ log, limits: { sessionMessages: 10 } });
    const who = { ...identity(), clean: false };
    const away = await TestClient.connect(engine, who);
    await away.subscribe(topic('#'));
    await away.end();
    const publisher = await TestClient.connect(engine, identity());
    for (let n = 0; n < 15; n += 1) await publisher.publish(topic('a/x'), String(n));
    expect(engine.status()).toMatchObject({ queued: 10, dropped: 5 });
    expect(await line(/no room/)).toMatchObject({ clientId: who.clientId, limit: 'session' });
    const back = await TestClient.connect(engine, who);
    expect((await back.take(10)).map(({ payload }) => payload)).toEqual([...'0123456789']);
    expect(await line(/returned to a session/)).toMatchObject({ dropped: 5 });
    await publisher.publish(topic('a/x'), 'end');
    expect(await back.until('end')).toEqual([]);
    await Promise.all([back.end(), publisher.end()]);
  });

  it('counts bytes of an organization in all its sessions', async () => {
    const engine = await start({ limits: { organizationBytes: 100_000 } });
    for (let n = 0; n < 3; n += 1) {
      const away = await TestClient.connect(engine, { ...identity(), clean: false });
      await away.subscribe(topic('#'));
      await away.end();
    }
    const publisher = await TestClient.connect(engine, identity());
    for (let n = 0; n < 4; n += 1) await publisher.publish(topic('a/x'), 'x'.repeat(20_000));
    expect(engine.status()).toMatchObject({ queued: 4, dropped: 8 });
    await publisher.end();
  });

  it('holds no more than a session’s share for a client that never acknowledges', async () => {
    const engine = await start({ limits: { sessionMessages: 50, inflight: 10 } });
    const silent = await RawClient.connect(engine, identity());
    await silent.subscribe(topic('#'), 1);
    const publisher = await TestClient.connect(engine, identity());
    for (let n = 0; n < 100; n += 1) await publisher.publish(topic('a/x'), String(n));
    expect(engine.status()).toMatchObject({ queued: 50, dropped: 50 });
    for (let n = 0; n < 10; n += 1) await silent.expect('publish');
    // The window is full: what is behind it comes only with an acknowledgement.
    silent.send({ cmd: 'pingreq' });
    await silent.expect('pingresp');
    await silent.cut();
    await publisher.publish(topic('a/x'), 'after');
    expect(engine.status().queued).toBe(0);
    await publisher.end();
  });

  it('drops QoS 0 to a client that does not read, and nobody else’s', async () => {
    const engine = await start({ limits: { sendBufferBytes: 200_000 } });
    const stuck = await RawClient.connect(engine, identity());
    await stuck.subscribe(topic('#'), 0);
    stuck.stream.pause();
    const healthy = await TestClient.connect(engine, identity());
    await healthy.subscribe(topic('#'), 0);
    const publisher = await TestClient.connect(engine, identity());
    for (let n = 0; n < 50; n += 1) {
      await publisher.publish(topic('a/x'), 'x'.repeat(10_000), { qos: 0 });
      await healthy.next();
    }
    expect(engine.status().dropped).toBeGreaterThan(20);
    await Promise.all([stuck.cut(), healthy.end(), publisher.end()]);
  });

  it('refuses a subscription too many in SUBACK, and a session too many in CONNACK', async () => {
    const engine = await start({ limits: { subscriptionsPerSession: 2, sessionsPerOrganization: 1 } });
    const who = { ...identity(), clean: false };
    const client = await TestClient.connect(engine, who);
    expect(await client.subscribe([topic('a'), topic('b'), topic('c')])).toEqual([1, 1, 128]);
    await expect(TestClient.connect(engine, { ...identity(), clean: false })).rejects.toThrow(
      'Server unavailable',
    );
    await (await TestClient.connect(engine, identity())).end();
    await client.end();
    await (await TestClient.connect(engine, who)).end();
    await engine.purge(who.clientId);
    await (await TestClient.connect(engine, { ...identity(), clean: false })).end();
  });

  it('retains no more than an organization may, and still delivers the rest', async () => {
    const engine = await start({ limits: { retainedPerOrganization: 2 } });
    const client = await TestClient.connect(engine, identity());
    await client.subscribe(topic('#'));
    for (const device of ['a', 'b', 'c']) await client.publish(topic(device), device, { retain: true });
    expect(await client.take(3)).toHaveLength(3);
    await client.publish(topic('b'), 'changed', { retain: true });
    expect(engine.status()).toMatchObject({ retained: 2, dropped: 1 });
    const late = await TestClient.connect(engine, identity());
    await late.subscribe(topic('+'));
    expect((await late.take(2)).map(({ payload }) => payload).sort()).toEqual(['a', 'changed']);
    await Promise.all([client.end(), late.end()]);
  });

  it('counts the subscriptions of all sessions of an organization', async () => {
    const engine = await start({ limits: { subscriptionsPerOrganization: 3 } });
    const first = await TestClient.connect(engine, identity());
    const second = await TestClient.connect(engine, { ...identity(), clean: false });
    expect(await first.subscribe([topic('a'), topic('b')])).toEqual([1, 1]);
    expect(await second.subscribe([topic('a'), topic('b')])).toEqual([1, 128]);
    await first.mqtt.unsubscribeAsync(topic('a'));
    expect(await second.subscribe(topic('b'))).toEqual([1]);
    await Promise.all([first.end(), second.end()]);
  });

  it.each([1, 2] as const)('ends a connection that uses packet id 0 with QoS %i', async (qos) => {
    const engine = await start();
    const client = await RawClient.connect(engine, { ...identity(), clean: false });
    const message = { cmd: 'publish', topic: topic('a'), payload: 'x', retain: false, dup: false } as const;
    const bytes = mqttPacket.generate({ ...message, qos, messageId: 1 });
    bytes[bytes.length - 2] = 0;
    client.stream.write(bytes);
    await client.closed;
  });

  it('ends the connection of a client that releases none of its QoS 2 messages', async () => {
    const engine = await start({ limits: { unacknowledged: 5 } });
    const client = await RawClient.connect(engine, identity());
    const message = {
      cmd: 'publish',
      topic: topic('a'),
      payload: 'x',
      qos: 2,
      retain: false,
      dup: false,
    } as const;
    for (let messageId = 1; messageId <= 6; messageId += 1) client.send({ ...message, messageId });
    await client.closed;
  });

  it('forgets sessions whose clients stay away', async () => {
    let now = Date.now();
    const clock = { ...systemClock(), now: () => now };
    const { log, line } = listening();
    const engine = await start({ clock, log, limits: { sessionExpiry: 1000, expiryInterval: 1 } });
    const who = { ...identity(), clean: false };
    const stays = await TestClient.connect(engine, { ...identity(), clean: false });
    await stays.subscribe(topic('b'));
    const leaves = await TestClient.connect(engine, who);
    await leaves.subscribe(topic('a'));
    await leaves.end();
    now += 2000;
    expect(await line(/did not come back/)).toEqual({ sessions: 1 });
    expect([engine.wants(topic('a')), engine.wants(topic('b'))]).toEqual([false, true]);
    const returned = await TestClient.connect(engine, who);
    expect(returned.sessionPresent).toBe(false);
    await Promise.all([stays.end(), returned.end()]);
  });
});

describe('what is not MQTT 3.1 or 3.1.1', () => {
  it('is told so', async () => {
    const engine = await start();
    await expect(TestClient.connect(engine, { ...identity(), protocolVersion: 5 })).rejects.toThrow();
  });

  it.each([
    ['another organization’s name', { clientId: `${randomUUID()}:x`, username: `org_${randomUUID()}` }],
    ['no name', { clientId: `${randomUUID()}:x` }],
  ])('is refused with %s', async (_, who) => {
    const engine = await start();
    await expect(TestClient.connect(engine, who)).rejects.toThrow('Not authorized');
  });
});

describe('an outage of the database', () => {
  it('holds acknowledgements, loses nothing and disconnects nobody', async () => {
    const net = await severable(database);
    const { log, line } = listening();
    const engine = await start({ pool: net.pool, log });
    const reader = { ...identity(), clean: false };
    const away = await TestClient.connect(engine, reader);
    await away.subscribe(topic('#'), 2);
    await away.end();
    const publisher = await RawClient.connect(engine, { ...identity(), clean: false });
    const live = await TestClient.connect(engine, identity());
    await live.subscribe(topic('live'));

    await net.sever();
    const message = { cmd: 'publish', topic: topic('a'), retain: false, dup: false } as const;
    publisher.send({ ...message, payload: 'one', qos: 1, messageId: 1 });
    publisher.send({ ...message, payload: 'two', qos: 2, messageId: 2 });
    publisher.send({ ...message, payload: 'kept', qos: 1, messageId: 3, retain: true });
    publisher.send({ cmd: 'pingreq' });
    // The ping, sent last, is answered first: no acknowledgement has gone out.
    await publisher.expect('pingresp');
    await line(/acknowledgements wait/);
    expect(engine.status()).toMatchObject({ healthy: false });
    // What needs no database goes on.
    await live.publish(topic('live'), 'alive', { qos: 0 });
    expect(await live.next()).toMatchObject({ payload: 'alive' });

    await net.restore();
    expect([await publisher.next(), await publisher.next(), await publisher.next()]).toMatchObject([
      { cmd: 'puback', messageId: 1 },
      { cmd: 'pubrec', messageId: 2 },
      { cmd: 'puback', messageId: 3 },
    ]);
    expect(engine.status()).toMatchObject({ healthy: true });

    const next = await start();
    const back = await TestClient.connect(next, reader);
    expect((await back.take(3)).map(({ payload }) => payload).sort()).toEqual(['kept', 'one', 'two']);
    await back.end();
    await net.close();
  });

  it('holds every step that could not be taken back', async () => {
    const net = await severable(database);
    const { log, line } = listening();
    const engine = await start({ pool: net.pool, log });
    const reader = await RawClient.connect(engine, { ...identity(), clean: false });
    await reader.subscribe(topic('#'), 2);
    const writer = await RawClient.connect(engine, { ...identity(), clean: false });
    const message = {
      cmd: 'publish',
      topic: topic('a'),
      payload: 'x',
      qos: 2,
      retain: false,
      dup: false,
    } as const;
    writer.send({ ...message, messageId: 1 });
    await writer.expect('pubrec');
    const { messageId } = await reader.expect('publish');
    const comes = await RawClient.connect(engine, { ...identity(), clean: false });
    const leaves = await RawClient.connect(engine, { ...identity(), clean: false });
    await leaves.subscribe(topic('b'), 1);

    await net.sever();
    const next = [writer, reader, comes, leaves].map((client) => client.next());
    comes.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: topic('b'), qos: 1 }] });
    leaves.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: [topic('b')] });
    writer.send({ ...message, messageId: 2 }, { cmd: 'pubrel', messageId: 1 });
    reader.send({ cmd: 'pubrec', messageId });
    const outage = await Promise.race([...next, line(/acknowledgements wait/)]);
    expect(outage).toHaveProperty('error');
    await net.restore();
    const answers = [await next[0]!, await writer.next()].map(({ cmd }) => cmd);
    expect(answers.sort()).toEqual(['pubcomp', 'pubrec']);
    const deliveries = [await next[1]!, await reader.next()].map(({ cmd }) => cmd);
    expect(deliveries.sort()).toEqual(['publish', 'pubrel']);
    expect([await next[2], await next[3]]).toMatchObject([{ cmd: 'suback' }, { cmd: 'unsuback' }]);
    await Promise.all([reader, writer, comes, leaves].map((client) => client.cut()));
    await engine.stop();
    await net.close();
  });

  it('stops reading from a client that goes on sending, and takes up again', async () => {
    const net = await severable(database);
    const engine = await start({
      pool: net.pool,
      limits: { unacknowledged: 100, sessionMessages: 100_000, sessionBytes: 1e9 },
    });
    const away = await TestClient.connect(engine, { ...identity(), clean: false });
    await away.subscribe(topic('#'));
    await away.end();
    const flood = await RawClient.connect(engine, identity());
    await net.sever();
    const count = 5000;
    for (let messageId = 1; messageId <= count; messageId += 1) {
      const message = {
        cmd: 'publish',
        topic: topic('a'),
        payload: 'x'.repeat(1000),
        qos: 1,
        messageId,
      } as const;
      flood.send({ ...message, retain: false, dup: false });
    }
    const other = await TestClient.connect(engine, identity());
    await other.publish(topic('b'), 'x', { qos: 0 });
    expect(engine.status().queued).toBeLessThan(count / 2);
    await net.restore();
    for (let messageId = 1; messageId <= count; messageId += 1) {
      expect(await flood.expect('puback')).toMatchObject({ messageId });
    }
    expect(engine.status().queued).toBe(count);
    await Promise.all([flood.cut(), other.end()]);
    await engine.stop();
    await net.close();
  });
});

describe('two engines on one database', () => {
  it('the one before writes nothing more, says so, and lets its clients go', async () => {
    const first = await start();
    const client = await RawClient.connect(first, identity());
    await start();
    client.send({
      cmd: 'publish',
      topic: topic('a'),
      payload: 'x',
      qos: 1,
      messageId: 1,
      retain: true,
      dup: false,
    });
    await client.closed;
    expect(first.status()).toMatchObject({
      healthy: false,
      detail: expect.stringContaining('Another engine'),
    });
    const refused = first.connect();
    refused.resume();
    await new Promise((resolve) => refused.once('close', resolve));
    const { rowCount } = await database.pool.query('select from broker.retained where topic = $1', [
      topic('a'),
    ]);
    expect(rowCount).toBe(0);
  });
});

describe('a crash under load', () => {
  it('loses no QoS 1 message, and delivers each QoS 2 message once', async () => {
    const limits = { sessionMessages: 10_000 };
    let engine = await start({ limits });
    const always = { clean: false, reconnectPeriod: 1 };
    const reader = await TestClient.connect(() => engine, { ...identity(), ...always });
    await reader.subscribe(topic('#'), 2);
    const writers = await Promise.all(
      [1, 2].map(() => TestClient.connect(() => engine, { ...identity(), ...always })),
    );
    const count = 1500;
    const published = writers.flatMap((writer, of) =>
      Array.from({ length: count }, (_, n) => {
        const qos = n % 2 === 0 ? 1 : 2;
        return writer.publish(topic(`${of}/qos${qos}`), String(n), { qos });
      }),
    );
    const clients = [reader, ...writers];
    for (let crash = 0; crash < 8; crash += 1) {
      await Promise.race(published.slice(crash * 150, crash * 150 + 50));
      // The one before is left as it stands: whatever it had not committed is gone, as with its process.
      engine = await start({ limits });
      await Promise.all(clients.map((client) => client.cut()));
      await Promise.all(clients.map((client) => client.connected()));
    }
    await Promise.all(published);
    await writers[0]!.publish(topic('end'), 'end', { qos: 2 });
    const received = await reader.until('end');
    for (const of of writers.keys()) {
      const of1 = received
        .filter((message) => message.topic === topic(`${of}/qos1`))
        .map(({ payload }) => payload);
      const of2 = received
        .filter((message) => message.topic === topic(`${of}/qos2`))
        .map(({ payload }) => payload);
      expect(new Set(of1).size).toBe(count / 2);
      expect(new Set(of2).size).toBe(count / 2);
      expect(of2).toHaveLength(count / 2);
    }
    await Promise.all(clients.map((client) => client.end()));
  });
});
