import { Answers } from '../commands/answers.ts';
import { Ledger } from '../commands/ledger.ts';
import { announce } from '../database/announce.ts';
import { IntegrationDirectory } from '../external/directory.ts';
import { Inbox } from '../external/inbox.ts';
import { webhookApp } from '../http/functions/mqtt-listener.ts';
import { createRateLimits } from '../http/rate-limits.ts';
import { anyRules } from '../ingest/device-watch.ts';
import { Ingest } from '../ingest/ingest.ts';
import { systemClock } from '../service/clock.ts';
import { createSeal } from '../service/seal.ts';
import { within } from '../service/within.ts';
import {
  type Edge,
  type EdgeRuntime,
  edgeClientAddress,
  edgeDatabase,
  edgeLog,
  edgeSettings,
} from './edge-settings.ts';
import { webhooksOf } from './webhooks.ts';

/** Beside the lane's own: one looks integrations up, one writes the journal. */
const MOST_CONNECTIONS = 2;
/** Nobody listens for changes here: a token that was revoked works so long at most. */
const FRESH_MS = 3000;
/** How long the journal may be written after the answer, or keep it waiting. */
const JOURNAL_MS = { after: 10_000, before: 1000 };

/**
 * The webhook as an edge function: the same handler, inbox and ingest as on Node, with one lane. Between requests a
 * function may be frozen or gone, so what waits to be written twice a second elsewhere is written with each request.
 * @param environment its variables
 * @throws with the names of settings that are missing or bad
 */
export function edgeListener(environment: Record<string, string>, { write, waitUntil }: EdgeRuntime): Edge {
  const given = edgeSettings.parse(environment);
  const log = edgeLog(write);
  const { connection, pool } = edgeDatabase(given, { log, most: MOST_CONNECTIONS });
  const clock = systemClock();
  const announcer = announce({ pool, log });
  const ledger = new Ledger({ pool, log, onChanged: (organizations) => announcer.add(organizations) });
  const ingest = new Ingest({
    pool,
    connection,
    clock,
    log,
    retentionDays: given.RETENTION_DAYS,
    lanes: 1,
    answers: new Answers(ledger),
    rulesOf: () => anyRules,
    onStored: (organizations) => announcer.add(organizations),
    onDatabase: (available) => inbox.databaseAvailable(available),
  });
  const { devices, journal } = ingest;
  const seal = createSeal(given.SECRET_KEY);
  const directory = new IntegrationDirectory({ pool, devices, seal, freshMs: FRESH_MS });
  const inbox = new Inbox({ ingest, clock, messageBytes: given.MAX_MESSAGE_BYTES });
  const app = webhookApp({
    log,
    rateLimits: createRateLimits(),
    clientAddress: edgeClientAddress,
    webhooks: webhooksOf({ directory, inbox, journal, clock }),
  });
  return {
    async fetch(request) {
      const response = await app.fetch(request);
      const patience = waitUntil ? JOURNAL_MS.after : JOURNAL_MS.before;
      // What could not be written in time stays in the journal for the next request.
      const written = within(patience, journal.flush()).catch(() => {});
      if (waitUntil) waitUntil(written);
      else await written;
      return response;
    },
  };
}
