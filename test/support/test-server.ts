import pg from 'pg';

/** The migrated database that every test file gets a copy of. */
export const TEMPLATE = 'migrated';

/** Runs statements on a connection of their own. */
export async function execute(connection: pg.ClientConfig, sql: string): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
