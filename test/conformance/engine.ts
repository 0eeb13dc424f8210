import { randomUUID } from 'node:crypto';
import type { IClientOptions } from 'mqtt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { connectPacket, RawClient, TestClient } from './client.ts';

export interface EngineUnderTest {
  engine: Engine;
  /** Another engine on the same state, after a clean stop of the one before or as if its process had been killed. */
  restart(how: 'stopped' | 'killed'): Promise<Engine>;
  close(): Promise<void>;
}

/**
 * What the gateway relies on, whatever broker stands behind it. Each engine runs the same suite.
 * Nothing waits for a time: that something does not arrive is known when what was sent behind it does.
 */
export function engineConformance(name: string, create: () => Promise<EngineUnderTest>): void {
  describe(name, () => {
    let subject: EngineUnderTest;
    let organization = '';
    let number = 0;

    beforeAll(async () => {
      subject = await create();
    });
    afterAll(() => subject.close());
    beforeEach(() => {
      organization = randomUUID();
    });

    const topic = (rest: string) => `org_${organization}/devices/${rest}`;
    const identity = (clientId = `client-${++number}`) => ({
      clientId: `${organization}:${clientId}`,
      username: `org_${organization}`,
    });
    const connect = (options: IClientOptions = {}) =>
      TestClient.connect(subject.engine, { ...identity(), ...options });

    describe('publish and subscribe', () => {
      it.each([0, 1, 2] as const)('delivers QoS %i as granted', async (qos) => {
        const subscriber = await connect();
        expect(await subscriber.subscribe(topic('+/telemetry'), qos)).toEqual([qos]);
        const publisher = await connect();
        await publisher.publish(topic('a/telemetry'), '21.5', { qos });
        expect(await subscriber.next()).toEqual({
          topic: topic('a/telemetry'),
          payload: '21.5',
          qos,
          retain: false,
          dup: false,
        });
        await Promise.all([subscriber.end(), publisher.end()]);
      });

      it('lowers a message to the QoS of a subscription with wildcards', async () => {
        const subscriber = await connect();
        await subscriber.subscribe(topic('#'), 1);
        const publisher = await connect();
        await publisher.publish(topic('a/telemetry'), 'x', { qos: 2, retain: true });
        expect((await subscriber.next()).qos).toBe(1);
        const late = await connect();
        await late.subscribe(topic('+/telemetry'), 0);
        expect(await late.next()).toMatchObject({ payload: 'x', qos: 0, retain: true });
        await Promise.all([subscriber.end(), publisher.end(), late.end()]);
      });

      it('delivers once, with the highest QoS, where subscriptions overlap', async () => {
        const subscriber = await connect();
        await subscriber.subscribe(topic('#'), 0);
        await subscriber.subscribe(topic('a/+'), 2);
        await subscriber.subscribe(topic('a/telemetry'), 1);
        const publisher = await connect();
        await publisher.publish(topic('a/telemetry'), 'one', { qos: 2 });
        await publisher.publish(topic('b/telemetry'), 'end', { qos: 2 });
        expect(await subscriber.take(2)).toMatchObject([
          { payload: 'one', qos: 2 },
          { payload: 'end', qos: 0 },
        ]);
        await Promise.all([subscriber.end(), publisher.end()]);
      });

      it('keeps the order of each publisher', async () => {
        const subscriber = await connect({ clean: false });
        await subscriber.subscribe(topic('#'), 1);
        const publishers = await Promise.all([connect(), connect(), connect({ clean: false })]);
        const count = 300;
        await Promise.all(
          publishers.flatMap((publisher, of) =>
            Array.from({ length: count }, (_, n) => publisher.publish(topic(`${of}/telemetry`), String(n))),
          ),
        );
        const received = await subscriber.take(count * publishers.length);
        for (const of of publishers.keys()) {
          const numbers = received.filter((message) => message.topic === topic(`${of}/telemetry`));
          expect(numbers.map(({ payload }) => Number(payload))).toEqual(
            Array.from({ length: count }, (_, n) => n),
          );
        }
        await Promise.all([subscriber.end(), ...publishers.map((publisher) => publisher.end())]);
      });

      it('delivers nothing after UNSUBSCRIBE', async () => {
        for (const clean of [true, false]) {
          const subscriber = await connect({ clean });
          await subscriber.subscribe([topic('a/#'), topic('b/#')]);
          await subscriber.mqtt.unsubscribeAsync(topic('a/#'));
          const publisher = await connect();
          await publisher.publish(topic('a/telemetry'), 'gone');
          await publisher.publish(topic('b/telemetry'), 'end');
          expect(await subscriber.until('end')).toEqual([]);
          await Promise.all([subscriber.end(), publisher.end()]);
        }
      });

      it('publishes as the platform', async () => {
        const subscriber = await connect();
        await subscriber.subscribe(topic('a/commands'));
        const command = {
          topic: topic('a/commands'),
          payload: Buffer.from('go'),
          qos: 1 as const,
          retain: false,
        };
        await subject.engine.publish(command);
        expect(await subscriber.next()).toMatchObject({
          topic: command.topic,
          payload: 'go',
          qos: 1,
          retain: false,
        });
        await subject.engine.publish({ ...command, payload: Buffer.from('kept'), retain: true });
        await subscriber.next();
        const late = await connect();
        await late.subscribe(topic('a/commands'));
        expect(await late.next()).toMatchObject({ payload: 'kept', retain: true });
        await Promise.all([subscriber.end(), late.end()]);
      });

      it('takes what a client sends behind CONNECT without waiting for the answer', async () => {
        const subscriber = await connect();
        await subscriber.subscribe(topic('#'));
        const hasty = new RawClient(subject.engine);
        const message = { cmd: 'publish', topic: topic('a/x'), retain: false, dup: false } as const;
        hasty.send(
          { ...connectPacket, ...identity() },
          ...Array.from(
            { length: 60 },
            (_, n) => ({ ...message, payload: String(n), qos: 1, messageId: n + 1 }) as const,
          ),
          { cmd: 'disconnect' },
        );
        const received = await subscriber.take(60);
        expect(received.map(({ payload }) => Number(payload))).toEqual(
          Array.from({ length: 60 }, (_, n) => n),
        );
        await hasty.closed;
        await subscriber.end();
      });

      it('takes an MQTT 3.1 client whose id has become long', async () => {
        const client = await RawClient.connect(subject.engine, {
          ...identity('an-id-of-23-characters-'),
          protocolVersion: 3,
        });
        await client.subscribe(topic('a/#'), 1);
        client.send({
          cmd: 'publish',
          topic: topic('a/x'),
          payload: 'hello',
          qos: 0,
          retain: false,
          dup: false,
        });
        expect((await client.expect('publish')).payload.toString()).toBe('hello');
        await client.cut();
      });
    });

    describe('retained messages', () => {
      it('are the last ones said, and marked', async () => {
        const publisher = await connect();
        await publisher.publish(topic('a/status'), 'offline', { retain: true });
        await publisher.publish(topic('a/status'), 'online', { retain: true });
        await publisher.publish(topic('b/status'), 'online', { retain: true, qos: 0 });
        await publisher.publish(topic('c/status'), 'gone', { retain: true });
        await publisher.publish(topic('c/status'), '', { retain: true });
        const subscriber = await connect();
        await subscriber.subscribe(topic('+/status'));
        const received = await subscriber.take(2);
        expect(received.map(({ topic }) => topic).sort()).toEqual([topic('a/status'), topic('b/status')]);
        expect(received.every(({ payload, retain }) => payload === 'online' && retain)).toBe(true);
        await publisher.publish(topic('z/status'), 'end');
        expect(await subscriber.until('end')).toEqual([]);
        await Promise.all([subscriber.end(), publisher.end()]);
      });

      it('come again with each SUBSCRIBE, but not with a session that goes on', async () => {
        const publisher = await connect();
        await publisher.publish(topic('a/status'), 'online', { retain: true });
        const who = { ...identity(), clean: false };
        const first = await connect(who);
        await first.subscribe(topic('#'));
        await first.next();
        await first.subscribe(topic('#'));
        expect(await first.next()).toMatchObject({ payload: 'online', retain: true });
        await first.end();
        const second = await connect(who);
        await publisher.publish(topic('a/x'), 'end');
        expect(await second.until('end')).toEqual([]);
        await Promise.all([second.end(), publisher.end()]);
      });

      it('reach a subscriber in full, however many there are', async () => {
        const publisher = await connect();
        const count = 3000;
        const devices = Array.from({ length: count }, (_, n) => topic(`${n}/status`));
        await Promise.all(devices.map((device) => publisher.publish(device, 'online', { retain: true })));
        const subscriber = await connect();
        await subscriber.subscribe(topic('#'));
        const received = new Set((await subscriber.take(count)).map((message) => message.topic));
        expect(received.size).toBe(count);
        await Promise.all([subscriber.end(), publisher.end()]);
      });

      it('survive a restart, as does that one was cleared', async () => {
        for (const how of ['stopped', 'killed'] as const) {
          const publisher = await connect();
          await publisher.publish(topic(`${how}/status`), how, { retain: true, qos: 1 });
          await publisher.publish(topic(`${how}/cleared`), how, { retain: true, qos: 1 });
          await publisher.publish(topic(`${how}/cleared`), '', { retain: true, qos: 1 });
          await subject.restart(how);
          const subscriber = await connect();
          await subscriber.subscribe(topic(`${how}/#`));
          await subscriber.publish(topic(`${how}/x`), 'end');
          expect(await subscriber.until('end')).toMatchObject([{ payload: how, retain: true }]);
          await subscriber.end();
        }
      });
    });

    describe('last will', () => {
      const will = () => ({
        topic: topic('a/status'),
        payload: Buffer.from('lost'),
        qos: 1 as const,
        retain: true,
      });

      it('is published when the connection is lost, and kept when it asks for that', async () => {
        const watcher = await connect();
        await watcher.subscribe(topic('a/status'));
        const device = await connect({ will: will() });
        await device.cut();
        expect(await watcher.next()).toMatchObject({ payload: 'lost', qos: 1, retain: false });
        const late = await connect();
        await late.subscribe(topic('a/status'));
        expect(await late.next()).toMatchObject({ payload: 'lost', retain: true });
        await Promise.all([watcher.end(), late.end()]);
      });

      it('is not published after DISCONNECT, nor when the platform ends the session', async () => {
        const watcher = await connect();
        await watcher.subscribe(topic('#'));
        const polite = await connect({ will: will() });
        await polite.end();
        const who = identity();
        const revoked = await connect({ ...who, will: will() });
        const closed = revoked.closed();
        await subject.engine.purge(who.clientId);
        await closed;
        await watcher.publish(topic('a/x'), 'end');
        expect(await watcher.until('end')).toEqual([]);
        await watcher.end();
      });

      it('is not published by a stop', async () => {
        const who = { ...identity(), clean: false };
        const watcher = await connect(who);
        await watcher.subscribe(topic('#'));
        await watcher.end();
        const device = await connect({ will: will() });
        await subject.restart('stopped');
        const returned = await connect(who);
        await returned.publish(topic('a/x'), 'end');
        expect(await returned.until('end')).toEqual([]);
        await Promise.all([returned.end(), device.end()]);
      });
    });

    describe('sessions', () => {
      it('queue QoS 1 and 2 while their client is away, in order', async () => {
        const who = { ...identity(), clean: false };
        const first = await connect(who);
        expect(first.sessionPresent).toBe(false);
        await first.subscribe(topic('#'), 2);
        await first.end();
        const publisher = await connect();
        for (let n = 0; n < 50; n += 1)
          await publisher.publish(topic('a/x'), String(n), { qos: n % 2 ? 2 : 1 });
        const second = await connect(who);
        expect(second.sessionPresent).toBe(true);
        const received = await second.take(50);
        for (const qos of [1, 2]) {
          const numbers = received
            .filter((message) => message.qos === qos)
            .map(({ payload }) => Number(payload));
          expect(numbers).toEqual(Array.from({ length: 25 }, (_, n) => n * 2 + qos - 1));
        }
        await Promise.all([second.end(), publisher.end()]);
      });

      it('are said to be present also without a subscription', async () => {
        const who = { ...identity(), clean: false };
        await (await connect(who)).end();
        const again = await connect(who);
        expect(again.sessionPresent).toBe(true);
        await again.end();
      });

      it('are forgotten when their client wants a clean one', async () => {
        const who = identity();
        const first = await connect({ ...who, clean: false });
        await first.subscribe(topic('#'));
        await first.end();
        const publisher = await connect();
        await publisher.publish(topic('a/x'), 'queued');
        const clean = await connect({ ...who, clean: true });
        expect(clean.sessionPresent).toBe(false);
        await clean.subscribe(topic('b/x'));
        await publisher.publish(topic('b/x'), 'end');
        expect(await clean.until('end')).toEqual([]);
        await clean.end();
        const last = await connect({ ...who, clean: false });
        expect(last.sessionPresent).toBe(false);
        await Promise.all([last.end(), publisher.end()]);
      });

      it.each(['stopped', 'killed'] as const)('survive a restart of the engine, %s', async (how) => {
        const who = { ...identity(), clean: false };
        const before = await connect(who);
        await before.subscribe([topic('a/#'), topic('gone/#')], 2);
        await before.mqtt.unsubscribeAsync(topic('gone/#'));
        await before.end();
        const publisher = await connect();
        await publisher.publish(topic('a/x'), 'one', { qos: 1 });
        await publisher.publish(topic('a/x'), 'two', { qos: 2 });
        await publisher.publish(topic('gone/x'), 'nobody’s', { qos: 1 });
        await subject.restart(how);
        expect(subject.engine.wants(topic('a/y'))).toBe(true);
        const after = await connect(who);
        expect(after.sessionPresent).toBe(true);
        expect((await after.take(2)).map(({ payload }) => payload).sort()).toEqual(['one', 'two']);
        await after.publish(topic('a/x'), 'end');
        expect(await after.until('end')).toEqual([]);
        await after.end();
      });

      it('send again with DUP and the same packet id what was not acknowledged', async () => {
        const who = { ...identity(), clean: false };
        const first = await RawClient.connect(subject.engine, who);
        await first.subscribe(topic('#'), 2);
        const publisher = await connect();
        await publisher.publish(topic('a/x'), 'one', { qos: 1 });
        await publisher.publish(topic('a/x'), 'two', { qos: 2 });
        const sent = [await first.expect('publish'), await first.expect('publish')];
        await first.cut();
        const second = await RawClient.connect(subject.engine, who);
        const again = [await second.expect('publish'), await second.expect('publish')];
        expect(again.map(({ messageId, payload, dup }) => ({ messageId, payload, dup }))).toEqual(
          sent.map(({ messageId, payload }) => ({ messageId, payload, dup: true })),
        );
        await Promise.all([second.cut(), publisher.end()]);
      });

      it('belong to the client that connected last', async () => {
        const who = { ...identity(), clean: false };
        const first = await connect(who);
        await first.subscribe(topic('#'));
        const closed = first.closed();
        const second = await connect(who);
        await closed;
        expect(second.sessionPresent).toBe(true);
        await second.publish(topic('a/x'), 'mine');
        expect(await second.next()).toMatchObject({ payload: 'mine' });
        await second.end();
      });

      it('end with purge, connection, queue and all', async () => {
        const who = { ...identity(), clean: false };
        const first = await connect(who);
        await first.subscribe(topic('#'));
        const closed = first.closed();
        await subject.engine.purge(who.clientId);
        await closed;
        const publisher = await connect();
        await publisher.publish(topic('a/x'), 'nobody’s');
        await subject.restart('killed');
        const second = await connect(who);
        expect(second.sessionPresent).toBe(false);
        await second.subscribe(topic('b/x'));
        await second.publish(topic('b/x'), 'end');
        expect(await second.until('end')).toEqual([]);
        await second.end();
      });
    });

    describe('QoS 2', () => {
      it('arrives exactly once while both connections break again and again', async () => {
        const always = { clean: false, reconnectPeriod: 1 };
        const subscriber = await connect(always);
        await subscriber.subscribe(topic('a/x'), 2);
        const publisher = await connect(always);
        const count = 200;
        const published = Array.from({ length: count }, (_, n) =>
          publisher.publish(topic('a/x'), String(n), { qos: 2 }),
        );
        for (let cut = 0; cut < 10; cut += 1) {
          await Promise.all([subscriber.cut(), publisher.cut()]);
          await Promise.all([subscriber.connected(), publisher.connected()]);
        }
        await Promise.all(published);
        await publisher.publish(topic('a/x'), 'end', { qos: 2 });
        const numbers = (await subscriber.until('end')).map(({ payload }) => Number(payload));
        expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n));
        await Promise.all([subscriber.end(), publisher.end()]);
      });

      it.each(['stopped', 'killed'] as const)('is known again after a restart, %s', async (how) => {
        const reader = { ...identity(), clean: false };
        const subscriber = await connect(reader);
        await subscriber.subscribe(topic('a/x'), 2);
        await subscriber.end();
        const who = { ...identity(), clean: false };
        const message = {
          cmd: 'publish',
          topic: topic('a/x'),
          payload: 'once',
          qos: 2,
          retain: false,
          messageId: 7,
        } as const;
        const first = await RawClient.connect(subject.engine, who);
        first.send({ ...message, dup: false });
        await first.expect('pubrec');
        await subject.restart(how);
        const second = await RawClient.connect(subject.engine, who);
        second.send({ ...message, dup: true });
        await second.expect('pubrec');
        second.send({ cmd: 'pubrel', messageId: 7 });
        await second.expect('pubcomp');
        // Released: the same packet id is another message now, even if it looks the same.
        second.send({ ...message, dup: false });
        await second.expect('pubrec');
        const after = await connect(reader);
        await after.publish(topic('a/x'), 'end', { qos: 2 });
        expect((await after.until('end')).map(({ payload }) => payload)).toEqual(['once', 'once']);
        await Promise.all([after.end(), second.cut()]);
      });

      it('goes on with PUBREL where the client had said PUBREC', async () => {
        const who = { ...identity(), clean: false };
        const first = await RawClient.connect(subject.engine, who);
        await first.subscribe(topic('#'), 2);
        const publisher = await connect();
        await publisher.publish(topic('a/x'), 'once', { qos: 2 });
        const { messageId } = await first.expect('publish');
        first.send({ cmd: 'pubrec', messageId });
        await first.expect('pubrel');
        await subject.restart('killed');
        const second = await RawClient.connect(subject.engine, who);
        expect(await second.expect('pubrel')).toMatchObject({ messageId });
        second.send({ cmd: 'pubcomp', messageId });
        await second.cut();
      });
    });

    describe('tenants', () => {
      it('reach nothing of another organization, by whatever topic or filter', async () => {
        const other = { clientId: `${randomUUID()}:x`, username: '' };
        other.username = `org_${other.clientId.slice(0, 36)}`;
        const owner = await connect();
        await owner.subscribe(topic('#'));
        await owner.publish(topic('a/status'), 'secret', { retain: true });
        expect((await owner.next()).payload).toBe('secret');

        const spy = await connect(other);
        const own = `${other.username}/devices/a`;
        for (const filter of [
          '#',
          '+/devices/#',
          topic('#'),
          topic('a/status'),
          '$SYS/#',
          `$share/g/${topic('#')}`,
        ]) {
          await spy.subscribe(filter).catch(() => {});
        }
        await spy.subscribe(`${other.username}/devices/#`);
        await owner.publish(topic('a/telemetry'), 'secret too');
        await owner.next();
        await spy.publish(own, 'end');
        expect(await spy.until('end')).toEqual([]);

        spy.mqtt.publish(topic('a/commands'), 'forged', { qos: 0 });
        const will = {
          topic: topic('a/commands'),
          payload: Buffer.from('forged'),
          qos: 0 as const,
          retain: false,
        };
        const dying = await connect({ clientId: `${other.clientId}2`, username: other.username, will });
        await dying.cut();
        await owner.publish(topic('a/x'), 'end');
        expect(await owner.until('end')).toEqual([]);
        await Promise.all([owner.end(), spy.end()]);
      });

      it('are held up by nobody who does not read', async () => {
        const stuck = await RawClient.connect(subject.engine, identity());
        await stuck.subscribe(topic('#'), 1);
        stuck.stream.pause();
        const healthy = await connect();
        await healthy.subscribe(topic('#'), 1);
        const publisher = await connect();
        const payload = 'x'.repeat(10_000);
        for (let round = 0; round < 30; round += 1) {
          await Promise.all(Array.from({ length: 50 }, () => publisher.publish(topic('a/x'), payload)));
          expect(await healthy.take(50)).toHaveLength(50);
        }
        await Promise.all([healthy.end(), publisher.end(), stuck.cut()]);
      });
    });
  });
}
