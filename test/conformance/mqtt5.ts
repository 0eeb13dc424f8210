import type { IClientOptions } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { RawClient } from './client.ts';
import type { Conformance } from './conformance.ts';

/** What is new in MQTT 5 and the engine's to do; of one that can't, that it lets no such client in. */
export function mqtt5Conformance({ can, engine, topic, identity, connect }: Conformance): void {
  const connect5 = (options: IClientOptions = {}) => connect({ protocolVersion: 5, ...options });
  const kept = (seconds: number) => ({ clean: false, properties: { sessionExpiryInterval: seconds } });

  describe('MQTT 5', () => {
    it('is spoken, or refused', async () => {
      expect(engine().protocolLevel).toBe(can().mqtt5 ? 5 : 4);
      const client = await connect5().catch(() => undefined);
      expect(client !== undefined).toBe(can().mqtt5);
      await client?.end();
    });

    /** A test of what is new, which an engine without it has nothing to do with. */
    const ifSpoken = (name: string, run: () => Promise<void>) =>
      it(name, async () => {
        if (can().mqtt5) await run();
        else await expect(connect5()).rejects.toThrow();
      });

    ifSpoken('delivers properties whole', async () => {
      const subscriber = await connect5();
      await subscriber.subscribe(topic('#'));
      const publisher = await connect5();
      const properties = {
        payloadFormatIndicator: true,
        messageExpiryInterval: 100,
        responseTopic: topic('a/answers'),
        correlationData: Buffer.from([0, 255, 7]),
        contentType: 'text/plain',
        userProperties: { a: ['1', '2'], b: '3' },
      };
      await publisher.publish(topic('a/x'), 'all', { properties });
      expect((await subscriber.next()).properties).toMatchObject(properties);
      const older = await connect();
      await older.subscribe(topic('#'));
      await publisher.publish(topic('a/x'), 'none', { properties });
      expect(await older.next()).toEqual({
        topic: topic('a/x'),
        payload: 'none',
        qos: 1,
        retain: false,
        dup: false,
      });
      await Promise.all([subscriber.end(), publisher.end(), older.end()]);
    });

    ifSpoken('gives the platform’s commands their response topic and correlation data', async () => {
      const device = await connect5();
      await device.subscribe(topic('a/commands'));
      await engine().publish({
        topic: topic('a/commands'),
        payload: Buffer.from('go'),
        qos: 1,
        retain: false,
        responseTopic: topic('a/responses'),
        correlationData: Buffer.from('7'),
      });
      expect((await device.next()).properties).toMatchObject({
        responseTopic: topic('a/responses'),
        correlationData: Buffer.from('7'),
      });
      await device.end();
    });

    ifSpoken('keeps a session for as long as it is to be kept', async () => {
      const who = identity();
      await (await connect5({ ...who, ...kept(100) })).end();
      const second = await connect5({ ...who, ...kept(100) });
      expect(second.sessionPresent).toBe(true);
      await second.mqtt.endAsync(false, { reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
      const third = await connect5({ ...who, ...kept(0) });
      expect(third.sessionPresent).toBe(false);
      await third.end();
      const fourth = await connect5({ ...who, ...kept(0) });
      expect(fourth.sessionPresent).toBe(false);
      await fourth.end();
    });

    ifSpoken('forgets a session with purge', async () => {
      const who = { ...identity(), ...kept(100) };
      const first = await connect5(who);
      const closed = first.closed();
      await engine().purge(who.clientId);
      await closed;
      const second = await connect5(who);
      expect(second.sessionPresent).toBe(false);
      await second.end();
    });

    ifSpoken(
      'says a will after its delay, not to a client that is back, and when DISCONNECT asks for it',
      async () => {
        const watcher = await connect();
        await watcher.subscribe(topic('+/status'));
        const will = (name: string, willDelayInterval: number) => ({
          topic: topic(`${name}/status`),
          payload: Buffer.from(name),
          qos: 1 as const,
          retain: false,
          properties: { willDelayInterval, contentType: 'text/plain' },
        });
        const who = { ...identity(), ...kept(100) };
        const back = await connect5({ ...who, will: will('back', 1) });
        await back.cut();
        const again = await connect5(who);
        const gone = await connect5({ ...kept(100), will: will('gone', 1) });
        await gone.cut();
        expect(await watcher.next()).toMatchObject({ payload: 'gone' });
        const willing = await connect5({ will: will('willing', 0) });
        await willing.mqtt.endAsync(false, { reasonCode: 4 });
        expect(await watcher.next()).toMatchObject({ payload: 'willing' });
        const polite = await connect5({ will: will('polite', 0) });
        await polite.end();
        await again.publish(topic('a/status'), 'end');
        expect(await watcher.until('end')).toEqual([]);
        await Promise.all([watcher.end(), again.end()]);
      },
    );

    ifSpoken('has subscriptions with options and identifiers', async () => {
      const publisher = await connect5();
      await publisher.publish(topic('a/x'), 'kept', { retain: true });
      const client = await connect5();
      await client.mqtt.subscribeAsync(topic('+/x'), {
        qos: 1,
        nl: true,
        rap: true,
        rh: 2,
        properties: { subscriptionIdentifier: 300 },
      });
      await client.publish(topic('b/x'), 'own');
      await publisher.publish(topic('a/x'), 'new', { retain: true });
      expect(await client.next()).toMatchObject({
        payload: 'new',
        retain: true,
        properties: { subscriptionIdentifier: 300 },
      });
      await client.mqtt.subscribeAsync(topic('a/+'), { qos: 1, rh: 0 });
      expect(await client.next()).toMatchObject({ payload: 'new', retain: true });
      await Promise.all([client.end(), publisher.end()]);
    });

    ifSpoken('shares the messages of a group, also with clients of 3.1.1', async () => {
      const members = [await connect5(), await connect()];
      for (const member of members)
        expect(await member.subscribe(`$share/g/${topic('+/jobs')}`)).toEqual([1]);
      const publisher = await connect();
      for (let n = 0; n < 20; n += 1) await publisher.publish(topic('a/jobs'), String(n));
      for (const member of members) await member.subscribe(topic('end'));
      await publisher.publish(topic('end'), 'end');
      const [one, two] = await Promise.all(members.map((member) => member.until('end')));
      expect(one!.length).toBeGreaterThan(0);
      expect(two!.length).toBeGreaterThan(0);
      expect([...one!, ...two!].map(({ payload }) => Number(payload)).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, n) => n),
      );
      await Promise.all([...members, publisher].map((client) => client.end()));
    });

    ifSpoken('sends no more than the client’s receive maximum, and no topic aliases unasked', async () => {
      const slow = await RawClient.connect(engine(), {
        ...identity(),
        protocolVersion: 5,
        properties: { receiveMaximum: 2 },
      });
      await slow.subscribe(topic('#'), 1);
      const publisher = await connect();
      for (const payload of ['1', '2', '3']) await publisher.publish(topic('a/x'), payload);
      const first = await slow.expect('publish');
      const second = await slow.expect('publish');
      expect([first, second].map(({ topic }) => topic)).toEqual([topic('a/x'), topic('a/x')]);
      // Its answer comes behind whatever was sent before.
      slow.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: [topic('none')] });
      await slow.expect('unsuback');
      slow.send({ cmd: 'puback', messageId: first.messageId!, reasonCode: 0 });
      expect(await slow.expect('publish')).toMatchObject({ topic: topic('a/x'), payload: Buffer.from('3') });
      await Promise.all([slow.cut(), publisher.end()]);
    });

    ifSpoken('knows the topic aliases that it allows', async () => {
      const subscriber = await connect();
      await subscriber.subscribe(topic('#'));
      const client = await RawClient.connect(engine(), { ...identity(), protocolVersion: 5 });
      expect(client.connack!.properties!.topicAliasMaximum).toBeGreaterThan(0);
      const properties = { topicAlias: 1 };
      const publish = { cmd: 'publish', qos: 1, retain: false, dup: false, properties } as const;
      client.send({ ...publish, messageId: 1, topic: topic('a/x'), payload: 'one' });
      client.send({ ...publish, messageId: 2, topic: '', payload: 'two' });
      expect(await subscriber.take(2)).toMatchObject([
        { topic: topic('a/x'), payload: 'one' },
        { topic: topic('a/x'), payload: 'two' },
      ]);
      await Promise.all([subscriber.end(), client.cut()]);
    });

    ifSpoken(
      'says in PUBACK that nobody is subscribed, and lets the newer of two with one client id stay',
      async () => {
        const who = { ...identity(), protocolVersion: 5 } as const;
        const first = await RawClient.connect(engine(), who);
        const publish = { cmd: 'publish', qos: 1, retain: false, dup: false, payload: 'x' } as const;
        first.send({ ...publish, messageId: 1, topic: topic('nobody/x') });
        expect(await first.expect('puback')).toMatchObject({ reasonCode: 0x10 });
        const second = await RawClient.connect(engine(), who);
        await first.closed;
        await second.cut();
      },
    );
  });
}
