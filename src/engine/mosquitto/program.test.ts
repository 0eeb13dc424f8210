import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findMosquitto } from './program.ts';

let directory: string;
const { PATH } = process.env;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'netneural-program-'));
  process.env.PATH = '/nowhere';
});
afterEach(async () => {
  process.env.PATH = PATH;
  await rm(directory, { recursive: true });
});

async function pretend(version: string): Promise<string> {
  const path = join(directory, 'mosquitto');
  // As the real one does, it ends with 1.
  await writeFile(path, `#!/bin/sh\necho 'mosquitto version ${version}'\nexit 1\n`);
  await chmod(path, 0o755);
  return path;
}

test('one that is not installed is said in a line that tells what to do', async () => {
  await expect(findMosquitto(directory)).rejects.toThrow(
    'ENGINE=mosquitto: there is no mosquitto here: install it (Debian: apt install mosquitto) or set ENGINE=embedded',
  );
});

test('one of before Unix sockets is refused, a newer one taken, also outside of PATH', async () => {
  const path = await pretend('1.6.12');
  await expect(findMosquitto(directory)).rejects.toThrow(`${path} is version 1.6.12, expected 2 or newer`);
  await pretend('2.0.11');
  expect(await findMosquitto(directory)).toBe(path);
});
