import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestDatabase } from './database.ts';
import { startRelay } from './relay.ts';

const root = join(import.meta.dirname, '../..');

/**
 * `supabase db push` of this project's migrations to a database, over TCP as from anywhere.
 * @returns what the Supabase CLI said @throws with that when it failed
 */
export async function supabasePush({ connection }: TestDatabase): Promise<string> {
  const relay = await startRelay({ path: `${connection.host}/.s.PGSQL.${connection.port}` });
  // In a folder of its own, since it leaves notes beside the migrations and in the home directory.
  const directory = await mkdtemp(join(tmpdir(), 'netneural-supabase-'));
  try {
    await cp(join(root, 'supabase'), join(directory, 'supabase'), { recursive: true });
    const url = `postgresql://${connection.user}:any@127.0.0.1:${relay.port}/${connection.database}?sslmode=disable`;
    const { stdout, stderr } = await promisify(execFile)(
      join(root, 'node_modules/.bin/supabase'),
      ['db', 'push', `--remote=${url}`, '--include-all', '--yes'],
      {
        cwd: directory,
        timeout: 60_000,
        env: { PATH: process.env.PATH, HOME: directory, SUPABASE_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
      },
    );
    return stdout + stderr;
  } finally {
    await relay.close();
    await rm(directory, { recursive: true });
  }
}
