import { once } from 'node:events';
import { existsSync, linkSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockDirectory } from './directory-lock.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netneural-lock-'));
  path = join(directory, 'socket');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A socket that nobody listens on, as a killed process leaves it. */
async function leaveSocket(): Promise<void> {
  const server = createServer().listen(`${path}.gone`);
  await once(server, 'listening');
  linkSync(`${path}.gone`, path);
  server.close();
  await once(server, 'close');
}

describe('lockDirectory', () => {
  test('refuses a second holder by name and pid, until it is released', async () => {
    const release = await lockDirectory(path, '/data');
    await expect(lockDirectory(path, '/data')).rejects.toThrow(
      `the data directory /data is in use by another process (pid ${process.pid}): stop it or set DATA_DIR`,
    );
    await release();
    await (await lockDirectory(path, '/data'))();
    expect(existsSync(path)).toBe(false);
  });

  test('one of many that find a dead process’s socket at the same moment gets it', async () => {
    for (let round = 0; round < 20; round += 1) {
      await leaveSocket();
      const contenders = Array.from({ length: 8 }, () => lockDirectory(path, '/data'));
      const outcomes = await Promise.allSettled(contenders);
      const winners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      await expect(lockDirectory(path, '/data')).rejects.toThrow('is in use');
      await winners[0]!.value();
    }
  });

  test('outlasts a process that was killed while it cleaned up', async () => {
    await leaveSocket();
    mkdirSync(`${path}.stale`);
    const longAgo = Date.now() / 1000 - 60;
    utimesSync(`${path}.stale`, longAgo, longAgo);
    await (await lockDirectory(path, '/data'))();
  });
});
