import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestCa, testCa } from '../../test/support/tls-certificates.ts';
import { nameIn } from './client-certificate.ts';
import { certificateKey, readRevocationList } from './revocation-list.ts';

let ca: TestCa;
beforeAll(async () => {
  ca = await testCa();
});
afterAll(() => ca.remove());

const derOf = (pem: string) => Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64');
const keyOf = (pem: string) => certificateKey(new X509Certificate(pem).raw);

test('a list of openssl’s names the certificates that it revokes', async () => {
  const [first, second, other] = [await ca.issue([]), await ca.issue([]), await ca.issue([])];
  const empty = readRevocationList(derOf(await ca.revoke()));
  expect(empty.revoked).toEqual(new Set());
  const twoDays = Date.now() + 2 * 86_400_000;
  expect(Math.abs(empty.expiresAt - twoDays)).toBeLessThan(60_000);

  const { revoked } = readRevocationList(derOf(await ca.revoke(first!, second!)));
  expect(revoked).toEqual(new Set([keyOf(first!.certificate), keyOf(second!.certificate)]));
  expect(revoked.has(keyOf(other!.certificate))).toBe(false);
});

test('what is damaged or cut off is refused, and never read beyond its end', async () => {
  const list = derOf(await ca.revoke(await ca.issue([])));
  for (let length = 0; length < list.length; length += 1)
    expect(() => readRevocationList(list.subarray(0, length))).toThrow(Error);
  fc.assert(
    fc.property(fc.nat(list.length - 1), fc.nat(255), (at, byte) => {
      const damaged = Buffer.from(list);
      damaged[at] = byte;
      let revoked = 0;
      try {
        revoked = readRevocationList(damaged).revoked.size;
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
      expect(revoked).toBeLessThanOrEqual(list.length / 2);
    }),
    { numRuns: 5000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(() => readRevocationList(Buffer.from(bytes))).toThrow(Error);
    }),
  );
});

test.each([
  ['nn_one', 'DNS:nn_other', 'nn_one'],
  [undefined, 'DNS:nn_one', 'nn_one'],
  [undefined, 'email:one@example.com', 'one@example.com'],
  [undefined, 'URI:spiffe://example/one', 'spiffe://example/one'],
  [undefined, 'DNS:nn_one, DNS:nn_other', undefined],
  [undefined, 'DNS:"nn_one, DNS:nn_other"', undefined],
  [undefined, 'IP Address:192.0.2.1', undefined],
  [undefined, undefined, undefined],
  [['nn_one', 'nn_other'], 'DNS:nn_one', undefined],
])('with common name %j and names %j a certificate names %j', (commonName, names, name) => {
  expect(nameIn(commonName, names)).toBe(name);
});
