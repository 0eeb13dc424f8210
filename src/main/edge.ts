import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { z } from 'zod';
import { openPool } from '../database/pool.ts';
import type { Accounts } from '../http/accounts.ts';
import { createApp } from '../http/app.ts';
import { createEventHub } from '../http/events.ts';
import type { Platform } from '../http/platform.ts';
import { createRateLimits } from '../http/rate-limits.ts';
import { supabaseUsers } from '../http/supabase-users.ts';
import { PlatformError } from '../service/errors.ts';
import type { Logger } from '../service/log.ts';
import { createSeal } from '../service/seal.ts';
import { version } from './version.ts';

/** What an edge function finds in its environment; Supabase itself sets the first two. */
const settings = z.object({
  SUPABASE_URL: z.url().optional(),
  SUPABASE_DB_URL: z.string().optional(),
  DATABASE_URL: z.string().optional(),
  SUPABASE_JWT_SECRET: z.string().min(32).optional(),
  /** The same, since a project lets nobody set names that begin with SUPABASE_. */
  JWT_SECRET: z.string().min(32).optional(),
  PUBLIC_URL: z.url().optional(),
  /** What secrets are sealed under, the same as elsewhere on this database. */
  SECRET_KEY: z.string().min(32).optional(),
});

export interface Edge {
  /** Answers one request. */
  fetch: (request: Request) => Response | Promise<Response>;
}

/** Functions run many at a time, and a project's database has tens of connections for all of them. */
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
  const connectionString = given.SUPABASE_DB_URL ?? given.DATABASE_URL;
  if (!connectionString) throw new Error('SUPABASE_DB_URL: expected a postgresql:// URL');
  const log = logger(write);
  const url = given.SUPABASE_URL?.replace(/\/+$/, '');
  const pool = openPool({ connectionString, max: MOST_CONNECTIONS }, log);
  const events = createEventHub({ pool, log, every: { poll: POLL_MS } });
  const publicUrl = (given.PUBLIC_URL ?? url ?? 'http://localhost').replace(/\/+$/, '');
  const platform: Platform = {
    version,
    publicUrl,
    pool,
    log,
    accounts: elsewhere,
    supabaseUser: supabaseUsers({ url, jwtSecret: given.SUPABASE_JWT_SECRET ?? given.JWT_SECRET }),
    events,
    rateLimits: createRateLimits(),
    seal: createSeal(given.SECRET_KEY),
    connection: noBroker(publicUrl),
    brokerStatus: () => ({
      healthy: true,
      engine: 'none',
      version: '',
      detail: 'Devices use brokers of their own.',
    }),
    // As Supabase's gateway passes it on.
    clientAddress: (c) => c.req.header('x-forwarded-for')?.split(',')[0]?.trim() ?? '',
  };
  const app = createApp(platform);
  const started = events.start();
  const edge = new Hono();
  // A dashboard lives at another address. No cookie counts here, so any page may ask with a token that it has.
  edge.use(cors({ origin: '*', allowHeaders, exposeHeaders: ['retry-after'], maxAge: 86_400 }));
  edge.all('*', async (c) => {
    await started;
    return app.fetch(c.req.raw);
  });
  return edge;
}

const allowHeaders = ['authorization', 'apikey', 'content-type', 'idempotency-key', 'last-event-id'];

const notHere = () =>
  Promise.reject(new PlatformError('not_found', 'Sign in with Supabase, and send its access token.'));
const elsewhere: Accounts = {
  userOf: async () => ({ value: undefined, cookies: [] }),
  signIn: notHere,
  signOut: notHere,
  changePassword: notHere,
};

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

/** A line of JSON for each entry; a function's log is read by the line. */
function logger(write: (line: string) => void): Logger {
  const at = (level: string) => (fields: Record<string, unknown>, message: string) => {
    const { error } = fields;
    const told = error instanceof Error ? { ...fields, error: error.stack ?? String(error) } : fields;
    write(JSON.stringify({ level, message, ...told }));
  };
  return { debug() {}, info: at('info'), warn: at('warn'), error: at('error') };
}
