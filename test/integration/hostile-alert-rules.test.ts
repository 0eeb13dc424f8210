import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { judgeByClock } from '../../src/alerts/alerts.ts';
import { judgeReadings, WaitingOrganizations } from '../../src/alerts/judging.ts';
import { Hours } from '../../src/alerts/silence.ts';
import { systemClock } from '../../src/service/clock.ts';
import type { Logger } from '../../src/service/log.ts';
import { silentLog } from '../../src/service/log.ts';
import { AlertLab } from '../support/alert-lab.ts';

/** What a member writes by SQL past the API: it finds nothing, and those of other organizations are judged as ever. */

let lab: AlertLab;
const said: unknown[] = [];
const log: Logger = {
  ...silentLog,
  warn: (...words: unknown[]) => said.push(words),
  error: (...words: unknown[]) => said.push(words),
} as Logger;
beforeAll(async () => {
  lab = await AlertLab.open(1);
});
afterAll(() => lab.close());
beforeEach(() => {
  said.length = 0;
});

const hot = { kind: 'threshold', metric: 't', operator: 'gt', value: 30, hysteresis: 0 } as const;
const always = { kind: 'organization' };

/** An organization of one member, with a device that has something to say. */
async function rival(): Promise<{ id: string; as(sql: string, values: unknown[]): Promise<void> }> {
  const user = randomUUID();
  const [made] = await lab.rows<{ id: string }>(`select private.found_organization('Rival', $1) as id`, [
    user,
  ]);
  const { id } = made!;
  await lab.rows(
    `with device as (
       insert into devices (organization_id, external_device_id, name) values ($1, $2, 'Spy') returning id
     ), said as (
       insert into device_telemetry_history (organization_id, device_id, recorded_at, received_at, telemetry)
       select $1, id, now(), now(), '{"t": 31}' from device)
     insert into private.alert_signals (organization_id, device_id, since) select $1, id, now() from device`,
    [id, randomUUID()],
  );
  async function as(sql: string, values: unknown[]): Promise<void> {
    const client = await lab.test.pool.connect();
    try {
      await client.query('begin; set local role authenticated');
      await client.query(`select set_config('request.jwt.claims', $1, true)`, [
        JSON.stringify({ sub: user, role: 'authenticated' }),
      ]);
      await client.query(sql, values);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  }
  return { id, as };
}

/** Judges everything; an organization beside them is to notice nothing of it. */
async function othersAreJudged(): Promise<void> {
  const device = await lab.device();
  const rule = await lab.rule({ condition: hot, scope: { kind: 'devices', device_ids: [device.id] } });
  await lab.store(device.name, { t: 31 });
  const options = { pool: lab.test.pool, clock: systemClock(), log };
  await judgeByClock(options, new Hours());
  while ((await judgeReadings(options)) > 0);
  const alerts = await lab.rows('select from alerts where rule_id = $1 and device_id = $2', [
    rule,
    device.id,
  ]);
  expect(alerts).toHaveLength(1);
  expect(said).toEqual([]);
}

const rules: [name: string, rule: { condition?: unknown; scope?: unknown; schedule?: unknown }][] = [
  ['an expression that is none', { condition: { kind: 'expression' } }],
  ['an expression that is no text', { condition: { kind: 'expression', expression: { length: 1e9 } } }],
  [
    'a change within no time',
    { condition: { kind: 'change', metric: 't', by: 1, within_seconds: 'x', direction: 'up' } },
  ],
  [
    'a change within all time',
    { condition: { kind: 'change', metric: 't', by: 1, within_seconds: 1e300, direction: 'up' } },
  ],
  ['a limit that is no number', { condition: { ...hot, value: { toString: null } } }],
  ['a kind that there is not', { condition: { kind: 'toString' } }],
  ['a scope that is null', { scope: null }],
  ['a scope of devices without any', { scope: { kind: 'devices' } }],
  ['a scope with tags that are none', { scope: { kind: 'matching', tags: 5 } }],
  ['a zone that there is not', { schedule: { time_zone: 'Mars/Olympus', windows: [] } }],
  ['a schedule without windows', { schedule: { time_zone: 'UTC' } }],
  ['silence of no metric', { condition: { kind: 'no_data', metric: {} } }],
];

it.each(rules)('a rule with %s', async (_, rule) => {
  const { id, as } = await rival();
  const { condition = hot, scope = always, schedule } = rule;
  await as(
    `insert into alert_rules (organization_id, name, condition, scope, schedule) values ($1, 'Trap', $2, $3, $4)`,
    [id, JSON.stringify(condition), JSON.stringify(scope), schedule && JSON.stringify(schedule)],
  );
  await othersAreJudged();
});

it.each([
  ['for ever', always, '-infinity', 'infinity'],
  ['at the end of time', always, '294276-12-01', 'infinity'],
  ['of no scope', null, 'yesterday', 'tomorrow'],
])('maintenance %s', async (_, scope, from, to) => {
  const { id, as } = await rival();
  await as(`insert into alert_rules (organization_id, name, condition) values ($1, 'Hot', $2)`, [id, hot]);
  await as(
    `insert into maintenance_windows (organization_id, name, scope, starts_at, ends_at) values ($1, 'Trap', $2, $3, $4)`,
    [id, JSON.stringify(scope), from, to],
  );
  await othersAreJudged();
});

it('a type whose metrics are called by what is no text', async () => {
  const { id, as } = await rival();
  await as(`insert into alert_rules (organization_id, name, condition) values ($1, 'Hot', $2)`, [id, hot]);
  await as(
    `with type as (
       insert into device_types (organization_id, name, metrics)
       values ($1, 'Trap', '[null, {"name": "t", "label": {"toString": null}, "unit": 5}]') returning id)
     update devices set device_type_id = (select id from type) where organization_id = $1`,
    [id],
  );
  await othersAreJudged();
  expect(await lab.rows('select summary from alerts where organization_id = $1', [id])).toEqual([
    { summary: 't is 31: above 30' },
  ]);
});

it('more rules, windows and channels than there may be are refused', async () => {
  const { id, as } = await rival();
  const many = (table: string, columns: string, values: string, count: number) =>
    as(
      `insert into ${table} (organization_id, name, ${columns}) select $1, 'One', ${values} from generate_series(1, $2)`,
      [id, count],
    );
  const rule = ['alert_rules', 'condition', `'{"kind": "offline"}'`] as const;
  await many(...rule, 1000);
  await expect(many(...rule, 1)).rejects.toMatchObject({ code: 'NN002' });
  const window = ['maintenance_windows', 'starts_at, ends_at', `now(), now() + interval '1 hour'`] as const;
  await expect(many(...window, 501)).rejects.toMatchObject({ code: 'NN002' });
  const channel = ['notification_channels', 'kind', `'webhook'`] as const;
  await expect(many(...channel, 51)).rejects.toMatchObject({ code: 'NN002' });
});

it('a device with very many readings is judged after those of others, and alone', async () => {
  const { id, as } = await rival();
  await as(`insert into alert_rules (organization_id, name, condition) values ($1, 'Hot', $2)`, [id, hot]);
  await lab.rows(
    `with device as (select id from devices where organization_id = $1), said as (
       insert into device_telemetry_history (organization_id, device_id, recorded_at, received_at, telemetry)
       select $1, device.id, now() - make_interval(secs => n), now() - interval '1 minute', '{"t": 31}'
         from device, generate_series(1, 11000) n)
     update private.alert_signals set since = now() - interval '1 day' where organization_id = $1`,
    [id],
  );
  const device = await lab.device();
  const rule = await lab.rule({ condition: hot, scope: { kind: 'devices', device_ids: [device.id] } });
  await lab.store(device.name, { t: 31 });
  const options = { pool: lab.test.pool, clock: systemClock(), log };
  const alertsOf = (organization: string, column: 'organization_id' | 'rule_id') =>
    lab.rows(`select from alerts where ${column} = $1`, [organization]);
  const waiting = new WaitingOrganizations();
  await judgeReadings(options, waiting);
  expect(waiting.ids).toEqual([id]);
  expect(await alertsOf(rule, 'rule_id')).toHaveLength(1);
  expect(await alertsOf(id, 'organization_id')).toHaveLength(0);
  expect(await judgeReadings(options, waiting)).toBe(1);
  expect(await alertsOf(id, 'organization_id')).toHaveLength(1);
  expect(said).toEqual([]);
});
