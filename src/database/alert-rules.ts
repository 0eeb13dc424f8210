import type pg from 'pg';
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

const judged = `select id, organization_id as "organizationId", condition, for_seconds as "forSeconds", scope, schedule,
    (extract(epoch from judged_from) * 1000000)::bigint as "judgedFrom"
  from public.alert_rules
 where enabled and condition is not null`;
/** Of a rule's row: whether it is the clock that it is judged by, and not readings. */
export const BY_CLOCK = `condition ->> 'kind' in ('no_data', 'offline', 'link_down')`;

/** Rules that readings are judged by, held until the transaction ends: none is changed meanwhile. */
export function rulesOfReadings(tx: Transaction, organizationIds: readonly string[]): Promise<JudgedRule[]> {
  return tx.rows(
    {
      name: 'rules_of_readings',
      text: `${judged} and organization_id = any ($1::uuid[]) and not ${BY_CLOCK} for share`,
    },
    [organizationIds],
  );
}

/** Rules that are judged by the clock, of all organizations. */
export function rulesByClock(tx: Transaction): Promise<JudgedRule[]> {
  return tx.rows({ name: 'rules_by_clock', text: `${judged} and ${BY_CLOCK} order by organization_id` });
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
        where id = $1 and enabled and (extract(epoch from judged_from) * 1000000)::bigint = $2 for share`,
    },
    [id, judgedFrom],
  );
  return row !== undefined;
}

/** Rules with a schedule that readings are judged by. */
export function scheduledRules(tx: Transaction): Promise<JudgedRule[]> {
  return tx.rows({
    name: 'scheduled_rules',
    text: `${judged} and schedule is not null and not ${BY_CLOCK}`,
  });
}

/** What ingest has to look at: of one organization, or of all. */
export async function watchedRules(
  pool: pg.Pool,
  organizationId?: string,
): Promise<Pick<JudgedRule, 'organizationId' | 'condition' | 'scope'>[]> {
  const { rows } = await pool.query(
    `select organization_id as "organizationId", condition, scope from public.alert_rules
      where enabled and condition is not null and not ${BY_CLOCK} and ($1::uuid is null or organization_id = $1)`,
    [organizationId],
  );
  return rows;
}
