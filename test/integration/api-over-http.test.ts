import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEventHub } from '../../src/http/events.ts';
import { type HttpServer, httpServer, staticFile } from '../../src/main/http-server.ts';
import { silentLog } from '../../src/service/log.ts';
import { type Client, ORIGIN, type TestApi, testApi } from '../support/api.ts';
import { EventReader } from '../support/event-reader.ts';

/** The application behind a real socket: what only happens there. */
let api: TestApi;
let server: HttpServer;
let base: string;
let owner: Client;
let org: string;

beforeAll(async () => {
  api = await testApi((pool) => ({
    events: createEventHub({ pool, log: silentLog, every: { heartbeat: 50, recheck: 50 } }),
    staticFile,
  }));
  server = httpServer({ host: '127.0.0.1', port: 0, fetch: api.app.fetch });
  await server.start();
  base = `http://127.0.0.1:${server.port}`;
  owner = await api.user('olga');
  org = await api.organization(owner);
});
afterAll(async () => {
  await api.close();
  await server.stop();
});

const events = (client: Client, signal?: AbortSignal) =>
  fetch(`${base}/api/v1/organizations/${org}/events`, { headers: client.headers, signal });

/** Raw bytes of an exchange, until the server closes. */
function exchange(text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let received = '';
  const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.on('close', () => resolve(received));
  socket.on('error', reject);
  return promise;
}

describe('over a socket', () => {
  it('answers requests with and without a body', async () => {
    const answer = await fetch(`${base}/api/v1/organizations`, {
      method: 'POST',
      headers: { ...owner.headers, origin: base, 'content-type': 'application/json' },
      body: '{"name":"Second"}',
    });
    expect(answer.status).toBe(201);
    expect((await fetch(`${base}/health`, { method: 'HEAD' })).status).toBe(200);
  });

  it('takes a DELETE as browsers send it: with no body, and no word of one', async () => {
    const { id } = (
      await api.call(owner, 'POST', `/api/v1/organizations/${org}/api-keys`, { name: 'gone', role: 'viewer' })
    ).body;
    const answer = await exchange(
      [
        `DELETE /api/v1/organizations/${org}/api-keys/${id} HTTP/1.1`,
        `host: 127.0.0.1:${server.port}`,
        `cookie: ${owner.headers.cookie}`,
        'sec-fetch-site: same-origin',
        'connection: close',
        '\r\n',
      ].join('\r\n'),
    );
    expect(answer).toMatch(/^HTTP\/1.1 204 /);
  });

  it('takes the page’s own host for our own, and no other', async () => {
    const rename = (origin: string) =>
      fetch(`${base}/api/v1/organizations/${org}`, {
        method: 'PATCH',
        headers: { ...owner.headers, origin, 'content-type': 'application/json' },
        body: '{"name":"Acme"}',
      });
    expect((await rename(base)).status).toBe(200);
    expect((await rename(ORIGIN)).status).toBe(200);
    expect((await rename('http://127.0.0.1:1')).status).toBe(403);
  });

  it('stops reading a body without a length that grows too large', async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
        if (sent > 64 * 1024 * 1024) controller.close();
      },
    });
    const answer = await fetch(`${base}/api/v1/organizations`, {
      method: 'POST',
      headers: { ...owner.headers, origin: base, 'content-type': 'application/json' },
      body,
      duplex: 'half',
    } as RequestInit).catch(() => undefined);
    if (answer) expect(answer.status).toBe(413);
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  it('survives bytes that are not HTTP', async () => {
    expect(await exchange('\x10\x0c\x00\x04MQTT\x04\x02\x00<\x00\x00\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
    expect(await exchange('GET /health HTTP/1.1\r\nhost: a\r\nhost\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
    expect((await fetch(`${base}/health`)).status).toBe(200);
  });

  it('hands out no file from beyond its folders', async () => {
    for (const path of [
      '/docs/assets/..%2fpackage.json',
      '/docs/assets/..%2f..%2fpackage.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/package.json',
      '/../package.json',
      '/assets/..%2f..%2f..%2fpackage.json',
      '/docs/assets/%00',
      '/docs/assets/%',
    ]) {
      const answer = await exchange(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
      expect(answer, path).not.toMatch(/"dependencies"/);
      expect(answer, path).toMatch(/^HTTP\/1.1 (404|400)/);
    }
  });

  it('serves the API reference without anything from elsewhere', async () => {
    const page = await (await fetch(`${base}/docs`)).text();
    const sources = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source!);
    expect(sources.length).toBeGreaterThan(2);
    for (const source of sources) {
      expect(source).toMatch(/^\/docs\//);
      expect((await fetch(base + source)).status, source).toBe(200);
    }
  });
});

describe('event streams over a socket', () => {
  it('beat, carry events, and are forgotten when the client goes', async () => {
    const key = await api.apiKey(org, 'viewer');
    // Thirty at a time is the limit: forty one after another only work if each is let go.
    for (let n = 0; n < 40; n += 1) {
      const abort = new AbortController();
      const answer = await events(key, abort.signal);
      if (answer.status === 429) {
        // The end of the one before is on its way.
        n -= 1;
        await new Promise(setImmediate);
        continue;
      }
      expect(answer.status).toBe(200);
      abort.abort();
    }
    const answer = await events(key);
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store, no-transform');
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes(': heartbeat')) text += (await reader.read()).value ?? '';
    expect(text).toMatch(/^retry: 1000\n\nid: \d+:\d+:[\d,]*\n\n/);
    await reader.cancel();
  });

  it('end when the key is revoked, the session is over, or the member is gone', async () => {
    const { pool } = api.database;
    const key = await api.apiKey(org, 'viewer');
    const leaver = await api.user('leaver');
    await api.member(org, leaver, 'viewer');
    const guest = await api.user('guest');
    await api.member(org, guest, 'viewer');
    const [stays, ...end] = await Promise.all(
      [owner, key, leaver, guest].map(async (client) => new EventReader(await events(client))),
    );
    await pool.query(`update organization_api_keys set revoked_at = now() where organization_id = $1`, [org]);
    await api.call(leaver, 'POST', '/api/auth/sign-out');
    await pool.query('delete from organization_members where user_id = $1', [guest.userId]);
    for (const reader of end) await reader.until(() => reader.ended);
    expect(stays!.ended).toBe(false);
    await stays!.close();
  });

  it('do not hold up a stop', async () => {
    const { pool } = api.database;
    const hub = createEventHub({ pool, log: silentLog });
    const { createApp } = await import('../../src/http/app.ts');
    const second = httpServer({
      host: '127.0.0.1',
      port: 0,
      fetch: createApp({ ...api.platform, events: hub }).fetch,
    });
    await second.start();
    const url = `http://127.0.0.1:${second.port}/api/v1/organizations/${org}/events`;
    const reader = new EventReader(await fetch(url, { headers: owner.headers }));
    const started = performance.now();
    await hub.stop();
    await second.stop();
    expect(performance.now() - started).toBeLessThan(3000);
    await reader.until(() => reader.ended);
    await expect(fetch(url)).rejects.toThrow();
  });
});

describe('a port', () => {
  it('that is taken is named with the setting to change', async () => {
    const taken = httpServer({ host: '127.0.0.1', port: server.port, fetch: api.app.fetch });
    await expect(taken.start()).rejects.toThrow(/^port \d+ is in use by another program: set HTTP_PORT/);
    await taken.stop();
  });
});
