import { describe, expect, it } from 'vitest';
import type { Conformance } from './conformance.ts';

export function qos2Conformance({ can, engine, topic, connect }: Conformance): void {
  describe('QoS 2', () => {
    /** A test of what an engine without it is never sent: of that one, that the gateway knows. */
    const ifThere = (name: string, run: () => Promise<void>) =>
      it(name, async () => {
        if (can().qos2) await run();
        else expect(engine().maximumQoS).toBe(1);
      });

    ifThere('arrives exactly once while both connections break again and again', async () => {
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
  });
}
