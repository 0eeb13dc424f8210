import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { supabaseUsers } from './supabase-users.ts';

const jwtSecret = 'a secret of the project that is long enough';
const sub = randomUUID();
const good = { sub, role: 'authenticated', aud: 'authenticated', email: 'ada@example.org' };
const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
const stranger = await generateKeyPair('ES256');

/** The project's key set, which its URL publishes. */
let url: string;
const project = createServer(async (request, response) => {
  const isKeys = request.url === '/auth/v1/.well-known/jwks.json';
  response.statusCode = isKeys ? 200 : 404;
  response.end(JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] }));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => project.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(project.address() as AddressInfo).port}`;
});
afterAll(() => project.close());

const bytes = (text: string) => new TextEncoder().encode(text);
const sign = (
  claims: JWTPayload,
  key: Parameters<SignJWT['sign']>[0] = bytes(jwtSecret),
  { alg = 'HS256', kid = 'one', expires = '1h' }: { alg?: string; kid?: string; expires?: string } = {},
) => new SignJWT(claims).setProtectedHeader({ alg, kid }).setExpirationTime(expires).sign(key);

test('a token of the project is its user, whichever way it signs', async () => {
  const users = supabaseUsers({ url, jwtSecret })!;
  const ada = { id: sub, email: 'ada@example.org', name: '' };
  expect(await users(await sign(good))).toEqual(ada);
  expect(await users(await sign(good, privateKey, { alg: 'ES256' }))).toEqual(ada);
  expect(await users(await sign({ ...good, user_metadata: { full_name: 'Ada' } }))).toEqual({
    ...ada,
    name: 'Ada',
  });
  expect(await users(await sign({ ...good, email: undefined, user_metadata: { name: 7 } }))).toEqual({
    ...ada,
    email: '',
  });
});

test('any other token is nobody', async () => {
  const users = supabaseUsers({ url, jwtSecret })!;
  const unsigned = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(good))}.`;
  const tokens = {
    text: 'nonsense',
    unsigned,
    'of another secret': await sign(good, bytes('another secret, as long as ours is')),
    'of another key': await sign(good, stranger.privateKey, { alg: 'ES256' }),
    'of an unknown key': await sign(good, stranger.privateKey, { alg: 'ES256', kid: 'two' }),
    // The public key, which everybody has, as if it were the secret.
    'of the public key': await sign(good, bytes(await exportSPKI(publicKey))),
    expired: await sign(good, undefined, { expires: '-1m' }),
    'for another audience': await sign({ ...good, aud: 'other' }),
    'the anon key': await sign({ role: 'anon', aud: 'authenticated' }),
    'the service key': await sign({ ...good, role: 'service_role' }),
    'of somebody who is no uuid': await sign({ ...good, sub: 'admin' }),
    'too long': await sign({ ...good, much: 'x'.repeat(20_000) }),
  };
  for (const [name, token] of Object.entries(tokens))
    expect([name, await users(token)]).toEqual([name, undefined]);
});

test('without the secret, or without the keys, the other kind is nobody', async () => {
  expect(supabaseUsers({ url: undefined, jwtSecret: undefined })).toBeUndefined();
  expect(await supabaseUsers({ url, jwtSecret: undefined })!(await sign(good))).toBeUndefined();
  const asymmetric = await sign(good, privateKey, { alg: 'ES256' });
  expect(await supabaseUsers({ url: undefined, jwtSecret })!(asymmetric)).toBeUndefined();
});

test('keys that can’t be fetched are our trouble, not the caller’s', async () => {
  const users = supabaseUsers({ url: `${url}/elsewhere`, jwtSecret })!;
  const token = await sign(good, privateKey, { alg: 'ES256' });
  await expect(users(token)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await users(await sign(good))).toMatchObject({ id: sub });
});
