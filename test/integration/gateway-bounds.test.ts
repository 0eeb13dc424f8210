import { afterEach, describe, expect, test } from 'vitest';
import { type TestBroker, testBroker } from '../support/broker.ts';
import { eventually } from '../support/eventually.ts';
import { stallStore } from '../support/outage.ts';
import { encode, publishPacket, RawClient } from '../support/raw-client.ts';

/** What one client can cost: connections, time, memory. Each test has a broker with limits of its own. */

let broker: TestBroker;
afterEach(() => broker.close());

const connect = async (clientId: string) =>
  RawClient.connect(broker.mqttUrl, await broker.tenant.credential(), { clientId });
const publishes = (device: string, count: number, payload = '{"n":1}') =>
  Array.from({ length: count }, (_, n) =>
    publishPacket(broker.tenant.topic(device), payload, { messageId: n + 1 }),
  );
async function acknowledged(client: RawClient, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1)
    expect(await client.expect('puback')).toMatchObject({ messageId: n + 1 });
}

describe('time', () => {
  test('who does not send CONNECT is disconnected, and so is who sends it a byte now and then', async () => {
    broker = await testBroker({ connectTimeoutMs: 300 });
    const silent = new RawClient(broker.mqttUrl);
    const dribbling = new RawClient(broker.mqttUrl);
    dribbling.send(Buffer.from([0x10, 0xff, 0x7f]));
    const timer = setInterval(() => dribbling.send(Buffer.from([0])), 20);
    const started = performance.now();
    await Promise.all([silent.closed, dribbling.closed]);
    clearInterval(timer);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('connections', () => {
  test('beyond the limit nobody is let in, and there is room again when one leaves', async () => {
    broker = await testBroker({ connections: 3 });
    const clients = await Promise.all(['a', 'b', 'c'].map(connect));
    const refused = new RawClient(broker.mqttUrl);
    await refused.closed;
    for (const client of clients) await client.ping();
    await clients[0]!.end();
    await eventually(async () => void (await (await connect('d')).end()));
    for (const client of clients.slice(1)) await client.end();
  });
});

describe('memory', () => {
  test('a client with too much unanswered is not read, others are; all of it is stored in the end', async () => {
    broker = await testBroker({ inFlight: 50 });
    const eager = await connect('eager');
    const other = await connect('other');
    await eager.publish(broker.tenant.topic('eager'), '{"n":0}');
    const count = 5_000;
    const release = await stallStore(broker.test, () => eager.send(...publishes('eager', count)));
    await other.ping();
    // What one read of the socket brings is taken as a whole, the rest stays outside.
    expect(broker.gateway.status.heldBytes).toBeLessThan(5_000_000);
    await release();
    await acknowledged(eager, count);
    expect(broker.gateway.status.heldBytes).toBe(0);
    await eager.end();
    await other.end();
  });

  test('a small message keeps what it was read with, and that counts', async () => {
    broker = await testBroker({});
    const client = await connect('padding');
    await client.publish(broker.tenant.topic('d'), '{"n":0}');
    const padding = publishPacket(broker.tenant.topic('d', 'anything'), Buffer.alloc(200_000), { qos: 0 });
    const small = publishPacket(broker.tenant.topic('d'), '{"n":1}', { qos: 0 });
    const release = await stallStore(broker.test, () => {
      for (let round = 0; round < 20; round += 1) client.send(padding, small);
    });
    await client.ping();
    expect(broker.gateway.status.heldBytes).toBeGreaterThan(300_000);
    await release();
    await eventually(() => expect(broker.gateway.status.heldBytes).toBe(0));
    await client.end();
  });

  test('when all together hold too much, everybody waits and everybody goes on', async () => {
    broker = await testBroker({ totalBytes: 100_000, inFlight: 20 });
    const clients = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(connect));
    await clients[0]!.publish(broker.tenant.topic('a'), '{"n":0}');
    const count = 800;
    const release = await stallStore(broker.test, () => {
      for (const [index, client] of clients.entries()) client.send(...publishes(`d${index}`, count));
    });
    await release();
    await Promise.all(clients.map((client) => acknowledged(client, count)));
    expect(broker.gateway.status.heldBytes).toBe(0);
    for (const client of clients) await client.ping();
    const [{ count: stored }] = (await broker.tenant.rows(
      'select count(*)::int from device_telemetry_history where organization_id = $1',
    )) as [{ count: number }];
    expect(stored).toBe(1 + clients.length * count);
    for (const client of clients) await client.end();
  });

  test('clients that vanish with everything unanswered leave nothing behind', async () => {
    broker = await testBroker({});
    const subscriber = await connect('subscriber');
    await subscriber.subscribe([broker.tenant.topic('#', '').slice(0, -1)], 1);
    const first = await connect('first');
    await first.publish(broker.tenant.topic('d'), '{"n":0}');
    const clients = await Promise.all(
      Array.from({ length: 10 }, (_, index) => connect(`vanishing-${index}`)),
    );
    const release = await stallStore(broker.test, () => {
      for (const client of clients) {
        client.send(
          ...publishes('d', 50),
          ...Array.from({ length: 50 }, (_, n) =>
            publishPacket(broker.tenant.topic('d', 'anything'), 'x', { messageId: 100 + n, retain: true }),
          ),
          { cmd: 'pingreq' },
        );
      }
    });
    await Promise.all(clients.map((client) => client.expect('pingresp')));
    expect(broker.gateway.status.heldBytes).toBeGreaterThan(0);
    await Promise.all(clients.map((client) => client.cut()));
    await release();
    await first.publish(broker.tenant.topic('d'), '{"n":0}');
    await eventually(() => expect(broker.gateway.status.heldBytes).toBe(0));
    expect(broker.gateway.status.connections).toBe(2);
    await first.end();
    await subscriber.end();
  });

  test('a client that reads nothing of what it is sent is not sent without end, and harms nobody', async () => {
    broker = await testBroker({ connectionBytes: 65_536 });
    const deaf = await connect('deaf');
    await deaf.subscribe([broker.tenant.topic('#', '').slice(0, -1)], 0);
    deaf.socket.pause();
    const speaker = await connect('speaker');
    const payload = `{"text":"${'x'.repeat(4000)}"}`;
    for (let round = 0; round < 20; round += 1) {
      speaker.send(...publishes('d', 100, payload));
      await acknowledged(speaker, 100);
    }
    await speaker.end();
    deaf.socket.resume();
    await deaf.ping();
    await deaf.end();
  });

  test('a client that asks without reading the answers is not read any more', async () => {
    broker = await testBroker({ connectionBytes: 1024 });
    const client = await connect('asking');
    client.socket.pause();
    const pings = Buffer.concat(Array.from({ length: 20_000 }, () => encode({ cmd: 'pingreq' })));
    for (let round = 0; round < 5; round += 1) client.send(pings);
    const other = await connect('other');
    await other.publish(broker.tenant.topic('d'), '{"n":1}');
    client.socket.resume();
    await eventually(() => expect(client.packets).toHaveLength(100_000), 20_000);
    await other.end();
    await client.cut();
  });
});
