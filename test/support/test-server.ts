import pg from 'pg';
import { supabaseFoundation } from '../../src/database/supabase-foundation.ts';

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

/** On Supabase every new table in `public` is everybody's until revoked: tests must see what was forgotten. */
const supabaseGrants = ['tables', 'sequences', 'functions']
  .map(
    (kind) =>
      `alter default privileges in schema public grant all on ${kind} to anon, authenticated, service_role;`,
  )
  .join('\n');

/** What a Supabase project has before anything of ours, as statements. */
export const supabaseProject = supabaseFoundation + supabaseGrants;
