import type pg from 'pg';
import { judgedRule } from '../contract/alerts.ts';
import type { AlertCondition, AlertScope, Schedule } from '../domain/alert.ts';
import type { Transaction } from './transaction.ts';

/** A rule as it is judged by. */
export interface JudgedRule {
  id: string;
  organizationId: string;
  condition: AlertCondition;
  forSeconds: number;
  scope: AlertScope;
  schedule: Schedule | null;
  /** Since when it is as it is, in microseconds. */
  judgedFrom: number;
}

/** A time as Microseconds. */
export const micros = (time: string) => `(extract(epoch from ${time}) * 1000000)::bigint`;

const judged = `select id, organization_id as "organizationId", condition, for_seconds as "forSeconds", scope, schedule,
    ${micros('judged_from')} as "judgedFrom"
  from public.alert_rules
 where enabled and condition is not null`;
/** Of a rule's row: whether it is the clock that it is judged by, and not readings. */
export const BY_CLOCK = `condition ->> 'kind' in ('no_data', 'offline', 'link_down')`;

type StoredRule = Omit<JudgedRule, 'condition' | 'scope' | 'schedule'> &
  Record<'condition' | 'scope' | 'schedule', unknown>;

/** Without those that SQL has written and that can't be read: they find nothing, and harm no other. */
function readable(rows: readonly StoredRule[]): JudgedRule[] {
  return rows.flatMap((row) => {
    const { forSeconds: for_seconds, condition, scope, schedule } = row;
    const { data } = judgedRule.safeParse({ condition, for_seconds, scope, schedule });
    return data ? { ...row, condition: data.condition, scope: data.scope, schedule: data.schedule } : [];
  });
}

/** Rules that readings are judged by, held until the transaction ends: none is changed meanwhile. */
export async function rulesOfReadings(
  tx: Transaction,
  organizationIds: readonly string[],
): Promise<JudgedRule[]> {
  const rows = await tx.rows<StoredRule>(
    {
      name: 'rules_of_readings',
      text: `${judged} and organization_id = any ($1::uuid[]) and not ${BY_CLOCK} for share`,
    },
    [organizationIds],
  );
  return readable(rows);
}

/** Rules that are judged by the clock, of all organizations. */
export async function rulesByClock(tx: Transaction): Promise<JudgedRule[]> {
  const text = `${judged} and ${BY_CLOCK} order by organization_id`;
  return readable(await tx.rows<StoredRule>({ name: 'rules_by_clock', text }));
}

/**
 * Holds a rule until the transaction ends, so that it is not changed meanwhile.
 * @returns false when it is not as it was read any more
 */
export async function holdRule(tx: Transaction, { id, judgedFrom }: JudgedRule): Promise<boolean> {
  const row = await tx.row(
    {
      name: 'hold_rule',
      text: `select id from public.alert_rules
        where id = $1 and enabled and ${micros('judged_from')} = $2 for share`,
    },
    [id, judgedFrom],
  );
  return row !== undefined;
}

/** Rules with a schedule that readings are judged by. */
export async function scheduledRules(tx: Transaction): Promise<JudgedRule[]> {
  const text = `${judged} and schedule is not null and not ${BY_CLOCK}`;
  return readable(await tx.rows<StoredRule>({ name: 'scheduled_rules', text }));
}

/** What ingest has to look at: of one organization, or of all. */
export async function watchedRules(pool: pg.Pool, organizationId?: string): Promise<JudgedRule[]> {
  const { rows } = await pool.query<StoredRule>(
    `${judged} and not ${BY_CLOCK} and ($1::uuid is null or organization_id = $1) order by id`,
    [organizationId],
  );
  return readable(rows);
}
