import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';

/** Says `ready`, then what asked it to stop, and goes on as if it had much to drain. */
const program = `
  import { stopRequest } from ${JSON.stringify(join(import.meta.dirname, 'stop-request.ts'))};
  setInterval(() => {}, 1000);
  void stopRequest().then((reason) => process.stdout.write(reason));
  process.stdout.write('ready');
`;
let child: ChildProcess;

async function start(): Promise<void> {
  child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  await said('ready');
}

async function said(text: string): Promise<void> {
  const [chunk] = await once(child.stdout!, 'data');
  expect(String(chunk)).toBe(text);
}

afterEach(() => {
  child.kill('SIGKILL');
});

describe('stopRequest', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s asks to stop, a second one ends it at once',
    async (signal) => {
      await start();
      child.kill(signal);
      await said(signal);
      child.kill('SIGINT');
      expect(await once(child, 'exit')).toEqual([130, null]);
    },
  );

  test('so does the end of the process that started it', async () => {
    await start();
    child.disconnect();
    await said('disconnect');
  });

  test('Ctrl-C that reaches the parent too is one request', async () => {
    await start();
    child.kill('SIGHUP');
    child.disconnect();
    await said('disconnect');
    child.kill('SIGINT');
    child.kill('SIGHUP');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });
});
