import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { publishPacket, RawClient } from '../support/raw-client.ts';
import { firstTenant, otherTenant, type Tenant } from '../support/tenant.ts';

/** What organization A's clients may hear: each filter as data, asked for with both kinds of credential. */

let platform: TestPlatform;
let a: Tenant;
let b: Tenant;
let credentials: Record<'organization' | 'device', Credential>;
let ofB: RawClient;

beforeAll(async () => {
  platform = await testPlatform();
  a = await firstTenant(platform);
  b = await otherTenant(platform);
  credentials = { organization: await a.credential(), device: await a.credential('own') };
  ofB = await RawClient.connect(platform.mqttUrl, await b.credential());
  ofB.send(publishPacket(b.topic('theirs', 'status'), 'online', { retain: true }));
  await ofB.expect('puback');
});
afterAll(() => platform.close());

const REFUSED = 0x80;
const whose = ['organization', 'device'] as const;

/** Where `{A}` and `{B}` stand for the organizations' ids. `device`: a credential of the device `own`. */
const filters: { filter: string; organization?: 'granted'; device?: 'granted' }[] = [
  { filter: '#' },
  { filter: '+' },
  { filter: '+/#' },
  { filter: '/#' },
  { filter: '+/+/+/+' },
  { filter: '+/devices/#' },
  { filter: '+/devices/own/telemetry' },
  { filter: '$SYS/#' },
  { filter: '$SYS/broker/clients/connected' },
  { filter: '$share/g/#' },
  { filter: '$share/g/+/devices/#' },
  { filter: '$share/g/org_{B}/devices/#' },
  { filter: '$share/g/$SYS/#' },
  { filter: '$share//org_{A}/devices/#' },
  { filter: '$share/org_{A}/devices/#' },
  { filter: '$queue/org_{B}/devices/#' },
  { filter: '$exclusive/org_{B}/devices/#' },
  { filter: 'org_{B}' },
  { filter: 'org_{B}/#' },
  { filter: 'org_{B}/devices/#' },
  { filter: 'org_{B}/devices/+/status' },
  { filter: 'org_{B}/devices/theirs/status' },
  { filter: '/org_{B}/devices/#' },
  { filter: 'org_{A}' },
  { filter: 'org_{A}/#' },
  { filter: 'org_{A}/+' },
  { filter: 'org_{A}/+/own/telemetry' },
  { filter: 'org_{A}/../org_{B}/devices/#' },
  { filter: 'org_+/devices/#' },
  { filter: 'ORG_{A}/devices/#' },
  { filter: 'org_{A}/devices/#/status' },
  { filter: 'org_{A}/devices/#', organization: 'granted' },
  { filter: 'org_{A}/devices/+/telemetry', organization: 'granted' },
  { filter: 'org_{A}/devices/other/telemetry', organization: 'granted' },
  { filter: 'org_{A}/devices/ow+/telemetry' },
  { filter: 'org_{A}/devices/own1/#', organization: 'granted' },
  { filter: 'org_{A}/devices/own/#', organization: 'granted', device: 'granted' },
  { filter: 'org_{A}/devices/own/commands', organization: 'granted', device: 'granted' },
];
const named = (filter: string) =>
  filter.replaceAll('{A}', a.organizationId).replaceAll('{B}', b.organizationId);

describe.each(whose)('with a credential of the %s', (kind) => {
  test.each(filters)('$filter', async (row) => {
    const client = await RawClient.connect(platform.mqttUrl, credentials[kind]);
    expect(await client.subscribe([named(row.filter)])).toEqual([row[kind] === 'granted' ? 1 : REFUSED]);
    await client.end();
  });

  test('all in one SUBSCRIBE: each code in its place, and nothing refused is delivered, now or after a reconnect', async () => {
    const session = { clientId: `mixed-${kind}`, clean: false };
    const before = await RawClient.connect(platform.mqttUrl, credentials[kind], session);
    const codes = await before.subscribe(filters.map(({ filter }) => named(filter)));
    expect(codes).toEqual(filters.map((row) => (row[kind] === 'granted' ? 1 : REFUSED)));
    const sendAll = async (sentinel: string) => {
      for (const qos of [0, 1, 2] as const) {
        ofB.send(publishPacket(b.topic('theirs'), '1', { qos, messageId: 10 + qos, retain: qos === 1 }));
      }
      await ofB.expect('puback');
      await ofB.expect('pubrec');
      ofB.send({ cmd: 'pubrel', messageId: 12 });
      await ofB.expect('pubcomp');
      const own = await RawClient.connect(platform.mqttUrl, credentials.organization);
      await own.publish(a.topic('own'), sentinel);
      await own.end();
    };
    await sendAll('1');
    expect(await before.expect('publish')).toMatchObject({ topic: a.topic('own') });
    await before.cut();
    await sendAll('2');

    const after = await RawClient.connect(platform.mqttUrl, credentials[kind], session);
    await sendAll('3');
    const topics = new Set<string>();
    for (let last = ''; last !== '3'; ) {
      const { topic, payload } = await after.expect('publish');
      topics.add(topic);
      last = payload.toString();
    }
    await after.ping();
    expect([...topics]).toEqual([a.topic('own')]);
    expect(after.packets).toEqual([]);
    await after.end();
  });
});

test('a refused filter is in the activity log of its own organization, and only there', async () => {
  const client = await RawClient.connect(platform.mqttUrl, credentials.device, { clientId: 'curious' });
  await client.subscribe([named('org_{B}/devices/#')]);
  await client.end();
  await expect
    .poll(() =>
      a.rows(`select topic from integration_activity_log where organization_id = $1
        and event = 'subscribe_refused' and client_id = 'curious'`),
    )
    .toEqual([{ topic: named('org_{B}/devices/#') }]);
  expect(
    await b.rows(
      `select from integration_activity_log where organization_id = $1 and event = 'subscribe_refused'`,
    ),
  ).toEqual([]);
});
