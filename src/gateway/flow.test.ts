import { duplexPair } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryBudget } from '../service/memory-budget.ts';
import { defaultLimits } from './context.ts';
import { Flow } from './flow.ts';

const limits = { ...defaultLimits, inFlight: 2, connectionBytes: 1000, totalBytes: 100 };
let budget: MemoryBudget;
/** The organization's rate: a bucket that is used up, and who waits for it. */
let rate: { spent: boolean; waiting: Set<() => void> };
beforeEach(() => {
  rate = { spent: false, waiting: new Set() };
  budget = new MemoryBudget(limits.totalBytes);
});

function connection(onResumed = () => {}) {
  const [socket, client] = duplexPair();
  const [upstream, engine] = duplexPair();
  socket.on('data', () => {});
  const shared = {
    get spent() {
      return rate.spent;
    },
    whenRoom: (wake: () => void) => void rate.waiting.add(wake),
    forget: (wake: () => void) => void rate.waiting.delete(wake),
  };
  const flow = new Flow({ socket, upstream, limits, budget, rate: shared, onResumed });
  return { socket, client, engine, upstream, flow };
}

describe('a connection', () => {
  test('is read until too many are held, and again when one is released', () => {
    const { flow, socket } = connection();
    flow.hold(1);
    flow.check();
    expect(socket.isPaused()).toBe(false);
    flow.hold(1);
    flow.check();
    expect(socket.isPaused()).toBe(true);
    flow.release(1);
    flow.resume();
    expect(socket.isPaused()).toBe(false);
  });

  test('that stopped for its own sake waits for the others’ if they have spent the budget meanwhile', () => {
    const [one, other] = [connection(), connection()];
    one.flow.hold(1);
    one.flow.hold(1);
    one.flow.check();
    other.flow.hold(limits.totalBytes);
    for (const _ of [1, 2]) {
      one.flow.release(1);
      one.flow.resume();
    }
    expect(one.socket.isPaused()).toBe(true);
    // Nothing of its own will wake it any more.
    other.flow.release(limits.totalBytes);
    expect(one.socket.isPaused()).toBe(false);
  });

  test('wakes when the client has read its answers, however often it has to wait for that', async () => {
    const { flow, socket, client } = connection();
    const answers = () => socket.write(Buffer.alloc(limits.connectionBytes * 100));
    const read = () => new Promise((resolve) => client.once('data', resolve));
    for (const _ of [1, 2, 3]) {
      client.pause();
      answers();
      flow.hold(1);
      flow.hold(1);
      flow.check();
      expect(flow.stalled).toBe(true);
      flow.release(1);
      flow.release(1);
      flow.resume();
      client.resume();
      await read();
      await new Promise(setImmediate);
      expect(flow.stalled).toBe(false);
    }
  });

  test('is not woken once it was stopped, nor remembered once it has closed', () => {
    const { flow, socket, upstream } = connection();
    flow.hold(limits.totalBytes);
    flow.check();
    flow.stop();
    flow.release(limits.totalBytes);
    flow.resume();
    expect(socket.isPaused()).toBe(true);
    flow.close();
    expect([socket.listenerCount('drain'), upstream.listenerCount('drain')]).toEqual([0, 0]);
    expect(budget.used).toBe(0);
  });
});

test('what is put off is read before anything new, also if there is room again before anybody waits for it', () => {
  let resumed = 0;
  const { flow, socket } = connection(() => {
    resumed += 1;
  });
  for (const spent of [true, false]) {
    rate.spent = spent;
    flow.putOff();
    flow.check();
    expect(socket.isPaused()).toBe(true);
    rate.spent = false;
    const [wake] = rate.waiting;
    wake!();
    expect(socket.isPaused()).toBe(false);
    expect(rate.waiting.size).toBe(0);
  }
  expect(resumed).toBe(2);
  flow.putOff();
  flow.check();
  flow.close();
  expect(rate.waiting.size).toBe(0);
});

test('a spent rate stops nobody who publishes nothing', () => {
  const { flow, socket } = connection();
  rate.spent = true;
  flow.check();
  expect(socket.isPaused()).toBe(false);
});

test('a spent budget wakes nobody before a quarter of it is free', () => {
  const { flow, socket } = connection();
  flow.hold(60);
  flow.hold(50);
  flow.check();
  const heavy = connection();
  heavy.flow.hold(30);
  heavy.flow.check();
  flow.release(50);
  expect([socket.isPaused(), heavy.socket.isPaused()]).toEqual([true, true]);
  heavy.flow.release(30);
  expect([socket.isPaused(), heavy.socket.isPaused()]).toEqual([false, false]);
  flow.release(60);
});
