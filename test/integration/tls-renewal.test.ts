import { copyFile, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually as eventuallyWithin } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';
import { type TestCa, type TestCertificate, testCa } from '../support/tls-certificates.ts';

/** A certificate is renewed under clients that stay. */

let ca: TestCa;
let directory: string;
let platform: TestPlatform;
let tenant: Tenant;
let credential: Credential & { connect: { mqtts: string; wss: string } };

const file = (name: string) => join(directory, name);

async function install({ certificatePath, keyPath }: TestCertificate): Promise<void> {
  for (const [from, to] of [
    [keyPath, 'tls.key'],
    [certificatePath, 'tls.crt'],
  ] as const) {
    await copyFile(from, file(`${to}.new`));
    await rename(file(`${to}.new`), file(to));
  }
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'netneural-renewal-'));
  ca = await testCa();
  await install(await ca.issue(['DNS:localhost'], { commonName: 'first' }));
  platform = await testPlatform({ TLS_CERT: file('tls.crt'), TLS_KEY: file('tls.key') });
  tenant = await firstTenant(platform);
  credential = (await platform.credential()) as typeof credential;
});
afterAll(async () => {
  await platform.close();
  await ca.remove();
  await rm(directory, { recursive: true });
});

/** What is wrong is said when it was seen twice, two seconds apart. */
const eventually = (check: () => Promise<void>) => eventuallyWithin(check, 15_000);

/** Whom a new client finds there, by certificate. */
function presented(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(url);
    const socket = connectTls({ port: Number(port), servername: 'localhost', ca: ca.certificate }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${platform.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
}

test('new clients get the new certificate, connected ones stay; a bad pair changes nothing', async () => {
  const { mqtts, wss } = credential.connect;
  const { username, password } = credential;
  const options = { username, password, ca: ca.certificate, protocolVersion: 4, reconnectPeriod: 0 } as const;
  const staying = await Promise.all([mqtts, wss].map((url) => mqtt.connectAsync(url, options)));
  let closed = 0;
  for (const client of staying) client.on('close', () => (closed += 1));
  expect(await Promise.all([mqtts, wss].map(presented))).toEqual(['first', 'first']);
  const expires = await metric('netneural_tls_certificate_expires_seconds');
  expect(expires).toBeGreaterThan(Date.now() / 1000);

  await install(await ca.issue(['DNS:localhost'], { commonName: 'second' }));
  await eventually(async () =>
    expect(await Promise.all([mqtts, wss].map(presented))).toEqual(['second', 'second']),
  );
  expect(await metric('netneural_tls_certificate_renewals')).toBe(1);

  const other = await ca.issue(['DNS:localhost'], { commonName: 'third' });
  await install({ ...other, keyPath: ca.keyPath });
  await eventually(async () => expect(await metric('netneural_tls_certificate_unusable')).toBe(1));
  expect(await Promise.all([mqtts, wss].map(presented))).toEqual(['second', 'second']);
  expect(await readFile(file('tls.crt'), 'utf8')).toBe(other.certificate);

  await install(other);
  await eventually(async () => expect(await presented(mqtts)).toBe('third'));
  expect(await metric('netneural_tls_certificate_unusable')).toBe(0);

  await Promise.all(
    staying.map((client, at) => client.publishAsync(tenant.topic(`stays-${at}`), '{"n":1}', { qos: 1 })),
  );
  expect(closed).toBe(0);
  const open = await tenant.rows<{ transport: string }>(
    'select transport from mqtt_connections where organization_id = $1 order by transport',
  );
  expect(open.map(({ transport }) => transport)).toEqual(['tls', 'wss']);
  await Promise.all(staying.map((client) => client.endAsync()));
});
