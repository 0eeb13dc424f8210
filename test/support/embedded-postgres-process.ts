import { startEmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.ts';
import { silentLog } from '../../src/service/log.ts';

/** A process of its own that holds the data directory named by its argument until its stdin ends, or it is killed. */
try {
  const postgres = await startEmbeddedPostgres({ directory: process.argv[2]!, log: silentLog });
  process.stdout.write('started\n');
  process.stdin.resume().once('end', () => postgres.stop());
} catch (error) {
  process.stdout.write(`${(error as Error).message}\n`, () => process.exit(1));
}
