import type pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { Commands } from '../../src/commands/commands.ts';
import { systemClock } from '../../src/service/clock.ts';
import { silentLog } from '../../src/service/log.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

/** Turns that don't end as they should: of a process that stands still with its machine, or whose time is up. */

let database: TestDatabase;
let device: string;

beforeAll(async () => {
  database = await testDatabase();
  const { rows } = await database.pool.query(
    `insert into devices (organization_id, external_device_id, name)
     values (private.found_organization('Ours', gen_random_uuid()), 'pump', 'Pump') returning id`,
  );
  device = rows[0].id;
});
afterAll(() => database.close());
afterEach(() => vi.restoreAllMocks());

function process(pool: pg.Pool, sent: string[]): Commands {
  return new Commands({
    pool,
    log: silentLog,
    clock: systemClock(),
    isThere: () => true,
    send: async ({ name }) => {
      sent.push(name);
      return { outcome: 'published' };
    },
    onChanged() {},
  });
}

test('one that was frozen sends nothing that others have sent meanwhile', async () => {
  const { pool } = database;
  await pool.query(`insert into device_commands (device_id, name) values ($1, 'first'), ($1, 'second')`, [
    device,
  ]);
  const sent = { frozen: [] as string[], other: [] as string[] };
  let isFrozen = false;
  const frozen = new Proxy(pool, {
    get(target, name) {
      if (name !== 'query') return Reflect.get(target, name);
      return async (...given: Parameters<typeof pool.query>) => {
        const result = await pool.query(...given);
        const isTake = (given[0] as { name?: string }).name === 'take_command_turns';
        if (!isTake || isFrozen) return result;
        isFrozen = true;
        // The lease runs out; the other process does what there is to do.
        await pool.query(`update private.leases set expires_at = now() - interval '1 second'`);
        await pool.query(`update device_commands set sending_until = now() - interval '1 second'`);
        await process(pool, sent.other).dispatch(device);
        const before = performance.now();
        vi.spyOn(performance, 'now').mockImplementation(() => before + 20_000);
        return result;
      };
    },
  });
  await process(frozen, sent.frozen).dispatch(device);
  expect(sent).toEqual({ frozen: [], other: ['first', 'second'] });
});

test('a slow broker’s commands are sent only as long as the turn is sure to last', async () => {
  const { pool } = database;
  await pool.query(
    `insert into device_commands (device_id, name) select $1, 'slow' from generate_series(1, 4)`,
    [device],
  );
  const log: string[] = [];
  const watched = new Proxy(pool, {
    get(target, name) {
      if (name !== 'query') return Reflect.get(target, name);
      return (...given: Parameters<typeof pool.query>) => {
        if ((given[0] as { name?: string }).name === 'take_command_turns') log.push('take');
        return pool.query(...given);
      };
    },
  });
  let later = 0;
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + later);
  const commands = new Commands({
    pool: watched,
    log: silentLog,
    clock: systemClock(),
    isThere: () => true,
    send: async () => {
      log.push('send');
      later += 3000;
      return { outcome: 'published' };
    },
    onChanged() {},
  });
  await commands.dispatch(device);
  expect(log).toEqual(['take', 'send', 'send', 'take', 'send', 'send']);
});

test('what is done once ends in time, however much waits for a device', async () => {
  const { pool } = database;
  await pool.query(
    `insert into device_commands (device_id, name) select $1, 'one of many' from generate_series(1, 100)`,
    [device],
  );
  const ending = new AbortController();
  let sent = 0;
  const commands = new Commands({
    pool,
    log: silentLog,
    clock: systemClock(),
    isThere: () => true,
    send: async () => {
      sent += 1;
      if (sent === 3) ending.abort();
      return { outcome: 'published' };
    },
    onChanged() {},
  });
  await commands.drain(ending.signal);
  expect(sent).toBe(3);
  await commands.drain(AbortSignal.timeout(10_000));
  expect(sent).toBe(100);
});
