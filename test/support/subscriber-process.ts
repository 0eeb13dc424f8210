/**
 * The `subscriber` part of a platform as a process of its own, so that it can be killed. Takes the database's URL in the
 * first argument and the secret key in the second; prints `held N` whenever that changes.
 */
import { openPool } from '../../src/database/pool.ts';
import { IntegrationDirectory } from '../../src/external/directory.ts';
import { guardedLookup } from '../../src/external/guard.ts';
import { Subscriber } from '../../src/external/subscriber.ts';
import { Ingest } from '../../src/ingest/ingest.ts';
import { systemClock } from '../../src/service/clock.ts';
import { silentLog as log } from '../../src/service/log.ts';
import { createSeal } from '../../src/service/seal.ts';

const [, , connectionString, secretKey] = process.argv;
const connection = { connectionString };
const pool = openPool(connection, log);
const clock = systemClock();
const ingest = new Ingest({ pool, connection, clock, log, retentionDays: 1095 });
const directory = new IntegrationDirectory({
  pool,
  devices: ingest.devices,
  seal: createSeal(secretKey),
});
const subscriber = new Subscriber({
  pool,
  log,
  directory,
  ingest,
  clock,
  lookup: guardedLookup({ allowPrivate: true }),
  messageBytes: 262_144,
  onChanged: () => {},
  roundMs: 300,
  leaseSeconds: 3,
});
await ingest.start();
await subscriber.start();
let held = -1;
setInterval(() => {
  if (subscriber.held === held) return;
  held = subscriber.held;
  process.stdout.write(`held ${held}\n`);
}, 20);
process.on('SIGTERM', async () => {
  await subscriber.stop();
  await ingest.stop();
  process.exit(0);
});
