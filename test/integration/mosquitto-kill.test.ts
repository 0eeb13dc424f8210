import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { commandOf } from '../../src/service/program/processes.ts';
import { Device } from '../soak/device.ts';
import { Fleet } from '../soak/fleet.ts';
import { createCredential, type Place, type Run, standalonePlace, start, stop } from '../soak/standalone.ts';
import { eventually } from '../support/eventually.ts';

/** ENGINE=mosquitto, with one or the other killed or stopped. */

let place: Place | undefined;
let running: Run | undefined;

afterEach(async () => {
  if (running) await stop(running);
  await place?.remove();
  running = place = undefined;
});

async function mosquittoPid({ dataDir }: Place): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'mosquitto/mosquitto.pid'), 'utf8'), 10);
}

test('Mosquitto killed in the middle of QoS 1 messages: each that is acknowledged is stored once', {
  timeout: 60_000,
}, async () => {
  place = await standalonePlace({ ENGINE: 'mosquitto' });
  running = await start(place);
  const credential = await createCredential(place);
  const [messages, clients, kills] = [6000, 20, 3];
  const fleet = new Fleet({ place, credential, clients, messages, rate: 4000 });
  await fleet.connected;
  const published = fleet.publish();
  for (let count = 0; count < kills; count += 1) {
    await fleet.acknowledged(Math.floor(((count + 0.5) * messages) / kills));
    await delay(Math.random() * 20);
    const killed = await mosquittoPid(place);
    process.kill(killed, 'SIGKILL');
    await eventually(async () => expect(await mosquittoPid(place!)).not.toBe(killed));
    await fleet.acknowledged(Math.min(fleet.acknowledgements.length + 1, messages));
  }
  await published;
  expect(await fleet.differences()).toEqual([]);
  // Else it was not in the middle of anything.
  expect(fleet.counts.resent).toBeGreaterThan(0);
  expect(fleet.counts.disconnects).toBeGreaterThanOrEqual(clients);
  await fleet.end();
});

test('the platform killed: the Mosquitto that it leaves is stopped, and another goes on with what it had', {
  timeout: 60_000,
}, async () => {
  place = await standalonePlace({ ENGINE: 'mosquitto' });
  const first = await start(place);
  const { username, password, organizationId } = await createCredential(place);
  const topic = `org_${organizationId}/devices/a/status`;
  const options = { port: place.mqttPort, username, password };
  const device = new Device({ ...options, clientId: 'a' });
  await (await device.publish(topic, 'online', true)).acknowledged;
  const left = await mosquittoPid(place);
  first.child.kill('SIGKILL');
  await first.exited;
  expect(commandOf(left)).toContain(place.dataDir);

  running = await start(place);
  expect(running.output()).toContain('Mosquitto was left running');
  expect(commandOf(left)).not.toContain(place.dataDir);
  const now = await mosquittoPid(place);
  expect(now).not.toBe(left);
  const heard = Promise.withResolvers<string>();
  const listener = new Device({
    ...options,
    clientId: 'b',
    subscribe: [topic],
    onMessage: (_topic, payload, retained) => retained && heard.resolve(String(payload)),
  });
  expect(await heard.promise).toBe('online');
  await Promise.all([device.end(), listener.end()]);

  await stop(running);
  running = undefined;
  expect(commandOf(now)).not.toContain(place.dataDir);
});

test('the platform stopped: wills are not said, and what is kept is there again', {
  timeout: 60_000,
}, async () => {
  place = await standalonePlace({ ENGINE: 'mosquitto' });
  running = await start(place);
  const { username, password, organizationId } = await createCredential(place);
  const prefix = `org_${organizationId}/devices`;
  const options = { port: place.mqttPort, username, password };
  const heard: string[] = [];
  const all = Promise.withResolvers<void>();
  const listen = () =>
    new Device({
      ...options,
      clientId: 'listener',
      subscribe: [`${prefix}/#`],
      onMessage(_topic, payload) {
        heard.push(String(payload));
        if (String(payload) === 'end') all.resolve();
      },
    });
  const listener = listen();
  await listener.subscribed;
  await listener.end();
  const devices = Array.from({ length: 50 }, (_, n) => {
    const will = { topic: `${prefix}/${n}/status`, payload: 'offline', retain: true };
    return new Device({ ...options, clientId: `device-${n}`, will, comesBack: false });
  });
  await Promise.all(devices.map((device) => device.connected));
  await (await devices[0]!.publish(`${prefix}/0/x`, 'kept')).acknowledged;
  await stop(running);

  running = await start(place);
  const back = listen();
  await back.connected;
  await (await back.publish(`${prefix}/0/x`, 'end')).acknowledged;
  await all.promise;
  expect(heard).toEqual(['kept', 'end']);
  await back.end();
});
