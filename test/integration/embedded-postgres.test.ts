import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/database/embedded/embedded-postgres.ts';
import { readPidFile } from '../../src/database/embedded/postmaster.ts';
import { silentLog } from '../../src/service/log.ts';

const isRoot = process.getuid?.() === 0;
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** As mkdir makes them: others may enter. `mkdtemp` alone makes one that nobody else may. */
function temporaryDirectory(mode = 0o755): string {
  const directory = mkdtempSync(join(tmpdir(), 'netneural-test-'));
  chmodSync(directory, mode);
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Without fsync, which only an end of the operating system would miss. */
async function start(directory: string): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ directory, log: silentLog, settings: { fsync: 'off' } });
  cleanups.push(() => postgres.stop());
  return postgres;
}

/** Another process that starts it; resolves with the first line that it says. */
async function startElsewhere(directory: string): Promise<{ child: ChildProcess; said: string }> {
  const script = join(import.meta.dirname, '../support/embedded-postgres-process.ts');
  const child = spawn(process.execPath, [script, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  cleanups.push(async () => {
    child.stdin!.end();
    await exit;
  });
  const [said] = await once(child.stdout!.setEncoding('utf8'), 'data');
  return { child, said: said.trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function query(postgres: EmbeddedPostgres, sql: string): Promise<unknown[][]> {
  const client = new pg.Client(postgres.connection);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

function dataOf(directory: string): string {
  return join(realpathSync(join(directory, 'postgres')), 'data');
}

describe('embedded PostgreSQL', () => {
  test('starts in an empty directory, keeps what was written, and starts again', async () => {
    const directory = temporaryDirectory();
    const first = await start(directory);
    await query(first, 'create table kept as select 42 as n');
    await first.stop();
    await first.stop();

    const second = await start(directory);
    expect(await query(second, 'select n from kept')).toEqual([[42]]);
    const byUrl = new pg.Client({ connectionString: second.url });
    await byUrl.connect();
    await byUrl.end();
    expect(await query(second, "select current_setting('listen_addresses'), lower('ÄÖ'), 'a' < 'B'")).toEqual(
      [['', 'äö', false]],
    );
    expect(statSync(second.connection.host!).mode & 0o777).toBe(0o700);
  });

  test('a second process is refused and told what to set', async () => {
    const directory = temporaryDirectory();
    const holder = await startElsewhere(directory);
    expect(holder.said).toBe('started');
    await expect(start(directory)).rejects.toThrow(
      `the data directory ${realpathSync(directory)} is in use by another process (pid ${holder.child.pid}): stop it or set DATA_DIR`,
    );
    const other = await startElsewhere(directory);
    expect(other.said).toContain('set DATA_DIR');
  });

  test('recovers by itself after kill -9 of the process that started it', async () => {
    const directory = temporaryDirectory();
    const { child } = await startElsewhere(directory);
    const leftover = await readPidFile(dataOf(directory));
    await kill(child);
    expect(() => process.kill(leftover!.pid, 0)).not.toThrow();

    const again = await start(directory);
    expect(await query(again, 'select 1')).toEqual([[1]]);
    expect((await readPidFile(dataOf(directory)))?.pid).not.toBe(leftover!.pid);
  });

  test('recovers when PostgreSQL itself is killed in the middle of a statement', async () => {
    const directory = temporaryDirectory();
    const postgres = await start(directory);
    await query(postgres, 'create table kept as select 42 as n');
    const reason = new Promise((resolve) => postgres.onExit(resolve));
    const busy = query(postgres, 'select count(*) from generate_series(1, 3000000)').catch(() => undefined);
    process.kill((await readPidFile(dataOf(directory)))!.pid, 'SIGKILL');
    expect(await reason).toBe('ended by SIGKILL');
    await postgres.stop();

    const again = await start(directory);
    expect(await query(again, 'select n from kept')).toEqual([[42]]);
    await busy;
  });

  test('a pid file that names a dead process, or a living one of somebody else, is no obstacle', async () => {
    const directory = temporaryDirectory();
    const { connection, stop } = await start(directory);
    await stop();
    const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(gone, 'exit');
    for (const pid of [gone.pid, process.pid]) {
      const lines = [pid, dataOf(directory), 0, 5432, '', '', '', 'ready', ''];
      writeFileSync(join(dataOf(directory), 'postmaster.pid'), lines.join('\n'));
      writeFileSync(join(connection.host!, '.s.PGSQL.5432.lock'), lines.join('\n'));
      const postgres = await start(directory);
      expect(await query(postgres, 'select 1')).toEqual([[1]]);
      await postgres.stop();
    }
  });

  test('what a killed initdb left half-made is thrown away', async () => {
    const directory = temporaryDirectory();
    await (await start(directory)).stop();
    const data = dataOf(directory);
    rmSync(data, { recursive: true });
    mkdirSync(`${data}.new-1234`);
    writeFileSync(`${data}.new-1234/PG_VERSION`, '18\n');
    await start(directory);
    expect(readdirSync(dirname(data)).filter((name) => name.startsWith('data'))).toEqual(['data']);
  });

  test('data of another major version is refused', async () => {
    const directory = temporaryDirectory();
    await (await start(directory)).stop();
    writeFileSync(join(dataOf(directory), 'PG_VERSION'), '17\n');
    await expect(start(directory)).rejects.toThrow('was made by PostgreSQL 17');
    // The refusal let go of the directory.
    writeFileSync(join(dataOf(directory), 'PG_VERSION'), '18\n');
    await start(directory);
  });

  test('a path too long for a socket address gets its sockets elsewhere', async () => {
    const directory = join(temporaryDirectory(), 'x'.repeat(100));
    const elsewhere = temporaryDirectory();
    vi.stubEnv('TMPDIR', elsewhere);
    cleanups.push(() => vi.unstubAllEnvs());
    const postgres = await start(directory);
    expect(await query(postgres, 'select 1')).toEqual([[1]]);
    expect(dirname(postgres.connection.host!)).toBe(elsewhere);
    await expect(start(directory)).rejects.toThrow('is in use');
  });

  test('runs apart from our session, so that Ctrl-C reaches it through us alone', async () => {
    const directory = temporaryDirectory();
    await start(directory);
    const { pid } = (await readPidFile(dataOf(directory)))!;
    const session = execFileSync('ps', ['-o', 'sess=', '-p', String(pid)], { encoding: 'utf8' });
    expect(Number(session)).toBe(pid);
  });

  test.runIf(isRoot)('works below a directory that only root may enter', async () => {
    const closed = temporaryDirectory(0o700);
    const directory = join(closed, 'data');
    const postgres = await start(directory);
    const home = realpathSync(join(directory, 'postgres'));
    cleanups.unshift(() => rmSync(home, { recursive: true }));
    expect(home.startsWith(closed)).toBe(false);
    expect(await query(postgres, 'select 1')).toEqual([[1]]);
    await postgres.stop();

    // Deleting DATA_DIR starts afresh.
    rmSync(directory, { recursive: true });
    await start(directory);
    const fresh = realpathSync(join(directory, 'postgres'));
    cleanups.unshift(() => rmSync(fresh, { recursive: true }));
    expect(fresh).not.toBe(home);
  });
});
