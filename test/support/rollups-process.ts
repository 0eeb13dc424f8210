/** Makes roll-ups of the database whose URL is its argument, until it is killed. */
import { randomUUID } from 'node:crypto';
import { openPool } from '../../src/database/pool.ts';
import { Rollups } from '../../src/ingest/rollups.ts';
import { silentLog } from '../../src/service/log.ts';

const pool = openPool({ connectionString: process.argv[2]! }, silentLog);
await new Rollups({ pool, log: silentLog, id: randomUUID() }).start();
process.stdout.write('rolling\n');
