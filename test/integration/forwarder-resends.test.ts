import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Forwarder } from '../../src/external/forwarder.ts';
import { silentLog as log } from '../../src/service/log.ts';
import { createIntegration, telemetryOf } from '../support/external-broker.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { scriptedBroker } from '../support/scripted-broker.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform?.close());

it('what is posted again after a failure is not taken for what its packet id was used for before', async () => {
  const plant = await createIntegration(platform, {
    mode: 'forward',
    expected_topics: ['devices/+/telemetry'],
  });
  // As some brokers do, it uses the lowest packet id that is free; and the lamp is on, and on.
  let left = 2;
  const broker = await scriptedBroker((packet, send) => {
    if (packet.cmd === 'connect') send({ cmd: 'connack', returnCode: 0, sessionPresent: false });
    if (packet.cmd === 'subscribe') send({ cmd: 'suback', messageId: packet.messageId, granted: [1] });
    if ((packet.cmd === 'subscribe' || packet.cmd === 'puback') && left > 0) {
      left -= 1;
      const topic = 'devices/lamp/telemetry';
      send({ cmd: 'publish', topic, payload: '{"on":1}', qos: 1, messageId: 1, dup: false, retain: false });
    }
  }, 4);
  let posts = 0;
  const forwarder = new Forwarder({
    async open() {
      const socket = connect(broker.port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    },
    ...{
      protocolVersion: 4,
      clientId: 'forwarder',
      keepAliveSeconds: 60,
      subscriptions: ['devices/+/telemetry'],
    },
    ...{ webhookUrl: plant.webhook_url!, token: plant.token!, log },
    async fetch(url, init) {
      posts += 1;
      // The second is lost on its way there, and of the third, with the same message, the answer.
      if (posts === 2) throw new TypeError('fetch failed');
      const answer = await fetch(url, init);
      if (posts === 3) throw new TypeError('fetch failed');
      return answer;
    },
  });
  await forwarder.start();
  await expect.poll(() => forwarder.forwarded, { timeout: 10_000 }).toBe(2);
  await forwarder.stop();
  await broker.close();
  expect(posts).toBe(4);
  expect(await telemetryOf(platform, 'lamp')).toEqual([{ on: 1 }, { on: 1 }]);
});
