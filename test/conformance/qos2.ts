import { describe, expect, it } from 'vitest';
import { RawClient } from './client.ts';
import type { Conformance } from './conformance.ts';

export function qos2Conformance({ engine, restart, topic, identity, connect }: Conformance): void {
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
      const first = await RawClient.connect(engine(), who);
      first.send({ ...message, dup: false });
      await first.expect('pubrec');
      await restart(how);
      const second = await RawClient.connect(engine(), who);
      second.send({ ...message, dup: true });
      await second.expect('pubrec');
      second.send({ cmd: 'pubrel', messageId: 7 });
      await second.expect('pubcomp');
      // Released: the same packet id is another message now, even if it looks the same.
      second.send({ ...message, dup: false });
      await second.expect('pubrec');
      second.send({ cmd: 'pubrel', messageId: 7 });
      await second.expect('pubcomp');
      const after = await connect(reader);
      await after.publish(topic('a/x'), 'end', { qos: 2 });
      expect((await after.until('end')).map(({ payload }) => payload)).toEqual(['once', 'once']);
      await Promise.all([after.end(), second.cut()]);
    });

    it('goes on with PUBREL where the client had said PUBREC', async () => {
      const who = { ...identity(), clean: false };
      const first = await RawClient.connect(engine(), who);
      await first.subscribe(topic('#'), 2);
      const publisher = await connect();
      await publisher.publish(topic('a/x'), 'once', { qos: 2 });
      const { messageId } = await first.expect('publish');
      first.send({ cmd: 'pubrec', messageId });
      await first.expect('pubrel');
      await restart('killed');
      const second = await RawClient.connect(engine(), who);
      expect(await second.expect('pubrel')).toMatchObject({ messageId });
      second.send({ cmd: 'pubcomp', messageId });
      await second.cut();
    });
  });
}
