import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type CommandSender, commandSender } from '../../src/external/command-sender.ts';
import type { KnownIntegration } from '../../src/external/directory.ts';
import { guardedLookup } from '../../src/service/guard.ts';
import { silentLog as log } from '../../src/service/log.ts';
import { eventually } from '../support/eventually.ts';
import { knownIntegration, outgoing } from '../support/known-integration.ts';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';
import { scriptedBroker } from '../support/scripted-broker.ts';

/** Commands to brokers of customers that are down, or deaf. */

let broker: TestMosquitto;
beforeAll(async () => {
  broker = await startMosquitto();
});
afterAll(() => broker?.stop());

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function senderOf(integrations: KnownIntegration[]): CommandSender {
  const sender = commandSender({
    directory: { get: async (id) => integrations.find(({ stored }) => stored.id === id) },
    lookup: guardedLookup({ allowPrivate: true }),
    log,
    held: () => undefined,
  });
  ends.push(() => sender.stop());
  return sender;
}

test('down: further commands fail at once, and it is found again when it is up', async () => {
  const other = await startMosquitto();
  ends.push(() => other.stop());
  // So it confirms also what nobody is subscribed to.
  const plant = await knownIntegration({ url: other.url, protocol_version: '3.1.1' });
  const send = senderOf([plant]);
  await other.end();
  const away = {
    outcome: 'retry',
    reason: 'broker_away',
    detail: expect.stringMatching(/Nothing listens/),
  };
  expect(await send(outgoing(plant))).toMatchObject(away);
  await other.restart();
  // It is up, but nobody asks so soon.
  const started = performance.now();
  expect(await Promise.all([send(outgoing(plant)), send(outgoing(plant))])).toMatchObject([away, away]);
  expect(performance.now() - started).toBeLessThan(50);
  await eventually(async () => expect(await send(outgoing(plant))).toEqual({ outcome: 'published' }), 3000);
});

test('deaf: one that takes connections and never answers is given up in time, and holds up nobody', async () => {
  const deaf = await scriptedBroker(() => {});
  ends.push(() => deaf.close());
  const [dead, alive] = await Promise.all([
    knownIntegration({ url: `mqtt://127.0.0.1:${deaf.port}` }),
    knownIntegration({ url: broker.url, protocol_version: '3.1.1' }),
  ]);
  const send = senderOf([dead, alive]);
  const started = performance.now();
  const waiting = Promise.all(Array.from({ length: 50 }, () => send(outgoing(dead))));
  expect(await send(outgoing(alive))).toEqual({ outcome: 'published' });
  expect(performance.now() - started).toBeLessThan(1000);
  const sent = await waiting;
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(new Set(sent.map((one) => JSON.stringify(one))).size).toBe(1);
  expect(sent[0]).toMatchObject({
    outcome: 'retry',
    reason: 'broker_away',
    detail: expect.stringMatching(/did not answer in time/),
  });
  expect(deaf.received.map(({ cmd }) => cmd)).toEqual(['connect']);
});

test('deaf after CONNACK, or answering pings alone: is given up in time, and connected to anew', async () => {
  const givenUp = async (pongs: boolean, words: RegExp) => {
    let connects = 0;
    const deaf = await scriptedBroker((packet, send) => {
      if (packet.cmd === 'connect') send({ cmd: 'connack', sessionPresent: false, reasonCode: 0 });
      if (packet.cmd === 'connect') connects += 1;
      if (packet.cmd === 'pingreq' && pongs) send({ cmd: 'pingresp' });
      if (packet.cmd === 'publish' && connects > 1) send({ cmd: 'puback', messageId: packet.messageId! });
    });
    ends.push(() => deaf.close());
    const plant = await knownIntegration({ url: `mqtt://127.0.0.1:${deaf.port}` });
    const send = senderOf([plant]);
    const started = performance.now();
    expect(await send(outgoing(plant))).toMatchObject({
      outcome: 'retry',
      reason: 'broker_away',
      detail: expect.stringMatching(words),
    });
    expect(performance.now() - started).toBeLessThan(10_500);
    await eventually(async () => expect(await send(outgoing(plant))).toEqual({ outcome: 'published' }), 3000);
  };
  await Promise.all([givenUp(false, /silent for too long/), givenUp(true, /did not confirm/)]);
});

test('an organization with many of them keeps nobody else out', async () => {
  const deaf = await scriptedBroker(() => {});
  ends.push(() => deaf.close());
  const organizationId = randomUUID();
  const dead = await Promise.all(
    Array.from({ length: 21 }, () =>
      knownIntegration({ url: `mqtt://127.0.0.1:${deaf.port}` }, { organizationId }),
    ),
  );
  const alive = await knownIntegration({ url: broker.url, protocol_version: '3.1.1' });
  const send = senderOf([...dead, alive]);
  const all = dead.map((plant) => send(outgoing(plant)));
  expect(await all.at(-1)).toMatchObject({ outcome: 'retry', reason: 'broker_busy' });
  expect(await send(outgoing(alive))).toEqual({ outcome: 'published' });
  // What is under way comes to an end with the sender.
  await send.stop();
  for (const sent of await Promise.all(all.slice(0, 20))) expect(sent.outcome).toBe('retry');
});
