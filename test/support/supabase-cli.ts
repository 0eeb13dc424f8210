import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { TestDatabase } from './database.ts';
import { startRelay } from './relay.ts';

const root = join(import.meta.dirname, '../..');

const quiet = { SUPABASE_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };

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
      join(root, 'test/programs/node_modules/.bin/supabase'),
      ['db', 'push', `--remote=${url}`, '--include-all', '--yes'],
      {
        cwd: directory,
        timeout: 60_000,
        env: { PATH: process.env.PATH, HOME: directory, ...quiet },
      },
    );
    return stdout + stderr;
  } finally {
    await relay.close();
    await rm(directory, { recursive: true });
  }
}

/** A function as Supabase would get it. */
export interface DeployedFunction {
  settings: { entrypoint_path: string; import_map_path: string; verify_jwt: boolean };
  /** Holds the files that were sent, and packages. */
  directory: string;
}

/**
 * `supabase functions deploy` to a stand-in of Supabase's API on this machine, which keeps what it is sent.
 * @returns by name, in folders that `remove` removes
 */
export async function supabaseDeploy(
  names: string[],
): Promise<{ functions: Record<string, DeployedFunction>; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'netneural-deployed-'));
  const functions: Record<string, DeployedFunction> = {};
  const server = createServer(async (request, response) => {
    const name = new URL(request.url!, 'http://localhost').searchParams.get('slug');
    if (name) {
      const type = { 'content-type': request.headers['content-type']! };
      const form = await new Response(await buffer(request), { headers: type }).formData();
      functions[name] = await keepUpload(form, join(directory, name));
    }
    response.writeHead(name ? 201 : 200, { 'content-type': 'application/json' });
    response.end(name ? JSON.stringify({ id: name, slug: name, name, status: 'ACTIVE', version: 1 }) : '[]');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const profile = join(directory, 'profile.yaml');
    await writeFile(
      profile,
      `name: local\napi_url: ${url}\ndashboard_url: ${url}\nproject_host: 127.0.0.1\n`,
    );
    await promisify(execFile)(
      join(root, 'test/programs/node_modules/.bin/supabase'),
      [
        ...[
          'functions',
          'deploy',
          '--profile',
          profile,
          '--remote=abcdefghijklmnopqrst',
          '--use-api',
          '--yes',
        ],
        ...names,
      ],
      {
        cwd: root,
        timeout: 60_000,
        env: {
          ...{ PATH: process.env.PATH, HOME: directory, ...quiet },
          SUPABASE_ACCESS_TOKEN: `sbp_${'0'.repeat(40)}`,
        },
      },
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return { functions, remove: () => rm(directory, { recursive: true }) };
}

async function keepUpload(form: FormData, directory: string): Promise<DeployedFunction> {
  for (const file of form.getAll('file') as File[]) {
    const path = join(directory, file.name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, Buffer.from(await file.arrayBuffer()));
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  return { settings: JSON.parse(await text(form.get('metadata')!)), directory };
}

const text = (part: File | string) => (typeof part === 'string' ? part : part.text());
