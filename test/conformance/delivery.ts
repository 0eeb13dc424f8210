import { describe, expect, it } from 'vitest';
import { connectPacket, RawClient } from './client.ts';
import type { Conformance } from './conformance.ts';

export function deliveryConformance({ can, most, engine, topic, identity, connect }: Conformance): void {
  describe('publish and subscribe', () => {
    it('takes a QoS up to its highest', () => {
      expect(engine().maximumQoS).toBe(most());
    });

    it.each([0, 1, 2] as const)(
      'delivers QoS %i as granted, which is its highest at most',
      async (wanted) => {
        const qos = wanted > most() ? most() : wanted;
        const subscriber = await connect();
        expect(await subscriber.subscribe(topic('+/telemetry'), wanted)).toEqual([qos]);
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
      },
    );

    it('lowers a message to the QoS of a subscription with wildcards', async () => {
      const subscriber = await connect();
      await subscriber.subscribe(topic('#'), 1);
      const publisher = await connect();
      await publisher.publish(topic('a/telemetry'), 'x', { qos: most(), retain: true });
      expect((await subscriber.next()).qos).toBe(1);
      const late = await connect();
      await late.subscribe(topic('+/telemetry'), 0);
      expect(await late.next()).toMatchObject({ payload: 'x', qos: 0, retain: true });
      await Promise.all([subscriber.end(), publisher.end(), late.end()]);
    });

    it('delivers once, with the highest QoS, where subscriptions overlap, as far as it can', async () => {
      const subscriber = await connect();
      await subscriber.subscribe(topic('#'), 0);
      await subscriber.subscribe(topic('a/+'), most());
      await subscriber.subscribe(topic('a/telemetry'), 1);
      const publisher = await connect();
      await publisher.publish(topic('a/telemetry'), 'one', { qos: most() });
      await publisher.publish(topic('b/telemetry'), 'end', { qos: most() });
      const received = await subscriber.take(can().overlapsOnce ? 2 : 4);
      const copies = received.filter(({ payload }) => payload === 'one');
      expect(received.length - copies.length).toBe(1);
      if (can().overlapsOnce) expect(copies[0]!.qos === most()).toBe(can().highestQoS);
      else expect(copies.map(({ qos }) => qos).sort()).toEqual([0, 1, 1]);
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

    it.each([
      ['anyUnicode', ['a\u0085b', 'a\uffffb', 'a\u0001b']],
      ['dots', ['a.b', 'a b']],
    ] as const)(
      'takes topics of whatever characters, or ends the connection: %s',
      async (capability, topics) => {
        for (const odd of topics) {
          const client = await connect();
          await client.subscribe(topic('#'), 0);
          const closed = client.closed().then(() => 'closed');
          client.mqtt.publish(topic(odd), 'x', { qos: 0 });
          const outcome = await Promise.race([closed, client.next().then((message) => message.topic)]);
          expect(outcome).toBe(can()[capability] ? topic(odd) : 'closed');
          await client.end();
        }
      },
    );

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
  });
}
