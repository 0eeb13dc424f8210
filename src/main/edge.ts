import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { createApp } from '../http/app.ts';
import { createCommandWaits } from '../http/command-waits.ts';
import { createEventHub } from '../http/events.ts';
import type { Platform } from '../http/platform.ts';
import { createRateLimits } from '../http/rate-limits.ts';
import { supabaseUsers } from '../http/supabase-users.ts';
import { createSeal } from '../service/seal.ts';
import { accountsElsewhere } from './edge-accounts.ts';
import {
  type Edge,
  edgeClientAddress,
  edgeDatabase,
  edgeLog,
  edgeMail,
  edgeSettings,
  edgeUsers,
  mailOf,
} from './edge-settings.ts';
import { version } from './version.ts';

const settings = edgeSettings.extend(edgeUsers).extend(edgeMail);

const MOST_CONNECTIONS = 3;
/** Nobody listens for notifications here, so streams look this often. */
const POLL_MS = 1000;

/**
 * The API as an edge function: users are the Supabase project's, nobody signs in here, devices connect elsewhere.
 * The address that Supabase gives the function `api` makes /api/v1 of its /functions/v1/api/v1.
 * @param environment its variables
 * @param write takes one line of the log
 * @throws with the names of settings that are missing or bad
 */
export function edgeApi(environment: Record<string, string>, write: (line: string) => void): Edge {
  const given = settings.parse(environment);
  const log = edgeLog(write);
  const { pool } = edgeDatabase(given, { log, most: MOST_CONNECTIONS });
  const url = given.SUPABASE_URL?.replace(/\/+$/, '');
  const events = createEventHub({ pool, log, every: { poll: POLL_MS } });
  const publicUrl = (given.PUBLIC_URL ?? url ?? 'http://localhost').replace(/\/+$/, '');
  const platform: Platform = {
    version,
    publicUrl,
    pool,
    log,
    accounts: accountsElsewhere,
    supabaseUser: supabaseUsers({ url, jwtSecret: given.SUPABASE_JWT_SECRET ?? given.JWT_SECRET }),
    events,
    commands: { waits: createCommandWaits({ pool, log, pollMs: POLL_MS }) },
    rateLimits: createRateLimits(),
    seal: createSeal(given.SECRET_KEY),
    notifications: { mail: mailOf(given), allowsHttp: false },
    retentionDays: given.RETENTION_DAYS,
    connection: noBroker(publicUrl),
    brokerStatus: () => ({
      healthy: true,
      engine: 'none',
      version: '',
      detail: 'Devices use brokers of their own.',
    }),
    clientAddress: edgeClientAddress,
  };
  const app = createApp(platform);
  const started = events.start();
  const edge = new Hono();
  // A dashboard lives at another address. No cookie counts here, so any page may ask with a token that it has.
  edge.use(
    cors({
      origin: '*',
      allowHeaders,
      exposeHeaders: [
        'retry-after',
        'location',
        'idempotency-replayed',
        'content-disposition',
        'x-expected-rows',
      ],
      maxAge: 86_400,
    }),
  );
  edge.all('*', async (c) => {
    await started;
    return app.fetch(c.req.raw);
  });
  return edge;
}

const allowHeaders = ['authorization', 'apikey', 'content-type', 'idempotency-key', 'last-event-id'];

const noBroker = (publicUrl: string): Platform['connection'] => ({
  host: new URL(publicUrl).hostname,
  mqtt: null,
  mqtts: null,
  ws: null,
  wss: null,
  loopback_only: false,
  protocol_versions: [],
  max_message_bytes: 262_144,
});
