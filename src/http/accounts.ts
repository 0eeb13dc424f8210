import { betterAuth } from 'better-auth';
import { APIError } from 'better-auth/api';
import { hashPassword } from 'better-auth/crypto';
import { PostgresDialect } from 'kysely';
import type pg from 'pg';
import { isUnavailable, translated } from '../database/database-error.ts';
import { databaseHealth } from '../database/health.ts';
import { PlatformError } from '../service/errors.ts';
import type { Logger } from '../service/log.ts';
import { within } from '../service/within.ts';

export interface User {
  id: string;
  name: string;
  email: string;
}

/** What came of it, and the Set-Cookie headers that tell the browser. */
export interface WithCookies<Value> {
  value: Value;
  cookies: string[];
}

/**
 * Accounts and sessions, kept by better-auth. Only what stands here is reachable from outside: its own routes
 * (sign-up among them) are not mounted. Accounts are made by set-up and by invitations.
 */
export interface Accounts {
  /** The user of the session's cookie; its cookies renew the session now and then. */
  userOf(headers: Headers): Promise<WithCookies<User | undefined>>;
  /** @throws PlatformError `unauthenticated`, alike for an unknown address and a wrong password, and as slow */
  signIn(credentials: { email: string; password: string }): Promise<WithCookies<User>>;
  signOut(headers: Headers): Promise<WithCookies<undefined>>;
  /** Ends every other session. @throws PlatformError `invalid_request` when the current one is wrong */
  changePassword(
    headers: Headers,
    passwords: { current: string; next: string },
  ): Promise<WithCookies<undefined>>;
}

export interface AccountsOptions {
  pool: pg.Pool;
  /** SECRET_KEY: signs the session's cookie. */
  secret: string;
  /** Of https, cookies are marked Secure. */
  publicUrl: string;
  log: Logger;
}

/** The session cookie's name, which is `__Secure-` and this over https. */
export const SESSION_COOKIE = 'netneural.session_token';

/** How long better-auth, which waits for the database for as long as it takes, may take. */
const PATIENCE_MS = 5000;

/** As accounts' passwords are hashed (scrypt): for `insertAccount`. */
export const hashAccountPassword: (password: string) => Promise<string> = hashPassword;

export function createAccounts(options: AccountsOptions): Accounts {
  const { api } = betterAuth(settings(options));
  const call = <Value>(work: () => Promise<Value>) =>
    reported(options.pool, () => within(PATIENCE_MS, work()));
  return {
    async userOf(headers) {
      const { response, headers: answer } = await call(() =>
        api.getSession({ headers, returnHeaders: true }),
      );
      return { value: response ? userFields(response.user) : undefined, cookies: answer.getSetCookie() };
    },
    async signIn({ email, password }) {
      const { response, headers } = await call(() =>
        api.signInEmail({ body: { email, password }, returnHeaders: true }),
      );
      return { value: userFields(response.user), cookies: headers.getSetCookie() };
    },
    async signOut(headers) {
      const answer = await call(() => api.signOut({ headers, returnHeaders: true }));
      return { value: undefined, cookies: answer.headers.getSetCookie() };
    },
    async changePassword(headers, { current, next }) {
      const body = { currentPassword: current, newPassword: next, revokeOtherSessions: true };
      const answer = await call(() => api.changePassword({ body, headers, returnHeaders: true }));
      return { value: undefined, cookies: answer.headers.getSetCookie() };
    },
  };
}

function settings({ pool, secret, publicUrl, log }: AccountsOptions) {
  return {
    appName: 'NetNeural MQTT',
    baseURL: publicUrl,
    secret,
    database: { dialect: new PostgresDialect({ pool }), type: 'postgres' as const, schemaName: 'accounts' },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10, maxPasswordLength: 128 },
    advanced: {
      // Text ids of its own making would not cast to the uuid that policies compare with.
      database: { generateId: 'uuid' as const },
      cookiePrefix: 'netneural',
      useSecureCookies: publicUrl.startsWith('https:'),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' as const, path: '/' },
      ipAddress: { disableIpTracking: true },
    },
    // Ours knows the client's address and the account, see `rate-limits.ts`.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: {
      log(level: 'debug' | 'info' | 'success' | 'warn' | 'error', message: string) {
        log.debug({ level, message }, 'accounts');
      },
    },
  };
}

function userFields({ id, name, email }: User): User {
  return { id, name, email };
}

/**
 * better-auth's errors as ours. It answers 500 for anything unexpected and keeps the cause to itself, so the
 * database is asked whether it was that.
 */
async function reported<Value>(pool: pg.Pool, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (isUnavailable(error)) throw translated(error);
    if (!(error instanceof APIError)) throw error;
    const code = error.body?.code;
    if (code === 'INVALID_EMAIL_OR_PASSWORD') {
      throw new PlatformError('unauthenticated', 'The e-mail address or the password is wrong.');
    }
    if (code === 'INVALID_PASSWORD') {
      throw new PlatformError('invalid_request', 'The current password is wrong.', {
        field: 'body.current_password',
      });
    }
    if (error.statusCode === 401) throw new PlatformError('unauthenticated', 'Sign in first.');
    await databaseHealth(pool);
    throw error;
  }
}
