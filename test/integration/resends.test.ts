import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { RawClient } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

let platform: TestPlatform;
let tenant: Tenant;

beforeAll(async () => {
  platform = await testPlatform();
  tenant = await firstTenant(platform);
});
afterAll(() => platform.close());

/** What a device's messages have become: readings, and messages in quarantine. */
async function rowsOf(device: string): Promise<{ readings: number; quarantined: number }> {
  const [counts] = await tenant.rows<{ readings: number; quarantined: number }>(
    `select (select count(*)::int from device_telemetry_history h join devices d on d.id = h.device_id
              where d.organization_id = $1 and d.external_device_id = $2) as readings,
            (select count(*)::int from message_quarantine
              where organization_id = $1 and external_device_id = $2) as quarantined`,
    [device],
  );
  return counts!;
}

/** Publishes in one connection and, as if the answer had been lost, again with DUP in the next. */
async function resend(device: string, first: string, again = first, dup = true): Promise<void> {
  const credential = await tenant.credential();
  const topic = tenant.topic(device);
  for (const [payload, isAgain] of [
    [first, false],
    [again, dup],
  ] as const) {
    const client = await RawClient.connect(platform.mqttUrl, credential, { clientId: device, clean: false });
    await client.publish(topic, payload, { messageId: 7, dup: isAgain });
    await client.cut();
  }
}

describe('a resend is stored once', () => {
  test.each([
    ['untimed', '{"n":1}', { readings: 1, quarantined: 0 }],
    ['timed', `{"ts":${Date.now()},"n":1}`, { readings: 1, quarantined: 0 }],
    ['half-timed', `[{"ts":${Date.now()},"n":1},{"n":2}]`, { readings: 2, quarantined: 0 }],
    ['broken', '{"n":', { readings: 0, quarantined: 1 }],
  ])('%s', async (device, payload, expected) => {
    await resend(device, payload);
    expect(await rowsOf(device)).toEqual(expected);
  });

  test('with a time that was too far ahead at first and is believed by then', async () => {
    const ahead = Date.now() + 600_000 + 1000;
    const payload = JSON.stringify({ ts: ahead, n: 1 });
    const credential = await tenant.credential();
    const send = async (dup: boolean) => {
      const options = { clientId: 'ahead', clean: false };
      const client = await RawClient.connect(platform.mqttUrl, credential, options);
      await client.publish(tenant.topic('ahead'), payload, { messageId: 7, dup });
      await client.end();
    };
    await send(false);
    await new Promise((resolve) => setTimeout(resolve, ahead - 600_000 - Date.now() + 50));
    await send(true);
    expect(await rowsOf('ahead')).toEqual({ readings: 1, quarantined: 0 });
  });

  test('of a device that may not be registered, with a time of its own', async () => {
    await tenant.rows('update device_integrations set auto_register = false where organization_id = $1');
    await resend('refused', `{"ts":${Date.now()},"n":1}`);
    await tenant.rows('update device_integrations set auto_register = true where organization_id = $1');
    expect(await rowsOf('refused')).toEqual({ readings: 0, quarantined: 1 });
  });
});

describe('what is no resend is stored', () => {
  test.each([
    ['without-dup', '{"n":1}', '{"n":1}', false],
    ['other-payload', '{"n":1}', '{"n":2}', true],
  ])('%s', async (device, first, second, dup) => {
    await resend(device, first, second, dup);
    expect(await rowsOf(device)).toEqual({ readings: 2, quarantined: 0 });
  });
});
