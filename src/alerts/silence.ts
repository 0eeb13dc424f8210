import type pg from 'pg';
import { changeAlerts, maintenanceOf, openAlerts } from '../database/alert-judging.ts';
import { holdRule, type JudgedRule, rulesByClock, scheduledRules } from '../database/alert-rules.ts';
import {
  endedSilencesOf,
  judgeAnew,
  maintenanceEnded,
  type Silence,
  silencesOf,
} from '../database/alert-silence.ts';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import { scopeOf } from '../domain/alert-scope.ts';
import { alertInWords } from '../domain/alert-words.ts';
import { isWithin } from '../domain/schedule.ts';
import type { Clock } from '../service/clock.ts';

const SECOND = 1_000_000;

interface ByClock {
  pool: pg.Pool;
  clock: Clock;
}

/**
 * Opens and resolves what is judged by the clock: it is what does not come that counts. Each rule in a transaction of its
 * own, so that one that can't be judged keeps no other from it.
 * @param onFailed is told of such a rule
 */
export async function judgeSilence(
  { pool, clock }: ByClock,
  onFailed: (rule: JudgedRule, error: unknown) => void,
): Promise<void> {
  for (const rule of await inTransaction(pool, 'begin', rulesByClock)) {
    await inTransaction(pool, 'begin', (tx) => judgeRule(tx, rule, clock)).catch((error) =>
      onFailed(rule, error),
    );
  }
}

async function judgeRule(tx: Transaction, rule: JudgedRule, clock: Clock): Promise<void> {
  // One that has changed since has its turn with the next look.
  if (!(await holdRule(tx, rule))) return;
  const { condition, forSeconds } = rule;
  const ended = await endedSilencesOf(tx, rule);
  await changeAlerts(
    tx,
    ended.map(({ alertId, openedAt, endedAt }) => ({
      id: alertId,
      openedAt,
      clearedAt: Math.max(openedAt, endedAt),
      resolution: 'cleared' as const,
    })),
  );
  const now = clock.now() * 1000;
  if (rule.schedule && !isWithin(rule.schedule, now / 1000)) return;
  const begun = await silencesOf(tx, rule);
  const quiet = await quietIn(tx, rule.organizationId, now);
  await openAlerts(
    tx,
    begun
      .filter((silence) => !quiet(silence))
      .map(({ device, integrationId, since }) => ({
        ruleId: rule.id,
        deviceId: device?.id,
        integrationId: integrationId ?? undefined,
        summary: alertInWords(condition, forSeconds, undefined),
        metric: condition.kind === 'no_data' ? condition.metric : undefined,
        value: undefined,
        openedAt: since + forSeconds * SECOND,
        clearedAt: undefined,
      })),
  );
}

/** What has time limits of its own looks anew when they begin or end: no reading comes for it. */
export class Hours {
  readonly #wasDue = new Map<string, boolean>();
  #lookedAt: number | undefined;

  /** Has devices judged again whose rules hold from now on, or whose maintenance is over. */
  async look({ pool, clock }: ByClock): Promise<void> {
    const now = clock.now();
    const sinceLook =
      this.#lookedAt === undefined ? LONGEST_PAUSE_SECONDS : (now - this.#lookedAt) / 1000 + 1;
    await inTransaction(pool, 'begin', async (tx) => {
      const organizations = new Set<string>();
      for (const rule of await scheduledRules(tx)) {
        const isDue = isWithin(rule.schedule!, now);
        if (isDue && !this.#wasDue.get(rule.id)) organizations.add(rule.organizationId);
        this.#wasDue.set(rule.id, isDue);
      }
      for (const { organizationId } of await maintenanceEnded(tx, sinceLook))
        organizations.add(organizationId);
      if (organizations.size > 0) await judgeAnew(tx, [...organizations]);
    });
    this.#lookedAt = now;
  }
}

/** Whoever looks for the first time goes back so far. */
const LONGEST_PAUSE_SECONDS = 3600;

/** @returns whether maintenance keeps an alert from opening */
async function quietIn(
  tx: Transaction,
  organizationId: string,
  now: number,
): Promise<(silence: Silence) => boolean> {
  const windows = (await maintenanceOf(tx, [organizationId])).filter(
    ({ from, to }) => now >= from && now < to,
  );
  const scopes = windows.map(({ scope }) => scopeOf(scope));
  return ({ device }) => device !== null && scopes.some((isFor) => isFor(device));
}
