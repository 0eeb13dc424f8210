import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/service/clock.ts';
import { alerting, notifier } from '../support/alerting.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { ok, receiver } from '../support/receiver.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database?.close());

it('sends again, with the same id, what a process had sent that was killed before it noted so', async () => {
  const victim = spawn(process.execPath, [
    join(import.meta.dirname, '../support/notifier-process.ts'),
    database.url,
  ]);
  const gone = once(victim, 'exit');
  await once(victim.stdout, 'data');
  const hook = await receiver((response, received) => {
    // It has arrived, and nobody is there any more who could hear so.
    victim.kill('SIGKILL');
    victim.once('exit', () => ok(response, received));
  });
  const world = await alerting(database);
  const channel = await world.channel({ url: hook.url });
  await world.open(await world.rule());
  await hook.has(1);
  await gone;
  hook.answers = ok;
  const [before] = await world.deliveries(channel);
  expect(before).toMatchObject({ state: 'pending', attempts: 1, sent_at: null });

  const clock = systemClock();
  const next = notifier(database, { clock: { ...clock, now: () => clock.now() + 31_000 } });
  await next.once(10_000);
  await next.once(10_000);
  expect(hook.received.map(({ headers }) => headers['webhook-id'])).toEqual([before.id, before.id]);
  expect(hook.received[1]!.text).toBe(hook.received[0]!.text);
  expect(await world.deliveries(channel)).toMatchObject([{ state: 'sent', attempts: 2 }]);
  await next.stop();
  await hook.close();
});

it('leaves it to one process at a time, and the others take over', async () => {
  const hook = await receiver();
  const world = await alerting(database);
  await world.channel({ url: hook.url });
  const options = { clock: systemClock(), isAlone: false };
  const [one, other] = [notifier(database, options), notifier(database, options)];
  await Promise.all([one.start(), other.start()]);
  await world.open(await world.rule(), 50);
  await hook.has(1);
  await one.stop();
  await world.open(await world.rule('Second'));
  await hook.has(2);
  await other.stop();
  const told = hook.received.map(({ body }) => body.data.counts.opened);
  expect(told).toEqual([50, 1]);
  await hook.close();
});
