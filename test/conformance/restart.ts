import { beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from './client.ts';
import type { Conformance, ConformanceTenant, RestartedHow } from './conformance.ts';

/** What is done before a restart; it returns what is to hold behind it. */
type Scene = (tenant: ConformanceTenant, how: RestartedHow) => Promise<() => Promise<void>>;

/** What survives a restart, and what does not. The scenes share one of each kind: a cluster takes its time. */
export function restartConformance(conformance: Conformance): void {
  const { can, restart, kill, another } = conformance;
  const scenes = scenesOf(conformance);

  describe.each(['stopped', 'killed'] as const)('a restart of the engine, %s', (how) => {
    let prepared: PromiseSettledResult<() => Promise<void>>[];
    beforeAll(async () => {
      prepared = await Promise.allSettled(Object.values(scenes).map((scene) => scene(another(), how)));
      await restart(how);
    }, 150_000);

    it.each(Object.keys(scenes).map((name, index) => [name, index] as const))('%s', async (_, index) => {
      const scene = prepared[index]!;
      if (scene.status === 'rejected') throw scene.reason;
      await scene.value();
    });
  });

  it('loses by SIGKILL what it acknowledged just before, if it writes later than it acknowledges', async () => {
    const killIt = kill();
    // Else the scenes of one that is killed are about the same.
    expect(killIt === undefined).toBe(can().keepsUnsaved);
    if (!killIt) return;
    const { topic, identity, connect } = another();
    const who = { ...identity(), clean: false };
    const before = await connect(who);
    await before.subscribe(topic('a/#'), 1);
    await before.end();
    await killIt();
    const after = await connect(who);
    expect(after.sessionPresent).toBe(false);
    await after.end();
  });
}

function scenesOf({ can, most, engine }: Conformance): Record<string, Scene> {
  return {
    async 'keeps retained messages, and that one was cleared'({ topic, connect }) {
      const publisher = await connect();
      const retain = { retain: true, qos: 1 as const };
      await publisher.publish(topic('a/status'), 'kept', retain);
      await publisher.publish(topic('a/cleared'), 'gone', retain);
      await publisher.publish(topic('a/cleared'), '', retain);
      return async () => {
        const subscriber = await connect();
        await subscriber.subscribe(topic('a/#'));
        await subscriber.publish(topic('a/x'), 'end');
        expect(await subscriber.until('end')).toMatchObject([{ payload: 'kept', retain: true }]);
        await subscriber.end();
      };
    },

    async 'keeps sessions with their subscriptions and queues'({ topic, identity, connect }) {
      const who = { ...identity(), clean: false };
      const before = await connect(who);
      await before.subscribe([topic('a/#'), topic('gone/#')], 2);
      await before.mqtt.unsubscribeAsync(topic('gone/#'));
      await before.end();
      const publisher = await connect();
      await publisher.publish(topic('a/x'), 'one', { qos: 1 });
      await publisher.publish(topic('a/x'), 'two', { qos: most() });
      await publisher.publish(topic('gone/x'), 'nobody’s', { qos: 1 });
      return async () => {
        expect(engine().wants(topic('a/y'))).toBe(true);
        const after = await connect(who);
        expect(after.sessionPresent).toBe(true);
        expect((await after.take(2)).map(({ payload }) => payload).sort()).toEqual(['one', 'two']);
        await after.publish(topic('a/x'), 'end');
        expect(await after.until('end')).toEqual([]);
        await after.end();
      };
    },

    async 'knows nothing more of a session that was purged'({ topic, identity, connect }) {
      const who = { ...identity(), clean: false };
      const first = await connect(who);
      await first.subscribe(topic('#'));
      const closed = first.closed();
      await engine().purge(who.clientId);
      await closed;
      const publisher = await connect();
      await publisher.publish(topic('a/x'), 'nobody’s');
      return async () => {
        const second = await connect(who);
        expect(second.sessionPresent).toBe(false);
        await second.subscribe(topic('b/x'));
        await second.publish(topic('b/x'), 'end');
        expect(await second.until('end')).toEqual([]);
        await second.end();
      };
    },

    /** Of one that is killed no will is known. */
    async 'publishes no wills by its stop, if it can be silent'({ topic, identity, connect }, how) {
      const who = { ...identity(), clean: false };
      const watcher = await connect(who);
      await watcher.subscribe(topic('#'));
      await watcher.end();
      const will = { topic: topic('a/status'), payload: Buffer.from('lost'), qos: 1, retain: true } as const;
      const device = await connect({ will });
      return async () => {
        const returned = await connect(who);
        await returned.publish(topic('a/x'), 'end');
        const isLoud = how === 'stopped' && !can().silentEnds;
        expect((await returned.until('end')).map(({ payload }) => payload)).toEqual(isLoud ? ['lost'] : []);
        await Promise.all([returned.end(), device.end()]);
      };
    },

    async 'knows a message of QoS 2 again, if there is QoS 2'({ topic, identity, connect }) {
      if (!can().qos2) return async () => expect(engine().maximumQoS).toBe(1);
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
      return async () => {
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
      };
    },

    async 'goes on with PUBREL where the client had said PUBREC, if there is QoS 2'({
      topic,
      identity,
      connect,
    }) {
      if (!can().qos2) return async () => expect(engine().maximumQoS).toBe(1);
      const who = { ...identity(), clean: false };
      const first = await RawClient.connect(engine(), who);
      await first.subscribe(topic('#'), 2);
      const publisher = await connect();
      await publisher.publish(topic('a/x'), 'once', { qos: 2 });
      const { messageId } = await first.expect('publish');
      first.send({ cmd: 'pubrec', messageId });
      await first.expect('pubrel');
      return async () => {
        const second = await RawClient.connect(engine(), who);
        expect(await second.expect('pubrel')).toMatchObject({ messageId });
        second.send({ cmd: 'pubcomp', messageId });
        await second.cut();
      };
    },
  };
}
