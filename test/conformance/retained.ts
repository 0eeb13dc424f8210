import { describe, expect, it } from 'vitest';
import type { Conformance } from './conformance.ts';

export function retainedConformance({ topic, identity, connect }: Conformance): void {
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
  });
}
