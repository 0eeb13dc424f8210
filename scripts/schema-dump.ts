/** `npm run schema`: writes supabase/schema.sql from a freshly migrated database. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../src/database/embedded/embedded-postgres.ts';
import { migrate } from '../src/database/migrate.ts';
import { silentLog } from '../src/service/log.ts';
import { describeSchema } from './schema/describe.ts';

const directory = await mkdtemp(join(tmpdir(), 'netneural-schema-'));
// PostgreSQL's own user enters it when root runs this.
await chmod(directory, 0o755);
const { connection, stop } = await startEmbeddedPostgres({
  directory,
  log: silentLog,
  settings: { fsync: 'off' },
});
try {
  await migrate({ connection, log: silentLog });
  const client = new pg.Client(connection);
  await client.connect();
  await writeFile(join(import.meta.dirname, '../supabase/schema.sql'), await describeSchema(client));
  await client.end();
} finally {
  await stop();
  await rm(directory, { recursive: true });
}
