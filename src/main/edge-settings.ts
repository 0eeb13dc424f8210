import type { Context } from 'hono';
import type pg from 'pg';
import { z } from 'zod';
import { openPool } from '../database/pool.ts';
import type { Logger } from '../service/log.ts';

/** What every edge function finds in its environment; Supabase itself sets the first two. */
export const edgeSettings = z.object({
  SUPABASE_URL: z.url().optional(),
  SUPABASE_DB_URL: z.string().optional(),
  DATABASE_URL: z.string().optional(),
  PUBLIC_URL: z.url().optional(),
  /** What secrets are sealed under, the same as elsewhere on this database. */
  SECRET_KEY: z.string().min(32).optional(),
  RETENTION_DAYS: z.coerce.number().int().min(1).max(36_500).default(1095),
  ROLLUP_RETENTION_DAYS: z.coerce.number().int().min(1).max(36_500).default(3650),
  MAX_MESSAGE_BYTES: z.coerce.number().int().min(1).default(262_144),
});

/** Of functions whose callers are users of the project. */
export const edgeUsers = {
  SUPABASE_JWT_SECRET: z.string().min(32).optional(),
  /** The same, since a project lets nobody set names that begin with SUPABASE_. */
  JWT_SECRET: z.string().min(32).optional(),
};

/** Of functions that send mail, or say whether there is any. */
export const edgeMail = {
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//)
    .optional(),
  SMTP_FROM: z.string().optional(),
};

/** Where mail is handed over; undefined: there is none. */
export function mailOf({ SMTP_URL: url, SMTP_FROM: from }: { SMTP_URL?: string; SMTP_FROM?: string }) {
  return url && from ? { url, from } : undefined;
}

/** Answers requests. */
export interface Edge {
  fetch: (request: Request) => Response | Promise<Response>;
}

/** What a runtime of edge functions gives them. */
export interface EdgeRuntime {
  /** Takes one line of the log. */
  write(line: string): void;
  /** Keeps the function running after its answer until the work is done. Absent: it may be frozen at once. */
  waitUntil?(work: Promise<unknown>): void;
}

/**
 * @param most connections: functions run many at a time, and a project's database has tens for all of them
 * @throws Error that names the setting when there is no database
 */
export function edgeDatabase(
  given: Pick<z.infer<typeof edgeSettings>, 'SUPABASE_DB_URL' | 'DATABASE_URL'>,
  { log, most }: { log: Logger; most: number },
): { connection: pg.ClientConfig; pool: pg.Pool } {
  const connectionString = given.SUPABASE_DB_URL ?? given.DATABASE_URL;
  if (!connectionString) throw new Error('SUPABASE_DB_URL: expected a postgresql:// URL');
  return { connection: { connectionString }, pool: openPool({ connectionString, max: most }, log) };
}

/** As Supabase's gateway passes it on. */
export function edgeClientAddress(c: Pick<Context, 'req'>): string {
  return c.req.header('x-forwarded-for')?.split(',')[0]?.trim() ?? '';
}

/** A line of JSON for each entry; a function's log is read by the line. */
export function edgeLog(write: (line: string) => void): Logger {
  const at = (level: string) => (fields: Record<string, unknown>, message: string) => {
    const { error } = fields;
    const told = error instanceof Error ? { ...fields, error: error.stack ?? String(error) } : fields;
    write(JSON.stringify({ level, message, ...told }));
  };
  return { debug() {}, info: at('info'), warn: at('warn'), error: at('error') };
}
