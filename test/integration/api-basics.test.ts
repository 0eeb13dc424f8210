import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, ORIGIN, type TestApi, testApi } from '../support/api.ts';

let api: TestApi;
let owner: Client;
let org: string;
let at: string;

beforeAll(async () => {
  api = await testApi();
  owner = await api.user('olga');
  org = await api.organization(owner);
  at = `/api/v1/organizations/${org}`;
});
afterAll(() => api.close());

const problem = (code: string, status: number) =>
  expect.objectContaining({ code, status, title: expect.any(String) });

describe('errors', () => {
  it('are problem details with a stable code', async () => {
    const answer = await api.call(undefined, 'GET', '/api/v1/me');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toEqual({
      type: 'urn:netneural:problem:unauthenticated',
      title: 'Sign in or send an API key',
      status: 401,
      code: 'unauthenticated',
      detail: 'Sign in, or send an API key.',
    });
  });

  it('name each field at fault', async () => {
    const body = await api.call(owner, 'POST', `${at}/devices`, { external_device_id: 'a/b', name: '' });
    expect(body.status).toBe(400);
    expect(body.body.errors).toEqual([
      { field: 'body.external_device_id', message: expect.stringContaining('may not hold') },
      { field: 'body.name', message: expect.any(String) },
    ]);
    const query = await api.call(owner, 'GET', `${at}/devices?limit=0&presence=asleep`);
    expect(query.body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'query.limit',
      'query.presence',
    ]);
    const path = await api.call(owner, 'GET', '/api/v1/organizations/not-a-uuid/devices');
    expect(path.body.errors).toEqual([{ field: 'path.org', message: expect.any(String) }]);
  });

  it.each([
    ['{"name":', 'application/json', 400, 'invalid_request'],
    ['', 'application/json', 400, 'invalid_request'],
    ['name=x', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
    ['{"name":"x"}', 'text/plain', 415, 'unsupported_media_type'],
    [`{"name":"${'x'.repeat(1024 * 1024)}"}`, 'application/json', 413, 'payload_too_large'],
    ['[]', 'application/json', 400, 'invalid_request'],
    ['null', 'application/json', 400, 'invalid_request'],
    ['{"name":{"$ne":1}}', 'application/json', 400, 'invalid_request'],
    ['{"name":"\\u0000"}', 'application/json', 400, 'invalid_request'],
    ['{"name":"\\ud800"}', 'application/json', 400, 'invalid_request'],
  ])('for the body %.30s as %s', async (body, type, status, code) => {
    const answer = await api.call(owner, 'POST', '/api/v1/organizations', body, { 'content-type': type });
    expect(answer.body).toEqual(problem(code, status));
    expect(answer.status).toBe(status);
  });

  it('tell an unknown address from a method that it does not take', async () => {
    expect((await api.call(owner, 'GET', '/api/v1/nothing')).body).toEqual(problem('not_found', 404));
    const answer = await api.call(owner, 'PUT', `${at}/devices`);
    expect(answer.body).toEqual(problem('method_not_allowed', 405));
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'POST']);
  });

  it('refuse a cursor that the list did not make', async () => {
    for (const list of ['devices', 'credentials', 'quarantine']) {
      for (const cursor of ['x', '%5B', '%7B%7D', '%5B1%2C2%5D']) {
        const answer = await api.call(owner, 'GET', `${at}/${list}?cursor=${cursor}`);
        expect(answer.body, `${list} ${cursor}`).toMatchObject({ errors: [{ field: 'query.cursor' }] });
      }
    }
  });
});

describe('requests from other sites', () => {
  const rename = (headers: object) =>
    api.call({ headers: { cookie: owner.headers.cookie! } }, 'PATCH', at, { name: 'Renamed' }, headers);

  it.each([
    { origin: 'https://evil.example' },
    { origin: 'http://localhost:8080.evil.example' },
    { origin: 'null' },
    { origin: ORIGIN, 'sec-fetch-site': 'cross-site' },
    { origin: ORIGIN, 'sec-fetch-site': 'same-site' },
  ])('change nothing: %j', async (headers) => {
    expect((await rename(headers)).body).toEqual(problem('forbidden', 403));
  });

  it('change nothing with a cookie and no word of where they come from', async () => {
    const response = await api.app.request(at, {
      method: 'PATCH',
      headers: { cookie: owner.headers.cookie!, 'content-type': 'application/json' },
      body: '{"name":"Renamed"}',
    });
    expect(response.status).toBe(403);
  });

  it('of our own pages do', async () => {
    expect((await rename({ origin: ORIGIN })).status).toBe(200);
    expect((await rename({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  it('with an API key need no origin', async () => {
    const key = await api.apiKey(org, 'admin');
    const response = await api.app.request(at, {
      method: 'PATCH',
      headers: { ...key.headers, 'content-type': 'application/json' },
      body: '{"name":"Acme"}',
    });
    expect(response.status).toBe(200);
  });
});

describe('headers', () => {
  it('keep pages to themselves', async () => {
    const { headers } = await api.call(owner, 'GET', '/api/v1/me');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('operations', () => {
  it('answers /health, /ready, /openapi.json and /docs to anyone', async () => {
    expect((await api.call(undefined, 'GET', '/health')).body).toEqual({ status: 'ok' });
    expect((await api.call(undefined, 'GET', '/ready')).body).toEqual({ status: 'ready' });
    expect((await api.call(undefined, 'GET', '/openapi.json')).body.openapi).toBe('3.1.0');
    const docs = await api.call(undefined, 'GET', '/docs');
    expect(docs.status).toBe(200);
    expect(docs.body).not.toMatch(/<script>|https?:/);
  });

  it('shows metrics in its own network only', async () => {
    const at = async (address: string, headers?: Record<string, string>) => {
      const other = await testApiWithMetrics(address);
      return other(headers);
    };
    expect(await at('127.0.0.1')).toBe(200);
    expect(await at('::ffff:10.1.2.3')).toBe(200);
    expect(await at('203.0.113.7')).toBe(404);
    expect(await at('2001:db8::1')).toBe(404);
    expect(await at('127.0.0.1', { 'x-forwarded-for': '203.0.113.7' })).toBe(404);
    expect((await api.call(undefined, 'GET', '/metrics')).status).toBe(404);
  });
});

async function testApiWithMetrics(address: string) {
  const { createApp } = await import('../../src/http/app.ts');
  const app = createApp({
    ...api.platform,
    clientAddress: () => address,
    metrics: async () => ({ contentType: 'text/plain', text: 'up 1' }),
  });
  return async (headers?: Record<string, string>) => (await app.request('/metrics', { headers })).status;
}
