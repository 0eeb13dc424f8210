import mqtt from 'mqtt';
import type { TestPlatform } from './platform.ts';

/** What a test needs of an integration of a customer's own broker. */
export interface TestIntegration {
  id: string;
  webhook_url: string | null;
  token: string | null;
  bridge: { username: string; password: string } | null;
}

interface Status {
  state: string;
  reason: string | null;
  detail: string;
  next_try_at: string | null;
}

/** @throws what the API says */
export async function createIntegration(platform: TestPlatform, settings: object): Promise<TestIntegration> {
  const body = { name: 'Plant', expected_topics: ['devices/+/telemetry', 'devices/+/status'], ...settings };
  const path = `/api/v1/organizations/${platform.organizationId}/integrations`;
  const response = await platform.api('POST', path, body);
  if (response.status !== 201) throw new Error(await response.text());
  return (await response.json()) as TestIntegration;
}

export async function changeIntegration(platform: TestPlatform, id: string, change: object): Promise<void> {
  const path = `/api/v1/organizations/${platform.organizationId}/integrations/${id}`;
  const response = await platform.api('PATCH', path, change);
  if (response.status !== 200) throw new Error(await response.text());
}

export async function statusOf(platform: TestPlatform, id: string): Promise<Status> {
  const path = `/api/v1/organizations/${platform.organizationId}/integrations/${id}`;
  return ((await (await platform.api('GET', path)).json()) as { status: Status }).status;
}

/** Telemetry of a device, in the order of arrival. */
export async function telemetryOf({ test }: Pick<TestPlatform, 'test'>, device: string): Promise<object[]> {
  const { rows } = await test.pool.query(
    `select h.telemetry from device_telemetry_history h join devices d on d.id = h.device_id
      where d.external_device_id = $1 order by h.received_at`,
    [device],
  );
  return rows.map(({ telemetry }) => telemetry as object);
}

/** A device on a customer's broker, which publishes until each message is acknowledged, whatever happens to it. */
export async function brokerDevice(url: string, options: mqtt.IClientOptions = {}) {
  const client = await mqtt.connectAsync(url, {
    protocolVersion: 4,
    reconnectPeriod: 50,
    clean: false,
    clientId: `device-${Math.random().toString(16).slice(2)}`,
    ...options,
  });
  client.on('error', () => {});
  return client;
}
