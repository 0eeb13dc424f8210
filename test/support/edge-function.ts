import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestDatabase } from './database.ts';
import { type Relay, startRelay } from './relay.ts';

const root = join(import.meta.dirname, '../..');

export interface EdgeFunction {
  /** Without a slash at the end; Supabase passes a path on as `/{function}/…`. */
  url: string;
  /** Between it and the database. */
  network: Pick<Relay, 'sever' | 'restore'>;
  stop(): Promise<void>;
}

export interface EdgeSettings {
  /** Hosts that it may call beside this machine. */
  hosts?: string[];
  /** A folder with another copy of the repository, or of what a function needs of it. */
  from?: string;
}

/**
 * An edge function in Deno, on a database, over TCP as everywhere.
 * @param name its folder in supabase/functions
 */
export async function startEdgeFunction(
  name: string,
  { connection }: TestDatabase,
  environment: Record<string, string>,
  { hosts = [], from = root }: EdgeSettings = {},
): Promise<EdgeFunction> {
  const relay = await startRelay({ path: `${connection.host}/.s.PGSQL.${connection.port}` });
  const directory = await mkdtemp(join(tmpdir(), 'netneural-deno-'));
  const deno = spawn(
    join(root, 'test/programs/node_modules/.bin/deno'),
    [
      ...[
        'run',
        '--no-check',
        '--cached-only',
        '--node-modules-dir=manual',
        '--config=supabase/functions/deno.json',
        `--preload=${join(root, 'test/support/older-deno.ts')}`,
      ],
      ...['--allow-env', '--allow-read', `--allow-net=${['127.0.0.1', ...hosts]}`],
      `supabase/functions/${name}/index.ts`,
    ],
    {
      cwd: from,
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        DENO_DIR: directory,
        DENO_NO_UPDATE_CHECK: '1',
        NO_COLOR: '1',
        DENO_SERVE_ADDRESS: 'tcp:127.0.0.1:0',
        SUPABASE_DB_URL: `postgresql://${connection.user}:any@127.0.0.1:${relay.port}/${connection.database}?sslmode=disable`,
        ...environment,
      },
    },
  );
  const ended = once(deno, 'exit');
  const stop = async () => {
    deno.kill();
    await ended;
    await relay.close();
    await rm(directory, { recursive: true });
  };
  const said: string[] = [];
  const address = new Promise<string>((resolve, reject) => {
    for (const output of [deno.stdout, deno.stderr]) {
      createInterface(output).on('line', (line) => {
        said.push(line);
        const [, url] = /^Listening on (http:\S+?)\/? /.exec(`${line} `) ?? [];
        if (url) resolve(url);
      });
    }
    void ended.then(() => reject(new Error(said.join('\n'))));
  });
  try {
    return { url: await address, network: relay, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
