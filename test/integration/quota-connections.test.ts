import { afterEach, describe, expect, test } from 'vitest';
import type { Usage } from '../../src/contract/usage.ts';
import { eventually } from '../support/eventually.ts';
import { type Gateways, startGateways } from '../support/gateways.ts';
import { databaseAway } from '../support/outage.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { setLimits, usageBecomes } from '../support/quotas.ts';
import { connectPacket, RawClient } from '../support/raw-client.ts';
import { firstTenant, otherTenant, type Tenant } from '../support/tenant.ts';

/** The limit of connections of an organization, over one gateway and over several. */

let close: () => Promise<void>;
afterEach(() => close());

const activity = (tenant: Tenant, reason: string) =>
  tenant.rows<{ event: string; client_id: string }>(
    'select event, client_id from integration_activity_log where organization_id = $1 and reason = $2',
    [reason],
  );

describe('one gateway', () => {
  let platform: TestPlatform;
  let tenant: Tenant;
  const start = async () => {
    platform = await testPlatform();
    close = () => platform.close();
    tenant = await firstTenant(platform);
  };
  const connect = async (clientId: string) =>
    RawClient.connect(platform.mqttUrl, await tenant.credential(), { clientId });

  /** Nobody more is let in, within a second or so: until then some may be. */
  const refused = () =>
    eventually(async () => {
      const client = await connect('').catch((error: Error) => error);
      if (client instanceof RawClient) await client.end();
      expect(client).toMatchObject({ message: 'CONNACK 3' });
    }, 2000);

  test('beyond the limit nobody is let in, its owner reads why once, and others are not touched', async () => {
    await start();
    await setLimits(platform, { connections: 2 });
    const [a, b] = [await connect('a'), await connect('b')];
    await expect(connect('c')).rejects.toThrow('CONNACK 3');
    await expect(connect('d')).rejects.toThrow('CONNACK 3');
    await a.ping();
    const other = await otherTenant(platform);
    const neighbour = await RawClient.connect(platform.mqttUrl, await other.credential());
    await eventually(async () =>
      expect(await activity(tenant, 'connections_limit')).toEqual([
        { event: 'connect_refused', client_id: 'c' },
      ]),
    );
    await usageBecomes(platform, 'connections', (limit) =>
      expect(limit).toMatchObject({ limit: 2, used: 2, peak_today: 2, hits_today: 2 }),
    );

    // The same client again makes room for itself; a place that is free is taken at once.
    const again = await connect('a');
    await a.closed;
    await b.end();
    const c = await eventually(() => connect('c'));
    for (const client of [again, c, neighbour]) await client.end();
    await usageBecomes(platform, 'connections', ({ used }) => expect(used).toBe(0));
  });

  test('as many as may are let in when they come all at once, and one more is not', async () => {
    await start();
    await setLimits(platform, { connections: 7 });
    const storm = () => Promise.allSettled(Array.from({ length: 8 }, () => connect('')));
    // The second storm finds what the first has left in memory.
    for (const _ of [1, 2]) {
      const results = await storm();
      const clients = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(clients).toHaveLength(7);
      for (const client of clients) await client.end();
      await usageBecomes(platform, 'connections', ({ used }) => expect(used).toBe(0));
    }
  });

  test('a limit that is raised or lowered holds within a second; nobody who is in has to go', async () => {
    await start();
    const clients = [await connect('a'), await connect('b')];
    await setLimits(platform, { connections: 1 });
    await refused();
    for (const client of clients) await client.ping();
    await setLimits(platform, { connections: 3 });
    clients.push(await eventually(() => connect('c'), 2000));
    await platform.test.pool.query(`insert into private.plans (name, connections) values ('small', 3)`);
    await platform.test.pool.query(`update organization_limits set plan = 'small', overrides = '{}'`);
    await refused();
    await platform.test.pool.query(`update private.plans set connections = null where name = 'small'`);
    clients.push(await eventually(() => connect('d'), 2000));
    const response = await platform.api('GET', `/api/v1/organizations/${platform.organizationId}/usage`);
    expect((await response.json()) as Usage).toMatchObject({ plan: 'small' });
    for (const client of clients) await client.end();
  });

  test('what PostgreSQL has forgotten in a crash is told again, and what a killed process counted lapses', async () => {
    await start();
    await setLimits(platform, { connections: 2 });
    const clients = [await connect('a')];
    // Another process, which was heard last some seconds ago.
    await platform.test.pool.query(
      `with gone as (
         insert into private.use_processes (id, beat_at) values (gen_random_uuid(), now() - interval '2 seconds') returning id
       )
       insert into private.process_use select $1, id, 1, 1, 0, 0, 0, false from gone`,
      [platform.organizationId],
    );
    await usageBecomes(platform, 'connections', ({ used }) => expect(used).toBe(2));
    await expect(connect('b')).rejects.toThrow('CONNACK 3');
    clients.push(await eventually(() => connect('b'), 5000));

    // As unlogged tables are after one.
    await platform.test.pool.query(
      'truncate private.use_processes, private.process_use, private.organization_buckets',
    );
    await usageBecomes(platform, 'connections', ({ used }) => expect(used).toBe(2));
    await refused();
    for (const client of clients) await client.end();
  });

  test('while the database is away clients that are known come back as far as there seems room', async () => {
    await start();
    await setLimits(platform, { connections: 2 });
    const credential = await tenant.credential();
    const known = (clientId: string) => RawClient.connect(platform.mqttUrl, credential, { clientId });
    const [a, b] = [await known('a'), await known('b')];
    const back = await databaseAway(platform.test);
    await a.end();
    const again = await known('again');
    await expect(known('c')).rejects.toThrow('CONNACK 3');
    await back();
    await usageBecomes(platform, 'connections', ({ used }) => expect(used).toBe(2));
    for (const client of [again, b]) await client.end();
  });

  test('what is no limit is refused where it is set', async () => {
    await start();
    for (const overrides of ['{"connection": 1}', '{"connections": -1}', '{"connections": "2"}', '[]']) {
      const sql = 'insert into organization_limits (organization_id, overrides) values ($1, $2)';
      await expect(platform.test.pool.query(sql, [platform.organizationId, overrides])).rejects.toThrow(
        'check constraint',
      );
    }
  });
});

describe('two gateways', () => {
  let gateways: Gateways;

  test('however clients storm both of them, never more are in than may; MQTT 5 is told which limit it was', async () => {
    gateways = await startGateways(2);
    close = () => gateways.close();
    const { platform, tenant, mqttUrls } = gateways;
    await setLimits(platform, { connections: 20 });
    const credential = await tenant.credential();
    const clients = Array.from({ length: 60 }, (_, n) => {
      const client = new RawClient(mqttUrls[n % 2]!, 5);
      const options = { protocolVersion: 5, clientId: `storm-${n}` } as const;
      client.send(connectPacket(credential, options));
      return client;
    });
    const answers = await Promise.all(clients.map((client) => client.expect('connack')));
    const refused = answers.filter(({ reasonCode }) => reasonCode !== 0);
    expect(refused).toHaveLength(40);
    for (const { reasonCode, properties } of refused) {
      expect(reasonCode).toBe(0x97);
      expect(properties?.reasonString).toContain('connections_limit');
    }
    await usageBecomes(platform, 'connections', (limit) =>
      expect(limit).toMatchObject({ used: 20, peak_today: 20 }),
    );

    // A place that is left at one gateway is there for the other within a second.
    const isIn = (n: number) => answers[n]!.reasonCode === 0;
    const at = clients.findIndex((_, n) => isIn(n));
    const first = clients[at]!;
    await first.end();
    const late = await eventually(
      () => RawClient.connect(mqttUrls[(at + 1) % 2]!, credential, { protocolVersion: 5, clientId: 'late' }),
      2500,
    );
    await late.end();
    for (const [n, client] of clients.entries()) if (isIn(n) && client !== first) await client.end();
  });
});
