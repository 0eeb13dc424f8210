import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.ts';
import { migrate } from '../../src/database/migrate.ts';
import { silentLog } from '../../src/service/log.ts';
import { execute, supabaseProject, TEMPLATE } from './test-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The Unix socket's directory of the test server. */
    postgresHost: string;
  }
}

/** Starts one PostgreSQL for all system tests, with a migrated database to copy. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'netneural-system-'));
  await chmod(directory, 0o755);
  const postgres = await startEmbeddedPostgres({
    directory,
    log: silentLog,
    // Thrown away afterwards, so nothing needs to survive an end of the operating system.
    settings: { fsync: 'off', full_page_writes: 'off', max_connections: 200 },
  });
  const teardown = async () => {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await makeTemplate(postgres.connection);
    project.provide('postgresHost', postgres.connection.host!);
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}

async function makeTemplate(connection: pg.ClientConfig): Promise<void> {
  await execute(connection, `create database ${TEMPLATE}`);
  const template = { ...connection, database: TEMPLATE };
  await execute(template, supabaseProject);
  await migrate({ connection: template, log: silentLog });
  await execute(connection, `alter database ${TEMPLATE} with is_template true allow_connections false`);
}
