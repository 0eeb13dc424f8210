import { Hono } from 'hono';
import type pg from 'pg';
import { z } from 'zod';
import { judgeByClock } from '../alerts/alerts.ts';
import { judgeReadings, mayBeMore, WaitingOrganizations } from '../alerts/judging.ts';
import { Notifier } from '../alerts/notify/notifier.ts';
import { channelSender } from '../alerts/notify/send.ts';
import { Hours } from '../alerts/silence.ts';
import type { Commands } from '../commands/commands.ts';
import { announce } from '../database/announce.ts';
import { translated } from '../database/database-error.ts';
import type { Retention } from '../database/housekeeping.ts';
import { markUnobserved } from '../database/presence.ts';
import { organizationsToRollUp } from '../database/rollups.ts';
import { housekeepingDone, type TickTerms, takeTick } from '../database/tick.ts';
import { problemResponse } from '../http/problem.ts';
import { keepHouse } from '../ingest/housekeeping.ts';
import { judgeQuietDevices } from '../ingest/presence-watch.ts';
import { rollUp } from '../ingest/rollups.ts';
import { type Clock, systemClock } from '../service/clock.ts';
import { PlatformError } from '../service/errors.ts';
import { guardedLookup } from '../service/guard.ts';
import type { Logger } from '../service/log.ts';
import { sameText } from '../service/random.ts';
import { createSeal } from '../service/seal.ts';
import { within } from '../service/within.ts';
import { edgeCommands } from './edge-broker.ts';
import {
  type Edge,
  type EdgeRuntime,
  edgeDatabase,
  edgeLog,
  edgeMail,
  edgeSettings,
  mailOf,
} from './edge-settings.ts';

const MOST_CONNECTIONS = 2;
/** pg_cron calls once a minute. Two calls that fail are no outage yet; a third is. */
const terms: TickTerms = { leaseSeconds: 30, gapSeconds: 150, housekeepingSeconds: 600 };
/** Ends by itself before somebody else can have the turn: between two statements, or else in the middle of one. */
const PATIENCE_MS = { politely: 20_000, anyhow: 25_000 };
/** So long commands are begun: one takes ten seconds at most, and what comes after them is to have its turn, too. */
const DRAIN_MS = 8000;
/** The same for readings past a shorter retention. */
const DELETING_MS = 4000;

/** The same for notifications: a receiver that hangs takes its time out of nobody else's. */
const NOTIFYING_MS = 6000;

const settings = edgeSettings.extend(edgeMail).extend({
  TICK_SECRET: z.string().min(32),
  ALLOW_PRIVATE_NETWORKS: z.stringbool().default(false),
});

interface Work {
  pool: pg.Pool;
  log: Logger;
  retention: Retention;
  commands: Commands;
  notifier: Notifier;
}

interface TickEnv {
  Variables: { platform: { log: Logger } };
}

/**
 * What a process does by timers elsewhere, done once for each call by pg_cron: judges devices that have been quiet,
 * sends commands that wait for it, ends those that have expired, tells of alerts, makes roll-ups, and every ten minutes keeps house. Calls at the same time do it once.
 * @param environment its variables
 * @throws with the names of settings that are missing or bad
 */
export function edgeTick(environment: Record<string, string>, { write }: EdgeRuntime): Edge {
  const given = settings.parse(environment);
  const log = edgeLog(write);
  const { pool } = edgeDatabase(given, { log, most: MOST_CONNECTIONS });
  const commands = edgeCommands({
    pool,
    log,
    secretKey: given.SECRET_KEY,
    allowPrivate: given.ALLOW_PRIVATE_NETWORKS,
  });
  const clock = systemClock();
  const notifier = new Notifier({
    pool,
    log,
    id: crypto.randomUUID(),
    clock,
    send: channelSender({
      seal: createSeal(given.SECRET_KEY),
      lookup: guardedLookup({ allowPrivate: given.ALLOW_PRIVATE_NETWORKS }),
      clock,
      mail: mailOf(given),
      publicUrl: () => (given.PUBLIC_URL ?? given.SUPABASE_URL ?? 'http://localhost').replace(/\/+$/, ''),
    }),
  });
  const app = new Hono<TickEnv>();
  app.use(async (c, next) => {
    c.set('platform', { log });
    return next();
  });
  app.onError(problemResponse);
  app.post('/tick', async (c) => {
    const [, secret = ''] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? [];
    if (!(await sameText(secret, given.TICK_SECRET))) {
      throw new PlatformError(
        'unauthenticated',
        'Send the tick’s secret: Authorization: Bearer <TICK_SECRET>.',
      );
    }
    const retention = {
      retentionDays: given.RETENTION_DAYS,
      rollupRetentionDays: given.ROLLUP_RETENTION_DAYS,
    };
    const work = tick({ pool, log, retention, commands, notifier }).catch((error) => {
      throw translated(error);
    });
    return c.json(await within(PATIENCE_MS.anyhow, work));
  });
  return app;
}

/** @returns whether it was this call's turn, and whether all was done in time: the next one goes on */
async function tick({
  pool,
  log,
  retention,
  commands,
  notifier,
}: Work): Promise<{ ticked: boolean; finished?: boolean }> {
  const turn = await takeTick(pool, terms);
  if (!turn) return { ticked: false };
  const signal = AbortSignal.timeout(PATIENCE_MS.politely);
  const announcer = announce({ pool, log });
  const onChanged = (organizations: ReadonlySet<string>) => announcer.add(organizations);
  const clock = systemClock();
  try {
    if (turn.wasBlind) await markUnobserved(pool, turn.observedFrom);
    await judgeQuietDevices({ pool, clock, onChanged }, { from: turn.observedFrom, signal });
    await commands.drain(AbortSignal.timeout(DRAIN_MS));
    await judgeAlerts({ pool, clock, log, signal });
    await notifier.once(NOTIFYING_MS);
    if (turn.housekeepingDue) {
      await keepHouse({ pool, log, retention }, { signal, deletingMs: DELETING_MS });
      await housekeepingDone(pool);
    }
    await rollUp(pool, await organizationsToRollUp(pool), async () => signal.throwIfAborted());
    return { ticked: true, finished: true };
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    log.warn({}, 'the time was up before all was done');
    return { ticked: true, finished: false };
  } finally {
    await announcer.stop();
  }
}

/** @throws the signal's reason when it comes before all was judged */
async function judgeAlerts(options: {
  pool: pg.Pool;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
}): Promise<void> {
  await judgeByClock(options, new Hours());
  const waiting = new WaitingOrganizations();
  while (mayBeMore(await judgeReadings(options, waiting), waiting)) options.signal.throwIfAborted();
}
