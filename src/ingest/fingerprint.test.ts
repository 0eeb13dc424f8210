import { expect, test } from 'vitest';
import { combine, fingerprint } from './fingerprint.ts';

const text = ({ high, low }: { high: number; low: number }) => `${high}:${low}`;

test('a million similar payloads have a million fingerprints', () => {
  const seen = new Set<string>();
  const topic = fingerprint(Buffer.from('org_1/devices/a/telemetry'));
  for (let n = 0; n < 1_000_000; n += 1) {
    seen.add(text(combine(topic, fingerprint(Buffer.from(`{"temperature":${n / 100},"n":${n % 7}}`)))));
  }
  expect(seen.size).toBe(1_000_000);
});

test('every byte, the length, the salt and the order count', () => {
  const base = Buffer.from('abcdefgh');
  const variants = [base, Buffer.from('abcdefgi'), Buffer.from('abcdefg'), Buffer.from('abcdefgh\0')];
  const prints = [...variants.map((bytes) => fingerprint(bytes)), fingerprint(base, 1)];
  prints.push(combine(prints[0]!, prints[1]!), combine(prints[1]!, prints[0]!));
  expect(new Set(prints.map(text)).size).toBe(prints.length);
});
