import { randomUUID } from 'node:crypto';
import type { NotifierOptions } from '../../src/alerts/notify/notifier.ts';
import { Notifier } from '../../src/alerts/notify/notifier.ts';
import { channelSender } from '../../src/alerts/notify/send.ts';
import { systemClock } from '../../src/service/clock.ts';
import { guardedLookup } from '../../src/service/guard.ts';
import { silentLog } from '../../src/service/log.ts';
import { createSeal } from '../../src/service/seal.ts';
import type { TestDatabase } from './database.ts';

export const SECRET_KEY = '0123456789abcdef0123456789abcdef';
export const PUBLIC_URL = 'https://mqtt.example.com';
const seal = createSeal(SECRET_KEY);

/** A clock that stands until it is set. */
export function settableClock(from = Date.parse('2026-11-26T12:00:00Z')) {
  const clock = { ...systemClock(), time: from, now: () => clock.time };
  return clock;
}

/** What sends, as a platform with `SECRET_KEY` above has it. */
export function sender(mail?: { url: string; from: string }, clock = systemClock()) {
  const lookup = guardedLookup({ allowPrivate: true });
  return channelSender({ seal, lookup, clock, mail, publicUrl: () => PUBLIC_URL });
}

export function notifier(
  { pool }: Pick<TestDatabase, 'pool'>,
  options: Partial<NotifierOptions> & Pick<NotifierOptions, 'clock'>,
): Notifier {
  const send = sender(undefined, options.clock);
  return new Notifier({ pool, log: silentLog, id: randomUUID(), isAlone: true, send, ...options });
}

/** An organization with channels and alerts, which are rows as the evaluation writes them. */
export async function alerting({ pool }: Pick<TestDatabase, 'pool'>) {
  const one = async (sql: string, values: unknown[]) => (await pool.query(sql, values)).rows[0].id as string;
  const organization = await one(`select private.found_organization('Acme', $1) as id`, [randomUUID()]);

  async function rule(name = 'Too hot', columns: { severity?: string; channel_ids?: string[] } = {}) {
    return one(
      `insert into alert_rules (organization_id, name, severity, condition, channel_ids)
       values ($1, $2, $3, '{"kind": "offline"}', $4) returning id`,
      [organization, name, columns.severity ?? 'warning', columns.channel_ids ?? []],
    );
  }

  async function channel(columns: Record<string, unknown> & { url?: string; secret?: string }) {
    const { url, secret, ...given } = columns;
    const id = randomUUID();
    const secrets = { url, signing_secret: secret ?? `whsec_${Buffer.alloc(32, 7).toString('base64')}` };
    const row: Record<string, unknown> = {
      id,
      organization_id: organization,
      name: 'On call',
      kind: 'webhook',
      sealed_secrets: await seal.close(JSON.stringify(secrets), id),
      ...given,
    };
    const names = Object.keys(row);
    const values = Object.values(row).map((value) =>
      typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
    );
    await pool.query(
      `insert into notification_channels (${names}) values (${names.map((_, index) => `$${index + 1}`)})`,
      values,
    );
    return id;
  }

  /** Opens so many alerts in one transaction, each of a device of its own. @returns their ids */
  async function open(ruleId: string, count = 1, opened = '2026-11-26T12:00:00Z'): Promise<string[]> {
    const { rows } = await pool.query(
      `with device as (
         insert into devices (organization_id, external_device_id, name)
         select $1, gen_random_uuid()::text, 'Oven ' || n from generate_series(1, $3) n returning id)
       insert into alerts (organization_id, rule_id, rule_name, severity, device_id, summary, metric, value, opened_at)
       select $1, r.id, r.name, r.severity, d.id, 'temperature is 31.2, above 30', 'temperature', '31.2', $4
         from alert_rules r, device d where r.id = $2 returning id`,
      [organization, ruleId, count, opened],
    );
    return rows.map(({ id }) => id);
  }

  const resolve = (alerts: string[], resolution = 'cleared') =>
    pool.query(
      `update alerts set state = 'resolved', cleared_at = now(), resolution = $2 where id = any ($1)`,
      [alerts, resolution],
    );
  const set = (alerts: string[], assignment: string) =>
    pool.query(`update alerts set ${assignment} where id = any ($1)`, [alerts]);

  const deliveries = async (channelId: string) =>
    (
      await pool.query('select * from notification_deliveries where channel_id = $1 order by created_at', [
        channelId,
      ])
    ).rows;

  return { organization, rule, channel, open, resolve, set, deliveries };
}
