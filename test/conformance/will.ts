import { describe, expect, it } from 'vitest';
import type { Conformance } from './conformance.ts';

export function willConformance({ can, engine, topic, identity, connect }: Conformance): void {
  describe('last will', () => {
    const loud = () => (can().silentEnds ? [] : ['lost']);
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

    it('is not published after DISCONNECT, nor by a purge if the engine can be silent', async () => {
      const watcher = await connect();
      await watcher.subscribe(topic('#'));
      const polite = await connect({ will: will() });
      await polite.end();
      const who = identity();
      const revoked = await connect({ ...who, will: will() });
      const closed = revoked.closed();
      await engine().purge(who.clientId);
      await closed;
      await watcher.publish(topic('a/x'), 'end');
      expect((await watcher.until('end')).map(({ payload }) => payload)).toEqual(loud());
      await watcher.end();
    });
  });
}
