import { expect, test } from 'vitest';
import { newSigningSecret, signatureHeaders } from './webhook-signature.ts';

test('signs as the specification’s example does', async () => {
  // github.com/standard-webhooks/standard-webhooks, its libraries' own test.
  const headers = await signatureHeaders({
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    now: 1_614_265_330_000,
    body: '{"test": 2432232314}',
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  });
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('makes secrets of 256 bits', () => {
  const secrets = [newSigningSecret(), newSigningSecret()];
  for (const secret of secrets) expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(new Set(secrets).size).toBe(2);
});
