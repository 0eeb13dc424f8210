import type { Context } from 'hono';

/** Cookies as better-auth wrote them. */
export function setCookies(c: Pick<Context, 'header'>, cookies: readonly string[]): void {
  for (const cookie of cookies) c.header('set-cookie', cookie, { append: true });
}
