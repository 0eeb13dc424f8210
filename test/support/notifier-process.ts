/** Tells channels of the database whose URL is its argument, until it is killed. */
import { openPool } from '../../src/database/pool.ts';
import { systemClock } from '../../src/service/clock.ts';
import { silentLog } from '../../src/service/log.ts';
import { notifier } from './alerting.ts';

const pool = openPool({ connectionString: process.argv[2]! }, silentLog);
await notifier({ pool }, { clock: systemClock(), isAlone: false }).start();
process.stdout.write('telling\n');
