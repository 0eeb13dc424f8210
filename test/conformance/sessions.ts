import { describe, expect, it } from 'vitest';
import { RawClient } from './client.ts';
import type { Conformance } from './conformance.ts';

export function sessionConformance({ most, engine, topic, identity, connect }: Conformance): void {
  describe('sessions', () => {
    it('queue QoS 1 and 2 while their client is away, in order', async () => {
      const who = { ...identity(), clean: false };
      const first = await connect(who);
      expect(first.sessionPresent).toBe(false);
      await first.subscribe(topic('#'), 2);
      await first.end();
      const publisher = await connect();
      for (let n = 0; n < 50; n += 1)
        await publisher.publish(topic('a/x'), String(n), { qos: n % 2 ? most() : 1 });
      const second = await connect(who);
      expect(second.sessionPresent).toBe(true);
      const received = await second.take(50);
      for (const odd of [0, 1]) {
        const some = received.filter(({ payload }) => Number(payload) % 2 === odd);
        expect(some.map(({ payload, qos }) => [Number(payload), qos])).toEqual(
          Array.from({ length: 25 }, (_, n) => [n * 2 + odd, odd ? most() : 1]),
        );
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

    it('send again with DUP and the same packet id what was not acknowledged', async () => {
      const who = { ...identity(), clean: false };
      const first = await RawClient.connect(engine(), who);
      await first.subscribe(topic('#'), 2);
      const publisher = await connect();
      await publisher.publish(topic('a/x'), 'one', { qos: 1 });
      await publisher.publish(topic('a/x'), 'two', { qos: most() });
      const sent = [await first.expect('publish'), await first.expect('publish')];
      await first.cut();
      const second = await RawClient.connect(engine(), who);
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
      await engine().purge(who.clientId);
      await closed;
      const publisher = await connect();
      await publisher.publish(topic('a/x'), 'nobody’s');
      const second = await connect(who);
      expect(second.sessionPresent).toBe(false);
      await second.subscribe(topic('b/x'));
      await second.publish(topic('b/x'), 'end');
      expect(await second.until('end')).toEqual([]);
      await second.end();
    });
  });
}
