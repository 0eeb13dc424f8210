import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Notifier } from '../../src/alerts/notify/notifier.ts';
import { alerting, notifier, settableClock } from '../support/alerting.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { closes, hangs, ok, type Receiver, receiver, status } from '../support/receiver.ts';

/** What channels are told of alerts, when, and how often. The clock is the test's. */

let database: TestDatabase;
let world: Awaited<ReturnType<typeof alerting>>;
let clock: ReturnType<typeof settableClock>;
let notifies: Notifier;
const receivers: Receiver[] = [];

beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  world = await alerting(database);
  clock = settableClock();
  notifies = notifier(database, { clock });
});
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((one) => one.close()));
  await notifies.stop();
  await database.pool.query('delete from organizations');
});
afterAll(() => database?.close());

async function listening(answers = ok): Promise<Receiver> {
  const one = await receiver(answers);
  receivers.push(one);
  return one;
}

/** A turn, so many seconds later. */
async function after(seconds: number): Promise<void> {
  clock.time += seconds * 1000;
  await notifies.once(10_000);
}

const counts = ({ received }: Receiver) =>
  received.map(({ body }) => Object.fromEntries(Object.entries(body.data.counts).filter(([, n]) => n !== 0)));

it('tells of an alert at once, and of its end', async () => {
  const hook = await listening();
  await world.channel({ url: hook.url });
  const opened = await world.open(await world.rule());
  await after(0);
  expect(hook.received[0]!.body).toMatchObject({
    type: 'alerts',
    timestamp: '2026-11-26T12:00:00.000Z',
    data: {
      organization: { id: world.organization, name: 'Acme' },
      severity: 'warning',
      counts: { opened: 1 },
      rules: [{ name: 'Too hot', count: 1 }],
      other_rules: 0,
      url: `https://mqtt.example.com/o/${world.organization}/alerts/${opened[0]}`,
      alerts: [
        {
          id: opened[0],
          event: 'opened',
          rule: 'Too hot',
          state: 'open',
          device: { name: 'Oven 1' },
          summary: 'temperature is 31.2, above 30',
          metric: 'temperature',
          value: 31.2,
          opened_at: '2026-11-26T12:00:00.000000Z',
        },
      ],
    },
  });
  await world.resolve(opened);
  await after(10);
  expect(hook.received).toHaveLength(2);
  expect(hook.received[1]!.body.data.alerts[0]).toMatchObject({ event: 'resolved', resolution: 'cleared' });
  await after(60);
  expect(hook.received).toHaveLength(2);
});

it('makes one notification for each channel of 5,000 alerts that open at once', async () => {
  const [one, other] = [await listening(), await listening()];
  await world.channel({ url: one.url });
  await world.channel({ url: other.url });
  await world.open(await world.rule('Storm'), 5000);
  await after(0);
  await after(5);
  for (const hook of [one, other]) {
    expect(counts(hook)).toEqual([{ opened: 5000 }]);
    expect(hook.received[0]!.body.data.alerts).toHaveLength(10);
    expect(hook.received[0]!.body.data.rules).toEqual([{ name: 'Storm', count: 5000 }]);
  }
});

it('gathers what follows in a window that grows while it goes on', async () => {
  const hook = await listening();
  await world.channel({ url: hook.url });
  const rule = await world.rule();
  const told: number[] = [];
  for (let second = 0; second <= 200; second += 1) {
    await world.open(rule);
    const before = hook.received.length;
    await after(second === 0 ? 0 : 1);
    if (hook.received.length > before) told.push(second);
  }
  expect(told).toEqual([0, 5, 15, 35, 75, 135, 195]);
  expect(counts(hook).slice(0, 4)).toEqual([{ opened: 1 }, { opened: 5 }, { opened: 10 }, { opened: 20 }]);
  // Nothing comes in the window: the next one is told at once.
  await after(60);
  await after(61);
  const before = hook.received.length;
  await world.open(rule);
  await after(1);
  expect(hook.received).toHaveLength(before + 1);
});

it('tells once of what has come and gone before anybody was told', async () => {
  const hook = await listening();
  await world.channel({ url: hook.url });
  const rule = await world.rule();
  await world.open(rule);
  await after(0);
  const short = await world.open(rule);
  await after(1);
  await world.resolve(short);
  await after(5);
  expect(counts(hook)).toEqual([{ opened: 1 }, { was_open: 1 }]);
  expect(hook.received[1]!.body.data.alerts[0]).toMatchObject({ id: short[0], event: 'was_open' });
  await after(60);
  expect(hook.received).toHaveLength(2);
});

it('says nothing of what late readings show not to have been', async () => {
  const hook = await listening();
  await world.channel({ url: hook.url });
  const alert = await world.open(await world.rule());
  await world.resolve(alert, 'withdrawn');
  await after(1);
  expect(hook.received).toEqual([]);
});

it('leaves snoozed alerts alone until the snooze ends, and acknowledged ones until they resolve', async () => {
  const hook = await listening();
  await world.channel({ url: hook.url });
  const rule = await world.rule();
  const [snoozed, taken] = [await world.open(rule), await world.open(rule)];
  await after(0);
  expect(counts(hook)).toEqual([{ opened: 2 }]);
  await world.set([...snoozed, ...taken], `snoozed_until = '2026-11-26T13:00:00Z'`);
  await world.set(taken, `state = 'acknowledged'`);
  await after(1800);
  expect(hook.received).toHaveLength(1);
  await after(1801);
  expect(counts(hook)).toEqual([{ opened: 2 }, { still_open: 1 }]);
  expect(hook.received[1]!.body.data.alerts[0]).toMatchObject({ id: snoozed[0], event: 'still_open' });
  await after(100);
  expect(hook.received).toHaveLength(2);
  await world.resolve(taken);
  await after(100);
  expect(counts(hook).at(-1)).toEqual({ resolved: 1 });
});

it('does not tell of an alert that is snoozed or acknowledged before its turn has come', async () => {
  const hook = await listening();
  await world.channel({ url: hook.url });
  const rule = await world.rule();
  await world.open(rule);
  await after(0);
  const [snoozed, taken] = [await world.open(rule), await world.open(rule)];
  await world.set(snoozed, `snoozed_until = '2026-11-26T12:10:00Z'`);
  await world.set(taken, `state = 'acknowledged'`);
  await after(6);
  expect(hook.received).toHaveLength(1);
  await after(600);
  expect(counts(hook).at(-1)).toEqual({ opened: 1 });
  expect(hook.received.at(-1)!.body.data.alerts[0].id).toBe(snoozed[0]);
});

it('tells when a snooze is ended by hand, if nobody was told before', async () => {
  const hook = await listening();
  await world.channel({ url: hook.url });
  const rule = await world.rule();
  const [never, told] = [await world.open(rule), await world.open(rule)];
  const tomorrow = `snoozed_until = now() + interval '1 day'`;
  await world.set(never, tomorrow);
  await after(0);
  expect(counts(hook)).toEqual([{ opened: 1 }]);
  await world.set(told, tomorrow);
  await world.set([...never, ...told], 'snoozed_until = null');
  await after(60);
  expect(counts(hook)).toEqual([{ opened: 1 }, { opened: 1 }]);
  expect(hook.received[1]!.body.data.alerts[0].id).toBe(never[0]);
});

it('waits in quiet hours but for what is critical, and then tells of what is still open in one', async () => {
  const hook = await listening();
  const quiet_hours = {
    time_zone: 'Europe/Berlin',
    windows: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '07:00' }],
  };
  await world.channel({ url: hook.url, quiet_hours });
  const rule = await world.rule();
  clock.time = Date.parse('2026-11-26T23:00:00Z');
  const [gone] = [await world.open(rule), await world.open(rule), await world.open(rule)];
  await after(0);
  await world.resolve(gone!);
  await after(60);
  expect(hook.received).toEqual([]);
  await world.open(await world.rule('Fire', { severity: 'critical' }));
  await after(60);
  expect(counts(hook)).toEqual([{ opened: 1 }]);
  expect(hook.received[0]!.body.data.alerts[0].rule).toBe('Fire');
  clock.time = Date.parse('2026-11-27T05:59:59Z');
  await after(0);
  expect(hook.received).toHaveLength(1);
  await after(1);
  expect(counts(hook).slice(1)).toEqual([{ opened: 2 }]);
});

it('holds critical ones back as well where the channel says so, and tells outside of a schedule of nothing', async () => {
  const hook = await listening();
  const schedule = { time_zone: 'UTC', windows: [{ days: [4], from: '13:00', to: '14:00' }] };
  await world.channel({ url: hook.url, schedule, critical_always: false });
  await world.open(await world.rule('Fire', { severity: 'critical' }));
  await after(0);
  expect(hook.received).toEqual([]);
  await after(3600);
  expect(counts(hook)).toEqual([{ opened: 1 }]);
});

it('asks the rule who is told, or else the severity', async () => {
  const [all, critical, named, off] = [
    await listening(),
    await listening(),
    await listening(),
    await listening(),
  ];
  await world.channel({ url: all.url });
  await world.channel({ url: critical.url, min_severity: 'critical', notify_resolved: false });
  const only = await world.channel({ url: named.url, min_severity: 'critical' });
  await world.channel({ url: off.url, enabled: false });
  const stranger = await alerting(database);
  const foreign = await listening();
  await stranger.channel({ url: foreign.url });
  await world.open(await world.rule('Any'));
  await world.open(await world.rule('Named', { channel_ids: [only] }));
  const fire = await world.open(await world.rule('Fire', { severity: 'critical' }));
  await after(0);
  const rules = ({ received }: Receiver) =>
    received.flatMap(({ body }) => body.data.rules.map(({ name }: { name: string }) => name)).sort();
  expect([all, critical, named, off, foreign].map(rules)).toEqual([
    ['Any', 'Fire'],
    ['Fire'],
    ['Fire', 'Named'],
    [],
    [],
  ]);
  await world.resolve(fire);
  await after(60);
  expect([all, critical].map(({ received }) => received.length)).toEqual([2, 1]);
  // A rule that named a channel which is gone goes on with all of them.
  await database.pool.query('delete from notification_channels where id = $1', [only]);
  const { rows } = await database.pool.query('select channel_ids from alert_rules where name = $$Named$$');
  expect(rows).toEqual([{ channel_ids: [] }]);
});

it('tries again until it arrives, with the same id and body, and brings along what waited', async () => {
  const hook = await listening(status(500, 'no'));
  const channel = await world.channel({ url: hook.url });
  const rule = await world.rule();
  await world.open(rule);
  await after(0);
  hook.answers = closes;
  await after(6.1);
  let [first] = await world.deliveries(channel);
  expect(first).toMatchObject({
    state: 'pending',
    attempts: 2,
    last_error: expect.stringContaining('ended the connection'),
  });
  hook.answers = ok;
  await world.open(rule);
  await after(0.1);
  await after(1);
  [first] = await world.deliveries(channel);
  expect(first).toMatchObject({ state: 'sent', attempts: 3 });
  const ofFirst = hook.received.filter(({ headers }) => headers['webhook-id'] === first.id);
  expect(ofFirst).toHaveLength(3);
  expect(new Set(ofFirst.map(({ text }) => text)).size).toBe(1);
});

it('gives up after a day, at once when the receiver is gone for good, and sends again when asked', async () => {
  const hook = await listening(status(500, 'on fire'));
  const channel = await world.channel({ url: hook.url });
  const rule = await world.rule();
  await world.open(rule);
  await after(0);
  let hours = 0;
  for (; (await world.deliveries(channel))[0].state === 'pending'; hours += 1 / 12) await after(300);
  expect(hours).toBeGreaterThan(16);
  expect(hours).toBeLessThan(30);
  const [dead] = await world.deliveries(channel);
  expect(dead).toMatchObject({ state: 'dead', last_error: 'The receiver answered HTTP 500: on fire' });
  hook.answers = status(410);
  await world.open(rule);
  await after(1);
  expect((await world.deliveries(channel))[1]).toMatchObject({ state: 'dead', attempts: 1 });
  hook.answers = ok;
  clock.time = Math.max(clock.time, Date.now());
  await database.pool.query('update notification_deliveries set retried_at = now()');
  await after(1);
  await after(1);
  expect((await world.deliveries(channel)).map(({ state }) => state)).toEqual(['sent', 'sent']);
});

it('waits as long as the receiver asks it to', async () => {
  const hook = await listening(status(429, '', { 'retry-after': '120' }));
  await world.channel({ url: hook.url });
  await world.open(await world.rule());
  await after(0);
  await after(119);
  expect(hook.received).toHaveLength(1);
  await after(1);
  expect(hook.received).toHaveLength(2);
});

it('is held up for nobody by receivers that hang', async () => {
  const hung = await listening(hangs);
  // Of the same organization more than it may have at a time, and of another one.
  for (let n = 0; n < 6; n += 1) await world.channel({ url: hung.url });
  const fine = await listening();
  const neighbour = await alerting(database);
  await neighbour.channel({ url: fine.url });
  await world.open(await world.rule());
  await neighbour.open(await neighbour.rule());
  const running = notifier(database, { clock: { ...clock, now: Date.now } });
  await running.start();
  await fine.has(1);
  await hung.has(4);
  expect(hung.received).toHaveLength(4);
  await neighbour.open(await neighbour.rule('Again'));
  await fine.has(2);
  await running.stop();
  // Called off, not counted as tried.
  const { rows } = await database.pool.query(
    'select state, attempts, count(*)::int from notification_deliveries where organization_id = $1 group by 1, 2',
    [world.organization],
  );
  expect(rows).toEqual([{ state: 'pending', attempts: 0, count: 6 }]);
});
