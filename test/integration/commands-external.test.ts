import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IPublishPacket, MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import {
  brokerDevice,
  createIntegration,
  statusOf,
  type TestIntegration,
} from '../support/external-broker.ts';
import { freePort, startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';

/** Commands to devices on a customer's Mosquitto, and their answers, by each way that messages come from it. */

type Way = 'subscribe' | 'webhook' | 'bridge';

let platform: TestPlatform;
let mosquitto: TestMosquitto;
let directory: string;
let device: MqttClient;
const integrations = {} as Record<Way, TestIntegration>;
/** What the devices at the broker were asked, and what they do about it. */
let heard: { topic: string; command: { id: string; on: boolean }; packet: IPublishPacket }[] = [];
let act: (topic: string, id: string, packet: IPublishPacket) => unknown = () => {};

beforeAll(async () => {
  platform = await testPlatform({ ALLOW_PRIVATE_NETWORKS: 'true' });
  const port = await freePort();
  for (const mode of ['subscribe', 'webhook', 'bridge'] as const) {
    integrations[mode] = await createIntegration(platform, {
      mode,
      name: mode,
      expected_topics: [`${mode}/+/telemetry`, `${mode}/+/responses`],
      commands: { topic: `${mode}/{device}/set`, payload: '{"id":"{{id}}","on":"{{params.on}}"}' },
      ...(mode !== 'bridge' && { broker: { url: `mqtt://127.0.0.1:${port}` } }),
    });
  }
  directory = await mkdtemp(join(tmpdir(), 'netneural-bridge-'));
  await chmod(directory, 0o755);
  await writeFile(join(directory, 'netneural.conf'), await bridgeFile());
  mosquitto = await startMosquitto({
    settings: [`include_dir ${directory}`, `listener ${port} 127.0.0.1`],
  });
  device = await brokerDevice(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5, clean: true });
  device.on('message', (topic, payload, packet) => {
    const command = JSON.parse(payload.toString());
    heard.push({ topic, command, packet });
    act(topic, command.id, packet);
  });
  await device.subscribeAsync('+/+/set', { qos: 1 });
  await eventually(async () => {
    expect(await statusOf(platform, integrations.subscribe.id)).toMatchObject({ state: 'connected' });
  }, 25_000);
});
afterAll(async () => {
  await device?.endAsync(true);
  await platform?.close();
  await mosquitto?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function bridgeFile(): Promise<string> {
  const { id, bridge } = integrations.bridge;
  const path = `/api/v1/organizations/${platform.organizationId}/integrations/${id}/setup`;
  const { items } = (await (await platform.api('GET', path)).json()) as {
    items: { broker: string; files: { name: string; text: string }[] }[];
  };
  const [guide] = items.filter(({ broker }) => broker === 'mosquitto');
  const { text } = guide!.files.find(({ name }) => name === 'bridge.conf')!;
  return text.replaceAll('<password>', bridge!.password);
}

/** Registers a device of the integration and asks something of it. @returns the command as the API has it */
async function asked(way: Way, name: string, waitSeconds: number): Promise<{ id: string; state: string }> {
  const { rows } = await platform.test.pool.query(
    `insert into devices (organization_id, integration_id, external_device_id, name) values ($1, $2, $3, $3)
     on conflict (organization_id, external_device_id) do update set name = excluded.name returning id`,
    [platform.organizationId, integrations[way].id, name],
  );
  const path = `/api/v1/organizations/${platform.organizationId}/devices/${rows[0].id}/commands`;
  const body = { name: 'power', params: { on: true }, wait_seconds: waitSeconds };
  const response = await platform.api('POST', path, body);
  if (response.status >= 300) throw new Error(await response.text());
  return (await response.json()) as { id: string; state: string };
}

const commandOf = async (id: string) =>
  (
    await platform.test.pool.query(
      'select state, reason, detail, result, attempts from device_commands where id = $1',
      [id],
    )
  ).rows[0];

const forCommands = (way: Way) =>
  mosquitto.log.filter(
    (line) => line.includes(`netneural-${integrations[way].id.slice(0, 8)}-commands`) && / as /.test(line),
  ).length;

it.each(['subscribe', 'webhook', 'bridge'] as const)('%s: goes there and is answered', async (way) => {
  heard = [];
  act = (topic, id) => {
    const answer = JSON.stringify({ id, status: 'succeeded', result: { now: 'on' } });
    const there = topic.replace('/set', '/responses');
    if (way !== 'webhook') return device.publishAsync(there, answer, { qos: 1 });
    // As its broker would.
    const { webhook_url, token } = integrations.webhook;
    return fetch(webhook_url!, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ topic: there, payload: answer }] }),
    });
  };
  const command = await asked(way, `${way}-1`, 20);
  expect(command).toMatchObject({ state: 'succeeded', result: { now: 'on' } });
  expect(heard.map(({ topic, command: { id, on } }) => ({ topic, id, on }))).toEqual([
    { topic: `${way}/${way}-1/set`, id: command.id, on: true },
  ]);
  // Over the connection that the subscription holds there is no need of another one.
  expect(forCommands(way)).toBe(way === 'webhook' ? 1 : 0);
});

it('a device that knows MQTT 5 and not our form answers by response topic and correlation data', async () => {
  act = (_topic, _id, { properties }) =>
    device.publishAsync(properties!.responseTopic!, '{"power":1}', {
      qos: 1,
      properties: { correlationData: properties!.correlationData! },
    });
  const command = await asked('subscribe', 'plain-5', 20);
  expect(command).toMatchObject({ state: 'succeeded', result: { power: 1 } });
});

it('waits while the broker is away, and says why', async () => {
  act = () => {};
  await mosquitto.end();
  heard = [];
  const { id } = await asked('webhook', 'webhook-2', 0);
  await expect
    .poll(() => commandOf(id), { timeout: 8000 })
    .toMatchObject({
      state: 'queued',
      reason: 'broker_away',
      detail: expect.stringMatching(/Nothing listens on port/),
    });
  await mosquitto.restart();
  await expect
    .poll(() => commandOf(id), { timeout: 20_000 })
    .toMatchObject({ state: 'published', reason: null });
  expect((await commandOf(id)).attempts).toBeGreaterThan(1);
});
