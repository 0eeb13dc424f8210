import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.ts';
import { silentLog } from '../../src/service/log.ts';
import { freePorts, type Place, type Run, run, standalonePlace, start, stop } from '../soak/standalone.ts';
import { execute } from '../support/test-server.ts';

const npmStart = [process.execPath, join(import.meta.dirname, '../../scripts/start.mjs')];

let place: Place;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  place = await standalonePlace();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
afterAll(async () => {
  // Whatever failed to start has left nothing that would keep the next one from starting.
  await stop(await start(place));
  await place.remove();
});

/** Starts with other settings, and must end. @returns what it says to the person at the console, line by line */
async function refusal(settings: Record<string, string>, command?: string[]): Promise<string[]> {
  const { exited, output } = run({ settings: { ...place.settings, ...settings } }, command);
  expect(await exited, output()).toEqual({ code: 1, signal: null });
  const lines = output().trim().split('\n');
  return lines.filter((line) => line !== 'Starting …' && !line.startsWith('{"level":30'));
}

async function listen(port: number, onConnection?: (socket: Socket) => void): Promise<Server> {
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  return server;
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'netneural-test-'));
  await chmod(directory, 0o755);
  cleanups.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

describe('what keeps the platform from starting is one line that names the setting', () => {
  test.each(['HTTP_PORT', 'MQTT_PORT', 'MQTT_WS_PORT'])('%s is taken', async (name) => {
    const port = Number(place.settings[name]);
    await listen(port);
    expect(await refusal({})).toEqual([
      `port ${port} is in use by another program: set ${name} to another one`,
    ]);
  });

  test('DATA_DIR is in use', async () => {
    const holder: Run = await start(place);
    cleanups.push(() => stop(holder));
    const ports = { HTTP_PORT: '0', MQTT_PORT: '0', MQTT_WS_PORT: '0' };
    expect(await refusal(ports)).toEqual([
      `the data directory ${place.dataDir} is in use by another process (pid ${holder.pid}): stop it or set DATA_DIR`,
    ]);
  });

  test('DATA_DIR is no directory', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    const complaint = [`DATA_DIR=${file} is not a directory: set DATA_DIR to another directory`];
    expect(await refusal({ DATA_DIR: file })).toEqual(complaint);
    expect(await refusal({ DATA_DIR: file, SECRET_KEY: 'x'.repeat(32) })).toEqual(complaint);
  });

  // Where not even root may write.
  test.runIf(process.platform === 'linux')('DATA_DIR may not be written', async () => {
    const settings = { DATA_DIR: '/sys/netneural' };
    const why = '(may not be written by this user|is on a file system that can only be read)';
    const complaint = [
      expect.stringMatching(`^DATA_DIR=/sys/netneural ${why}: set DATA_DIR to another directory$`),
    ];
    expect(await refusal(settings)).toEqual(complaint);
    expect(await refusal({ ...settings, SECRET_KEY: 'x'.repeat(32) })).toEqual(complaint);
  });

  test('bad values, all at once', async () => {
    expect(await refusal({ HTTP_PORT: 'x', LOG_LEVEL: 'loud' })).toEqual([
      'HTTP_PORT=x: expected a port from 0 (any free one) to 65535',
      'LOG_LEVEL=loud: expected debug, info, warn or error',
    ]);
  });

  test('DATABASE_URL leads nowhere, or to something else', async () => {
    const [nobody] = await freePorts(1);
    const server = await listen(0, (socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { port: somebody } = server.address() as { port: number };
    const complaints = [];
    for (const port of [nobody, somebody]) {
      complaints.push(...(await refusal({ DATABASE_URL: `postgresql://me:secret@localhost:${port}/db` })));
    }
    expect(complaints).toEqual([
      expect.stringMatching(/^can't use the database \(connect ECONNREFUSED .*\): check DATABASE_URL$/),
      "can't use the database (Connection terminated unexpectedly): check DATABASE_URL",
    ]);
  });

  test('DATABASE_URL has the wrong password, or no such database', async () => {
    const directory = await temporaryDirectory();
    const rules = join(directory, 'pg_hba.conf');
    await writeFile(rules, 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n');
    const [port] = await freePorts(1);
    const settings = { port: port!, listen_addresses: '127.0.0.1', hba_file: rules, fsync: 'off' };
    const server = await startEmbeddedPostgres({
      directory: join(directory, 'data'),
      log: silentLog,
      settings,
    });
    cleanups.push(() => server.stop());
    await execute({ ...server.connection, port }, "alter role postgres password 'right'");
    const url = (password: string, name: string) =>
      `postgresql://postgres:${password}@127.0.0.1:${port}/${name}`;
    const complaints = [
      ...(await refusal({ DATABASE_URL: url('wrong', 'postgres') })),
      ...(await refusal({ DATABASE_URL: url('right', 'nothing') })),
    ];
    expect(complaints).toEqual([
      'can\'t use the database (password authentication failed for user "postgres"): check DATABASE_URL',
      'can\'t use the database (database "nothing" does not exist): check DATABASE_URL',
    ]);
  });

  test('npm start says it too', async () => {
    const port = Number(place.settings.HTTP_PORT);
    await listen(port);
    const lines = await refusal({}, npmStart);
    expect(lines.at(-1)).toBe(`port ${port} is in use by another program: set HTTP_PORT to another one`);
  });
});

test('Ctrl-C ends npm start with 0', async () => {
  const running = run(place, npmStart);
  await running.ready;
  process.kill(-running.pid, 'SIGINT');
  expect(await running.exited).toEqual({ code: 0, signal: null });
  expect(running.output().trim().split('\n').at(-1)).toBe('Stopped.');
});
