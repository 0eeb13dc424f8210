import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { connectPacket, publishPacket, RawClient } from '../support/raw-client.ts';
import { firstTenant, otherTenant, type Tenant } from '../support/tenant.ts';

/** What organization A's clients may say, in publishes and wills, and as whom. Nothing of it reaches B. */

let platform: TestPlatform;
let a: Tenant;
let b: Tenant;
let credentials: Record<'organization' | 'device', Credential>;
let credentialOfB: Credential;
let listener: RawClient;

beforeAll(async () => {
  platform = await testPlatform();
  a = await firstTenant(platform);
  b = await otherTenant(platform);
  credentials = { organization: await a.credential(), device: await a.credential('own') };
  credentialOfB = await b.credential();
  listener = await RawClient.connect(platform.mqttUrl, credentialOfB, { clientId: 'listener' });
  expect(await listener.subscribe([b.topic('#', '').slice(0, -1)])).toEqual([1]);
});
afterAll(() => platform.close());

const whose = ['organization', 'device'] as const;
const topics: { topic: string; organization?: 'granted'; device?: 'granted' }[] = [
  { topic: 'org_{B}/devices/theirs/telemetry' },
  { topic: 'org_{B}/devices/own/telemetry' },
  { topic: 'org_{B}/devices/theirs/commands' },
  { topic: '/org_{B}/devices/theirs/telemetry' },
  { topic: '$SYS/broker/uptime' },
  { topic: '$share/g/org_{B}/devices/theirs/telemetry' },
  { topic: 'anything' },
  { topic: '/' },
  { topic: 'org_{A}' },
  { topic: 'org_{A}/devices' },
  { topic: 'org_{A}/devices//telemetry' },
  { topic: 'org_{A}/elsewhere/own/telemetry' },
  { topic: 'org_{A}/../org_{B}/devices/theirs/telemetry' },
  { topic: 'org_{A}/devices/own/commands', organization: 'granted' },
  { topic: 'org_{A}/devices/own/commands/reboot', organization: 'granted' },
  { topic: 'org_{A}/devices/other/telemetry', organization: 'granted' },
  { topic: 'org_{A}/devices/own/telemetry', organization: 'granted', device: 'granted' },
  { topic: 'org_{A}/devices/own/telemetry/a/b', organization: 'granted', device: 'granted' },
  { topic: 'org_{A}/devices/own/anything', organization: 'granted', device: 'granted' },
];
const named = (text: string) => text.replaceAll('{A}', a.organizationId).replaceAll('{B}', b.organizationId);

/** Everything that the broker could have put there for B. */
async function tracesInB(): Promise<unknown[]> {
  const tables = [
    'devices',
    'device_telemetry_history',
    'message_quarantine',
    'message_receipts',
    'integration_traffic',
  ];
  const found = tables.map(async (table) => {
    const [row] = await b.rows(`select count(*)::int from ${table} where organization_id = $1`);
    return [table, row!.count];
  });
  return (await Promise.all(found)).filter(([, count]) => count !== 0);
}

describe.each(whose)('with a credential of the %s', (kind) => {
  test.each(topics)('a publish on $topic', async (row) => {
    for (const qos of [0, 1, 2] as const) {
      const client = await RawClient.connect(platform.mqttUrl, credentials[kind], { clientId: 'speaker' });
      client.send(publishPacket(named(row.topic), '1', { qos, messageId: 5, retain: true }), {
        cmd: 'pingreq',
      });
      if (row[kind] === 'granted') {
        await client.expect('pingresp');
        if (qos > 0) await client.expect(qos === 1 ? 'puback' : 'pubrec');
        await client.end();
      } else {
        await client.closed;
        expect(client.packets).toEqual([]);
      }
    }
  });

  test.each(topics)('a will on $topic', async (row) => {
    const client = new RawClient(platform.mqttUrl);
    const will = { topic: named(row.topic), payload: Buffer.from('offline'), qos: 1, retain: true } as const;
    client.send(connectPacket(credentials[kind], { will }));
    expect(await client.expect('connack')).toMatchObject({ returnCode: row[kind] === 'granted' ? 0 : 5 });
    if (row[kind] === 'granted') await client.end();
    await client.closed;
  });
});

test('refusals are recorded, with their topic, where the owner sees them', async () => {
  const refused = topics.flatMap((row) =>
    whose.filter((kind) => row[kind] !== 'granted').map(() => named(row.topic)),
  );
  await eventually(async () => {
    const recorded = await a.rows<{ event: string; reason: string; topic: string }>(
      `select event, reason, topic from integration_activity_log
        where organization_id = $1 and event in ('publish_refused', 'connect_refused')`,
    );
    const publishes = recorded.filter(({ event }) => event === 'publish_refused');
    expect(publishes.map(({ topic }) => topic).sort()).toEqual([...refused, ...refused, ...refused].sort());
    expect(new Set(publishes.map(({ reason }) => reason))).toEqual(new Set(['topic_not_granted']));
    const wills = recorded.filter(({ reason }) => reason === 'will_not_granted');
    expect(wills.map(({ topic }) => topic).sort()).toEqual([...refused].sort());
  });
  const [traffic] = await a.rows<{ rejected: number }>(
    'select sum(rejected)::int as rejected from integration_traffic where organization_id = $1',
  );
  expect(traffic!.rejected).toBe(3 * refused.length);
  const [receipts] = await a.rows(
    `select count(*)::int from message_receipts where organization_id = $1 and outcome = 'rejected'`,
  );
  expect(receipts!.count).toBe(Math.min(100, 3 * refused.length));
});

test('nothing of it has reached B', async () => {
  expect(await tracesInB()).toEqual([]);
  const ofB = await RawClient.connect(platform.mqttUrl, credentialOfB);
  await ofB.publish(b.topic('theirs'), '{"own":1}');
  expect(await listener.expect('publish')).toMatchObject({ topic: b.topic('theirs') });
  expect(listener.packets).toEqual([]);
  const later = await RawClient.connect(platform.mqttUrl, credentialOfB);
  await later.subscribe([b.topic('#', '').slice(0, -1)]);
  await later.ping();
  expect(later.packets).toEqual([]);
});
