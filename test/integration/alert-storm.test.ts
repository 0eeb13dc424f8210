import { afterAll, beforeAll, expect, test } from 'vitest';
import { brokerDevice, createIntegration, statusOf } from '../support/external-broker.ts';
import { type MailServer, mailServer } from '../support/mail-server.ts';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { hangs, ok, type Receiver, receiver, status } from '../support/receiver.ts';

/** 5,000 devices of a customer's broker that are gone at once: with their broker, and by themselves. */

const DEVICES = 5000;
let platform: TestPlatform;
let broker: TestMosquitto;
let mail: MailServer;
let failing: Receiver;
let hanging: Receiver;
let at: string;

beforeAll(async () => {
  mail = await mailServer();
  failing = await receiver(status(500));
  hanging = await receiver(hangs);
  platform = await testPlatform({
    ALLOW_PRIVATE_NETWORKS: 'true',
    SECRET_KEY: Buffer.alloc(32, 5).toString('base64'),
    SMTP_URL: mail.url,
    SMTP_FROM: 'alerts@example.com',
  });
  at = `/api/v1/organizations/${platform.organizationId}`;
  broker = await startMosquitto({ settings: ['max_queued_messages 0', 'max_inflight_messages 0'] });
}, 60_000);
afterAll(async () => {
  await platform?.close();
  await broker?.stop();
  await Promise.all([mail?.close(), failing?.close(), hanging?.close()]);
});

const call = async (method: string, path: string, body?: unknown) => {
  const response = await platform.api(method, `${at}${path}`, body);
  const answer = response.status === 204 ? undefined : await response.json();
  if (response.status >= 300) throw new Error(JSON.stringify(answer));
  return answer as never as { id: string } & Record<string, never>;
};
const rows = async <Row>(sql: string, values: unknown[] = []): Promise<Row[]> =>
  (await platform.test.pool.query(sql, values)).rows;
const alerts = () =>
  rows<{ kind: string; state: string; count: number }>(
    `select r.condition ->> 'kind' as kind, a.state, count(*)::int from alerts a join alert_rules r on r.id = a.rule_id
      group by 1, 2 order by 1, 2`,
  );

/** As if it had been so for longer: nobody waits for minutes here. */
const minutesPass = (minutes: number) =>
  rows(
    `with status as (update integration_status set since = since - make_interval(mins => $1))
     update device_state set newest_recorded_at = newest_recorded_at - make_interval(mins => $1),
       last_message_at = last_message_at - make_interval(mins => $1)`,
    [minutes],
  );

test('a broker that is gone is one alert and one notification; its silent devices are told of together', {
  timeout: 120_000,
}, async () => {
  const hook = { kind: 'webhook', min_severity: 'info' };
  await call('POST', '/notification-channels', {
    name: 'Mail',
    kind: 'email',
    to: ['ann@example.com'],
  });
  await call('POST', '/notification-channels', { ...hook, name: 'Fails', url: failing.url });
  await call('POST', '/notification-channels', { ...hook, name: 'Hangs', url: hanging.url });
  const { id } = await createIntegration(platform, { mode: 'subscribe', broker: { url: broker.url } });
  await expect.poll(() => statusOf(platform, id), { timeout: 10_000 }).toMatchObject({ state: 'connected' });
  const sender = await brokerDevice(broker.url);
  await Promise.all(
    Array.from({ length: DEVICES }, (_, n) =>
      sender.publishAsync(`devices/pump-${n}/telemetry`, '{"rpm":1480}', { qos: 1 }),
    ),
  );
  await expect
    .poll(() => rows('select count(*)::int from device_state where newest_recorded_at is not null'), {
      timeout: 30_000,
    })
    .toEqual([{ count: DEVICES }]);
  await call('POST', '/alert-rules', { name: 'Silent', condition: { kind: 'no_data' }, for_seconds: 30 });
  await call('POST', '/alert-rules', { name: 'Gone', condition: { kind: 'offline' } });

  await broker.end();
  await expect.poll(() => statusOf(platform, id), { timeout: 10_000 }).toMatchObject({ state: 'retrying' });
  await minutesPass(30);
  await mail.has(1);
  expect(await alerts()).toEqual([{ kind: 'link_down', state: 'open', count: 1 }]);
  // Nothing is known of them: that they are offline is not claimed.
  await expect
    .poll(() => rows('select presence, count(*)::int from device_state group by 1'), { timeout: 15_000 })
    .toEqual([{ presence: 'unknown', count: DEVICES }]);
  expect(await alerts()).toEqual([{ kind: 'link_down', state: 'open', count: 1 }]);
  expect(mail.mails).toHaveLength(1);
  expect(mail.mails[0]!.text).toContain('Connection to broker is down');

  await broker.restart();
  await expect
    .poll(() => rows('select state from integration_status'), { timeout: 30_000 })
    .toEqual([{ state: 'connected' }]);
  await mail.has(2);
  expect(await alerts()).toEqual([{ kind: 'link_down', state: 'resolved', count: 1 }]);
  // They say nothing, though they have had their time, which would be five minutes.
  await minutesPass(30);
  await rows(
    `update device_state set presence = 'offline', presence_reason = 'silent', presence_since = now()`,
  );
  await expect
    .poll(() => rows(`select count(*)::int from alerts where state = 'open'`), { timeout: 30_000 })
    .toEqual([{ count: 2 * DEVICES }]);
  await mail.has(3);
  // Two rules, found one after the other: a few mails, and not thousands.
  expect(mail.mails.length).toBeLessThan(6);

  // Those that failed and hung get each of them at last, by its id.
  failing.answers = ok;
  hanging.answers = ok;
  await rows(`update notification_deliveries set next_try_at = now() where state = 'pending'`);
  await expect
    .poll(() => rows(`select state, count(*)::int from notification_deliveries group by 1`), {
      timeout: 60_000,
      interval: 500,
    })
    .toEqual([{ state: 'sent', count: expect.any(Number) }]);
  const ids = (all: Receiver) => new Set(all.received.map(({ headers }) => headers['webhook-id']));
  const sent = await rows<{ id: string; name: string }>(
    `select d.id, c.name from notification_deliveries d join notification_channels c on c.id = d.channel_id`,
  );
  for (const [name, all] of [
    ['Fails', failing],
    ['Hangs', hanging],
  ] as const)
    expect(ids(all)).toEqual(new Set(sent.filter((one) => one.name === name).map((one) => one.id)));
  await sender.endAsync(true);
});
