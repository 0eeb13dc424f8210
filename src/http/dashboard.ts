import { Hono } from 'hono';
import type { Env, StaticFile } from './platform.ts';

/** The dashboard's files. Its pages have addresses of their own, which all are the one page that the build made. */
export const dashboard = new Hono<Env>();

dashboard.get('*', async (c, next) => {
  const { staticFile } = c.get('platform');
  const { path } = c.req;
  if (!staticFile || isOurs(path)) return next();
  const file = path === '/' ? undefined : await staticFile('web', path.slice(1));
  // The build puts a hash of the content into the names below /assets/.
  if (file)
    return served(file, path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
  // What looks like a file and is none should not be answered with a page.
  const index = /\.\w+$/.test(path) ? undefined : await staticFile('web', 'index.html');
  return index ? served(index, 'no-cache') : next();
});

function isOurs(path: string): boolean {
  return /^\/(api|functions|docs)(\/|$)/.test(path);
}

function served({ body, contentType }: StaticFile, cacheControl: string): Response {
  return new Response(body, { headers: { 'content-type': contentType, 'cache-control': cacheControl } });
}
