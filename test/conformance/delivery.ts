import { describe, expect, it } from 'vitest';
import { connectPacket, RawClient } from './client.ts';
import type { Conformance } from './conformance.ts';

export function deliveryConformance({ can, engine, topic, identity, connect }: Conformance): void {
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

    it('delivers once, with the highest QoS if it can, where subscriptions overlap', async () => {
      const subscriber = await connect();
      await subscriber.subscribe(topic('#'), 0);
      await subscriber.subscribe(topic('a/+'), 2);
      await subscriber.subscribe(topic('a/telemetry'), 1);
      const publisher = await connect();
      await publisher.publish(topic('a/telemetry'), 'one', { qos: 2 });
      await publisher.publish(topic('b/telemetry'), 'end', { qos: 2 });
      const [one, end] = await subscriber.take(2);
      expect([one, end]).toMatchObject([{ payload: 'one' }, { payload: 'end', qos: 0 }]);
      expect(one!.qos === 2).toBe(can().highestQoS);
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

    it('takes topics of whatever characters, or ends the connection', async () => {
      for (const odd of ['a\u0085b', 'a\uffffb', 'a\u0001b']) {
        const client = await connect();
        await client.subscribe(topic('#'), 0);
        const closed = client.closed().then(() => 'closed');
        client.mqtt.publish(topic(odd), 'x', { qos: 0 });
        const outcome = await Promise.race([closed, client.next().then((message) => message.topic)]);
        expect(outcome).toBe(can().anyUnicode ? topic(odd) : 'closed');
        await client.end();
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
      await engine().publish(command);
      expect(await subscriber.next()).toMatchObject({
        topic: command.topic,
        payload: 'go',
        qos: 1,
        retain: false,
      });
      await engine().publish({ ...command, payload: Buffer.from('kept'), retain: true });
      await subscriber.next();
      const late = await connect();
      await late.subscribe(topic('a/commands'));
      expect(await late.next()).toMatchObject({ payload: 'kept', retain: true });
      await Promise.all([subscriber.end(), late.end()]);
    });

    it('takes what a client sends behind CONNECT without waiting for the answer', async () => {
      const subscriber = await connect();
      await subscriber.subscribe(topic('#'));
      const hasty = new RawClient(engine());
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
      expect(received.map(({ payload }) => Number(payload))).toEqual(Array.from({ length: 60 }, (_, n) => n));
      await hasty.closed;
      await subscriber.end();
    });

    it('takes an MQTT 3.1 client whose id has become long', async () => {
      const client = await RawClient.connect(engine(), {
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
}
