import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RawClient } from './client.ts';
import type { Conformance } from './conformance.ts';

export function tenantConformance({ can, engine, topic, identity, connect }: Conformance): void {
  describe('tenants', () => {
    it('reach nothing of another organization, by whatever topic or filter, if the engine can tell', async () => {
      const other = { clientId: `${randomUUID()}:x`, username: '' };
      other.username = `org_${other.clientId.slice(0, 36)}`;
      const owner = await connect();
      await owner.subscribe(topic('#'));
      await owner.publish(topic('a/status'), 'secret', { retain: true });
      expect((await owner.next()).payload).toBe('secret');

      const spy = await connect(other);
      const own = `${other.username}/devices/a`;
      // Of all organizations of this suite there is too much to be read.
      const all = can().keepsApart ? ['#', '+/devices/#'] : [];
      for (const filter of [...all, topic('#'), topic('a/status'), '$SYS/#', `$share/g/${topic('#')}`]) {
        await spy.subscribe(filter).catch(() => {});
      }
      await spy.subscribe(`${other.username}/devices/#`);
      await owner.publish(topic('a/telemetry'), 'secret too');
      await owner.next();
      await spy.publish(own, 'end');
      const seen = (await spy.until('end')).map(({ payload }) => payload);
      expect(new Set(seen)).toEqual(new Set(can().keepsApart ? [] : ['secret', 'secret too']));

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
      const forged = (await owner.until('end')).map(({ payload }) => payload);
      expect(new Set(forged)).toEqual(new Set(can().keepsApart ? [] : ['forged']));
      await Promise.all([owner.end(), spy.end()]);
    });

    it('are held up by nobody who does not read', async () => {
      const stuck = await RawClient.connect(engine(), identity());
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
}
