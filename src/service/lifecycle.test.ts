import { expect, test } from 'vitest';
import { inOrder, type Service } from './lifecycle.ts';
import { silentLog } from './log.ts';

function service(name: string, said: string[], parts: Partial<Service> = {}): Service {
  return {
    name,
    async start() {
      said.push(`start ${name}`);
    },
    async stop() {
      said.push(`stop ${name}`);
    },
    ...parts,
  };
}

test('starts in order and stops in reverse, once', async () => {
  const said: string[] = [];
  const all = inOrder([service('a', said), service('b', said)], silentLog);
  await all.start();
  await Promise.all([all.stop(), all.stop()]);
  expect(said).toEqual(['start a', 'start b', 'stop b', 'stop a']);
});

test('one that fails to start takes down those before it', async () => {
  const said: string[] = [];
  const failing = service('b', said, { start: () => Promise.reject(new Error('no')) });
  const all = inOrder([service('a', said), failing, service('c', said)], silentLog);
  await expect(all.start()).rejects.toThrow('no');
  expect(said).toEqual(['start a', 'stop a']);
});

test('one that fails to stop, or never does, keeps nobody below it from stopping', async () => {
  const said: string[] = [];
  const failing = service('b', said, { stop: () => Promise.reject(new Error('no')) });
  const stuck = service('c', said, { stop: () => new Promise(() => {}) });
  const all = inOrder([service('a', said), failing, stuck], silentLog, 1);
  await all.start();
  await all.stop();
  expect(said.at(-1)).toBe('stop a');
});
