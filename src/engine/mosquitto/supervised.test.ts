import { expect, test, vi } from 'vitest';
import { silentLog } from '../../service/log.ts';
import type { MosquittoProcess } from './process.ts';
import { SupervisedMosquitto } from './supervised.ts';

/** A process that ends when it is told to. */
function processOf(pid: number) {
  const ended = Promise.withResolvers<string>();
  const process: MosquittoProcess = {
    pid,
    ended: ended.promise,
    async stop() {
      ended.resolve('exit code 0');
    },
  };
  return { process, end: (how: string) => ended.resolve(how) };
}

test('one that ends is started again, however often that fails', async () => {
  const first = processOf(1);
  const second = processOf(2);
  const again = Promise.withResolvers<void>();
  const starts = [
    async () => first.process,
    async () => {
      throw new Error('the disk is full');
    },
    async () => {
      expect(supervised.failure).toBe('the disk is full');
      again.resolve();
      return second.process;
    },
  ];
  const supervised = new SupervisedMosquitto(() => starts.shift()!(), silentLog);
  await supervised.start();
  expect(supervised).toMatchObject({ pid: 1, failure: undefined });
  first.end('ended by SIGKILL');
  await again.promise;
  await vi.waitFor(() => expect(supervised).toMatchObject({ pid: 2, failure: undefined }));
  await supervised.stop();
  expect(await second.process.ended).toBe('exit code 0');
});

test('a stop in the middle of a start stops what comes of it', async () => {
  const first = processOf(1);
  const late = processOf(2);
  const starting = Promise.withResolvers<void>();
  const started = Promise.withResolvers<MosquittoProcess>();
  const starts = [
    async () => first.process,
    () => {
      starting.resolve();
      return started.promise;
    },
  ];
  const supervised = new SupervisedMosquitto(() => starts.shift()!(), silentLog);
  await supervised.start();
  first.end('ended by SIGKILL');
  await starting.promise;
  const stopped = supervised.stop();
  started.resolve(late.process);
  await stopped;
  expect(await late.process.ended).toBe('exit code 0');
});

test('a first start that fails is the caller’s to hear of', async () => {
  const supervised = new SupervisedMosquitto(async () => {
    throw new Error('no');
  }, silentLog);
  await expect(supervised.start()).rejects.toThrow('no');
  await supervised.stop();
  await new SupervisedMosquitto(async () => processOf(1).process, silentLog).stop();
});
