import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NoAnswer } from './bounded.ts';
import { guardedLookup, RefusedAddress } from './guard.ts';
import { FetchRefused, type GuardedRequest, guardedFetch } from './guarded-fetch.ts';

let origin: string;
let port: number;
const came: { method?: string; url?: string; headers: IncomingMessage['headers']; body: string }[] = [];

const server = createServer(async (request, response) => {
  const { method, url = '', headers } = request;
  let body = '';
  for await (const chunk of request) body += chunk;
  came.push({ method, url, headers, body });
  const [, what = '', status, to] = /^\/(\w+)(?:\/(\d+)\/(.*))?$/.exec(url) ?? [];
  if (what === 'redirect')
    response.writeHead(Number(status), { location: decodeURIComponent(to!) }).end('moved');
  else if (what === 'long') response.end('x'.repeat(100_000));
  else if (what === 'endless') response.write('x');
  else if (what !== 'silent') response.writeHead(201, { 'x-a': 'b' }).end('thanks');
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
  origin = `http://127.0.0.1:${port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  came.length = 0;
});

const get = (path: string, options: Partial<GuardedRequest> = {}) =>
  guardedFetch(path.startsWith('http') ? path : `${origin}${path}`, { allowPrivate: true, ...options });
const redirect = (status: number, to: string) => `/redirect/${status}/${encodeURIComponent(to)}`;

describe('fetching what a customer points at', () => {
  test('sends what is given, and brings the answer', async () => {
    const { status, headers, body, url } = await get('/a?b=c', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
      body: '{}',
    });
    expect([status, headers['x-a'], body.toString(), url]).toEqual([201, 'b', 'thanks', `${origin}/a?b=c`]);
    expect(came).toMatchObject([
      {
        method: 'POST',
        url: '/a?b=c',
        headers: { authorization: 'Bearer x', 'content-length': '2' },
        body: '{}',
      },
    ]);
  });

  test.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:7f00:1]', '2130706433', '0x7f.1', '0'])(
    'does not go near http://%s unless it may',
    async (host) => {
      const asked = get(`http://${host}:${port}/`, { allowPrivate: false });
      await expect(asked).rejects.toThrow(RefusedAddress);
      expect(came).toEqual([]);
    },
  );

  test.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'nonsense'])('%s is not HTTP', async (url) => {
    await expect(guardedFetch(url, { allowPrivate: true })).rejects.toThrow(FetchRefused);
  });

  test('resolves a name once, and connects to what was checked', async () => {
    const asked: string[] = [];
    const lookup: LookupFunction = (hostname, options, found) => {
      asked.push(hostname);
      guardedLookup({ allowPrivate: true })('127.0.0.1', options, found);
    };
    expect((await get(`http://a.example:${port}/`, { lookup })).status).toBe(201);
    expect(asked).toEqual(['a.example']);
    expect(came[0]!.headers.host).toBe(`a.example:${port}`);
  });
});

describe('redirects', () => {
  test('none is followed unless asked for', async () => {
    expect(await get(redirect(302, '/x'))).toMatchObject({ status: 302, headers: { location: '/x' } });
    expect(came).toHaveLength(1);
  });

  test('up to as many as asked for', async () => {
    const twice = redirect(302, redirect(307, '/x'));
    expect(await get(twice, { maxRedirects: 2 })).toMatchObject({ status: 201, url: `${origin}/x` });
    await expect(get(twice, { maxRedirects: 1 })).rejects.toThrow('more than 1 redirects');
  });

  test('each is checked: a public door does not lead into a private house', async () => {
    const guarded = guardedLookup({ allowPrivate: false });
    const lookup: LookupFunction = (hostname, options, found) => {
      if (hostname === 'public.example') found(null, [{ address: '127.0.0.1', family: 4 }]);
      else guarded(hostname, options, found);
    };
    for (const to of [
      `${origin}/x`,
      `http://localhost:${port}/x`,
      'http://169.254.169.254/latest/meta-data/',
    ]) {
      const asked = get(`http://public.example:${port}${redirect(302, to)}`, { lookup, maxRedirects: 3 });
      await expect(asked).rejects.toThrow(RefusedAddress);
    }
    await expect(get(redirect(302, 'file:///etc/passwd'), { maxRedirects: 1 })).rejects.toThrow(FetchRefused);
    expect(came.map(({ url }) => url)).not.toContain('/x');
  });

  test('303 turns into a GET, 307 stays what it was, and secrets do not go to another origin', async () => {
    const headers = {
      authorization: 'Bearer x',
      'x-signature': 's',
      'content-type': 'text/plain',
      accept: '*/*',
    };
    const post = { method: 'POST', headers, body: 'b', maxRedirects: 1 };
    await get(redirect(303, '/x'), post);
    expect(came[1]).toMatchObject({
      method: 'GET',
      body: '',
      headers: { authorization: 'Bearer x', accept: '*/*' },
    });
    expect(came[1]!.headers).not.toHaveProperty('content-type');
    await get(redirect(307, `http://localhost:${port}/x`), post);
    expect(came[3]).toMatchObject({ method: 'POST', body: 'b', headers: { accept: '*/*' } });
    expect(came[3]!.headers).not.toHaveProperty('authorization');
    expect(came[3]!.headers).not.toHaveProperty('x-signature');
  });
});

describe('bounds', () => {
  test('an answer that is too long', async () => {
    await expect(get('/long')).rejects.toThrow('longer than 65536 bytes');
    expect((await get('/long', { maxBytes: 100_000 })).body).toHaveLength(100_000);
  });

  test.each(['/silent', '/endless'])('an answer that does not come: %s', async (path) => {
    await expect(get(path, { milliseconds: 100 })).rejects.toThrow(NoAnswer);
  });

  test('whoever asked may give up', async () => {
    const controller = new AbortController();
    const asked = get('/silent', { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
  });
});
