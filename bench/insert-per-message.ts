import mqtt from 'mqtt';
import pg from 'pg';

/**
 * What is usually done instead: an MQTT.js subscriber that stores each message with an INSERT of its own, the same row
 * in the same table, over ten connections. It counts what is stored until the message numbered `total`.
 */
export async function insertPerMessage(options: {
  brokerPort: number;
  socketDirectory: string;
  organizationId: string;
  deviceId: string;
  seconds: number;
}): Promise<{ perSecond: number; stop(): Promise<void> }> {
  const pool = new pg.Pool({
    host: options.socketDirectory,
    user: 'postgres',
    database: 'postgres',
    max: 10,
  });
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${options.brokerPort}`, { protocolVersion: 4 });
  let stored = 0;
  let key = 0;
  // The callback answers the broker; without it MQTT.js reads on and the rows queue up.
  client.handleMessage = (packet, done) => {
    key += 1;
    const now = new Date().toISOString();
    pool
      .query({
        name: 'insert_one',
        text: `insert into public.device_telemetry_history
          (organization_id, device_id, recorded_at, received_at, message_key, telemetry) values ($1, $2, $3, $3, $4, $5)
          on conflict do nothing`,
        values: [options.organizationId, options.deviceId, now, key, packet.payload.toString()],
      })
      .then(() => {
        stored += 1;
        waiting -= 1;
        if (waiting === 9) resume?.();
      });
    waiting += 1;
    if (waiting < 10) done();
    else resume = () => done();
  };
  let waiting = 0;
  let resume: (() => void) | undefined;
  await client.subscribeAsync('bench/#', { qos: 1 });

  const measured = new Promise<number>((resolve) => {
    setTimeout(() => {
      const before = stored;
      const started = performance.now();
      setTimeout(
        () => resolve(((stored - before) * 1000) / (performance.now() - started)),
        options.seconds * 1000,
      );
    }, 1000);
  });
  const perSecond = await measured;
  return {
    perSecond,
    async stop() {
      client.end(true);
      await pool.end();
    },
  };
}
