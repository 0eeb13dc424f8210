import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { startNatsCluster } from '../support/nats-cluster.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { connectPacket, publishPacket, RawClient } from '../support/raw-client.ts';
import { firstTenant, otherTenant, type Tenant } from '../support/tenant.ts';

/**
 * What one organization has been seen to take from another at brokers that were left to themselves, tried through the
 * gateway before each engine. What the gateway grants is in the files beside this.
 */

const engines: [string, () => Promise<{ url: string; stop(): Promise<void> }>][] = [
  ['embedded', async () => ({ url: 'embedded', async stop() {} })],
  ['Mosquitto, which believes everybody', () => startMosquitto()],
  ['a cluster of NATS, which keeps nobody apart', () => startNatsCluster()],
];

describe.each(engines)('before %s', (_, startEngine) => {
  let engine: { url: string; stop(): Promise<void> };
  let platform: TestPlatform;
  let a: Tenant;
  let b: Tenant;

  beforeAll(async () => {
    engine = await startEngine();
    platform = await testPlatform({ ENGINE: engine.url });
    a = await firstTenant(platform);
    b = await otherTenant(platform);
  });
  afterAll(async () => {
    await platform.close();
    await engine.stop();
  });

  const everything = (of: Tenant) => of.topic('#', '').slice(0, -1);
  // A cluster with much to do lets in and subscribes at the second try.
  const open = async (of: Tenant, options: Parameters<typeof RawClient.connect>[2] = {}) => {
    const credential = await of.credential();
    return eventually(() => RawClient.connect(platform.mqttUrl, credential, options), 15_000);
  };
  const subscribe = (client: RawClient, filter: string) =>
    eventually(async () => expect(await client.subscribe([filter])).toEqual([1]), 15_000);

  test('a client id brings neither the session of another’s client nor its end', async () => {
    const who = { clientId: 'meter', clean: false };
    const owner = await open(a, who);
    await subscribe(owner, everything(a));
    await owner.end();
    const speaker = await open(a);
    await speaker.publish(a.topic('x', 'note'), 'for the owner');
    for (const clientId of ['meter', `${a.organizationId}:meter`, `../${a.organizationId}:meter`]) {
      const thief = await open(b, { ...who, clientId });
      expect(thief.connack).toMatchObject({ sessionPresent: false });
      await subscribe(thief, b.topic('end', 'note'));
      await thief.publish(b.topic('end', 'note'), 'end');
      expect(await thief.expect('publish')).toMatchObject({ payload: Buffer.from('end') });
      await thief.end();
    }
    const back = await open(a, who);
    expect(back.connack).toMatchObject({ sessionPresent: true });
    expect(await back.expect('publish')).toMatchObject({ payload: Buffer.from('for the owner') });
    const thief = await open(b, who);
    await back.ping();
    await Promise.all([back, thief, speaker].map((client) => client.end()));
  });

  test('no filter brings another’s messages, retained or new, and none goes to a group that was joined', async () => {
    const owner = await open(a);
    await owner.publish(a.topic('x', 'status'), 'online', { retain: true });
    await subscribe(owner, everything(a));
    await owner.expect('publish');
    const thief = await open(b, { clientId: 'thief', clean: false });
    const filters = [
      ...['#', '+/devices/#', '$SYS/#', '$share/g/+/devices/#', '$share/g/#'],
      ...[everything(a), `$share/g/${everything(a)}`, a.topic('x', 'status'), a.topic('+', '+')],
    ];
    expect(await thief.subscribe(filters)).toEqual(filters.map(() => 0x80));
    for (let n = 0; n < 10; n += 1) {
      await owner.publish(a.topic('x', 'note'), String(n));
      expect(await owner.expect('publish')).toMatchObject({ payload: Buffer.from(String(n)) });
    }
    // Nor with the session, which an engine may have told of what was refused.
    await thief.cut();
    const back = await open(b, { clientId: 'thief', clean: false });
    await owner.publish(a.topic('x', 'note'), 'last');
    await subscribe(back, b.topic('end', 'note'));
    await back.publish(b.topic('end', 'note'), 'end');
    expect(await back.expect('publish')).toMatchObject({ payload: Buffer.from('end') });
    expect([...thief.packets, ...back.packets]).toEqual([]);
    await Promise.all([owner.end(), back.end()]);
  });

  test('nothing is said in another’s name, by a publish or a will', async () => {
    const owner = await open(a);
    await subscribe(owner, a.topic('+', 'commands'));
    const forged = publishPacket(a.topic('x', 'commands'), 'forged', { qos: 1, messageId: 3, retain: true });
    const speaker = await open(b);
    speaker.send(forged);
    await speaker.closed;
    const will = {
      topic: a.topic('x', 'commands'),
      payload: Buffer.from('forged'),
      qos: 1,
      retain: true,
    } as const;
    const dying = new RawClient(platform.mqttUrl);
    dying.send(connectPacket(await b.credential(), { will }));
    expect(await dying.expect('connack')).toMatchObject({ returnCode: 5 });
    await owner.publish(a.topic('y', 'commands'), 'own');
    expect(await owner.expect('publish')).toMatchObject({ payload: Buffer.from('own') });
    expect(owner.packets).toEqual([]);
    await owner.end();
  });

  test('a revoked credential leaves nothing behind that hears', async () => {
    const credential = await a.credential();
    const who = { clientId: 'revoked', clean: false };
    const client = await RawClient.connect(platform.mqttUrl, credential, who);
    await subscribe(client, everything(a));
    await a.rows('update mqtt_credentials set disabled_at = now() where organization_id = $1 and id = $2', [
      credential.id,
    ]);
    await client.closed;
    const speaker = await open(a);
    await speaker.publish(a.topic('x', 'note'), 'secret');
    const other = await a.credential();
    const next = await eventually(() => RawClient.connect(platform.mqttUrl, other, who), 10_000);
    expect(next.connack).toMatchObject({ sessionPresent: false });
    await Promise.all([next.end(), speaker.end()]);
  });
});
