import { execFile } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually as eventuallyWithin } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';
import {
  type IssueSettings,
  type TestCa,
  type TestCertificate,
  testCa,
} from '../support/tls-certificates.ts';

/** Devices that come in with a certificate, and those that should not. */

let directory: string;
let serverCa: TestCa;
let ca: TestCa;
let otherCa: TestCa;
let platform: TestPlatform;
let tenant: Tenant;
let urls: { mqtts: string; wss: string };

const eventually = (check: () => Promise<void>) => eventuallyWithin(check, 15_000);

async function putList(list: string): Promise<void> {
  await writeFile(join(directory, 'crl.new'), list);
  await rename(join(directory, 'crl.new'), join(directory, 'crl.pem'));
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'netneural-client-certificates-'));
  [serverCa, ca, otherCa] = await Promise.all([testCa('Server CA'), testCa('Device CA'), testCa('Other CA')]);
  const server = await serverCa.issue(['DNS:localhost']);
  await putList(await ca.revoke());
  platform = await testPlatform({
    TLS_CERT: server.certificatePath,
    TLS_KEY: server.keyPath,
    TLS_CLIENT_CA: ca.certificatePath,
    TLS_CLIENT_CRL: join(directory, 'crl.pem'),
  });
  tenant = await firstTenant(platform);
  urls = ((await platform.credential()) as unknown as { connect: typeof urls }).connect;
});
afterAll(async () => {
  await platform.close();
  await Promise.all([serverCa, ca, otherCa].map((authority) => authority.remove()));
  await rm(directory, { recursive: true });
});

interface Device {
  credential: Credential;
  certificate: TestCertificate;
}
/** A device with a credential of its own, and a certificate that names it. */
async function device(id: string, settings: IssueSettings = {}): Promise<Device> {
  const credential = await platform.credential(id);
  return { credential, certificate: await ca.issue([], { commonName: credential.username, ...settings }) };
}

/** Connects with a certificate, or without. */
function connect(
  certificate?: TestCertificate,
  options: IClientOptions = {},
  url = urls.mqtts,
): Promise<MqttClient> {
  return mqtt.connectAsync(url, {
    ca: serverCa.certificate,
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...(certificate && { cert: certificate.certificate, key: certificate.key }),
    ...options,
  });
}
const refused = /Connection refused/;
const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));

/** The reasons that the credential's owner reads, oldest first. */
async function told({ credential }: Pick<Device, 'credential'>): Promise<string[]> {
  const rows = await tenant.rows<{ reason: string }>(
    `select reason from integration_activity_log
      where organization_id = $1 and username = $2 and event in ('connect_refused', 'disconnected') order by occurred_at`,
    [credential.username],
  );
  return rows.map(({ reason }) => reason);
}

describe('a certificate that names a credential', () => {
  test('lets in without a password, as that credential alone', async () => {
    const { credential, certificate } = await device('certified');
    for (const [options, url] of [
      [{}, urls.mqtts],
      [{ username: credential.username }, urls.mqtts],
      [{ username: credential.username, password: 'any' }, urls.wss],
    ] as const) {
      const client = await connect(certificate, options, url);
      await client.publishAsync(tenant.topic('certified'), '{"n":1}', { qos: 1 });
      const [granted] = await client.subscribeAsync(tenant.topic('certified', 'commands'));
      expect(granted?.qos).toBe(0);
      await client.endAsync();
    }
    const client = await connect(certificate);
    const gone = closed(client);
    client.publish(tenant.topic('other'), '{"n":1}');
    await gone;
  });

  test('mosquitto_pub comes in with it, too', async () => {
    const { certificate } = await device('by-mosquitto');
    const { port } = new URL(urls.mqtts);
    await promisify(execFile)('mosquitto_pub', [
      ...['-h', 'localhost', '-p', port, '--cafile', serverCa.certificatePath],
      ...['--cert', certificate.certificatePath, '--key', certificate.keyPath],
      ...['-t', tenant.topic('by-mosquitto'), '-q', '1', '-m', '{"temperature":21.5}'],
    ]);
    const rows = await tenant.rows(
      `select telemetry from device_telemetry_history h join devices d on d.id = h.device_id
        where h.organization_id = $1 and d.external_device_id = 'by-mosquitto'`,
    );
    expect(rows).toEqual([{ telemetry: { temperature: 21.5 } }]);
  });

  test('in its subjectAltName does as well, if it has no common name', async () => {
    const { credential } = await device('alternative');
    const certificate = await ca.issue([`DNS:${credential.username}`], { commonName: '' });
    const client = await connect(certificate);
    await client.publishAsync(tenant.topic('alternative'), '{"n":1}', { qos: 1 });
    await client.endAsync();
  });

  test('is not asked of those with a password', async () => {
    const { credential } = await device('with-password');
    for (const url of [urls.mqtts, urls.wss])
      await (await connect(undefined, { ...credential }, url)).endAsync();
    await expect(connect(undefined, { username: credential.username })).rejects.toThrow(refused);
    await expect(connect()).rejects.toThrow(refused);
  });
});

describe('nobody comes in', () => {
  test('as somebody else, not even with the right password', async () => {
    const one = await device('one');
    const other = await device('other-one');
    await expect(connect(one.certificate, { ...other.credential })).rejects.toThrow(refused);
    await eventually(async () => expect(await told(one)).toEqual(['certificate_mismatch']));
    expect(await told(other)).toEqual([]);
  });

  test('with a certificate of another authority, of none, for servers, or for nobody', async () => {
    const { credential } = await device('forged');
    const commonName = credential.username;
    const bad = [
      await otherCa.issue([], { commonName }),
      await testCa(commonName),
      await ca.issue([], { commonName, usage: 'serverAuth' }),
      await ca.issue([], { commonName: 'nn_nobody' }),
      await ca.issue([], { commonName: `${commonName}/CN=nn_nobody` }),
      await ca.issue([`DNS:${commonName}`, 'DNS:nn_nobody'], { commonName: '' }),
    ];
    for (const certificate of bad) {
      await expect(connect(certificate)).rejects.toThrow(refused);
      await expect(connect(certificate, { ...credential })).rejects.toThrow(refused);
    }
    await (bad[1] as TestCa).remove();
  });

  test('whose certificate has expired, also while connected', async () => {
    const expired = await device('expired', { expired: true });
    await expect(connect(expired.certificate, { ...expired.credential })).rejects.toThrow(refused);
    await eventually(async () => expect(await told(expired)).toEqual(['certificate_expired']));

    const expiring = await device('expiring', { seconds: 4 });
    await closed(await connect(expiring.certificate));
    await eventually(async () => expect(await told(expiring)).toEqual(['certificate_expired']));
  });

  test('whose credential is disabled, has expired or is gone; who is connected is thrown out', async () => {
    const disabled = await device('disabled');
    const path = `/api/v1/organizations/${platform.organizationId}/credentials`;
    let client = await connect(disabled.certificate);
    let gone = closed(client);
    await platform.api('PATCH', `${path}/${disabled.credential.id}`, { disabled: true });
    await gone;
    await expect(connect(disabled.certificate)).rejects.toThrow(refused);
    await eventually(async () => expect(await told(disabled)).toEqual(['revoked', 'credential_disabled']));

    const outdated = await device('outdated');
    await tenant.rows(
      'update mqtt_credentials set expires_at = now() where organization_id = $1 and id = $2',
      [outdated.credential.id],
    );
    await expect(connect(outdated.certificate)).rejects.toThrow(refused);

    const deleted = await device('deleted');
    client = await connect(deleted.certificate);
    gone = closed(client);
    await platform.api('DELETE', `${path}/${deleted.credential.id}`);
    await gone;
    await expect(connect(deleted.certificate)).rejects.toThrow(refused);
  });

  test('whose certificate is revoked: gone within seconds, kept out, and nobody else notices', async () => {
    const [revoked, innocent] = [await device('revoked'), await device('innocent')];
    const staying = await connect(innocent.certificate);
    let dropped = false;
    staying.once('close', () => {
      dropped = true;
    });
    const clients = await Promise.all(
      [urls.mqtts, urls.wss].map((url) => connect(revoked.certificate, {}, url)),
    );
    const session = await sessionWith(revoked.certificate);
    const again = await connect(revoked.certificate, { session } as IClientOptions);
    expect((again.stream as TLSSocket).isSessionReused()).toBe(true);
    const gone = Promise.all([...clients, again].map(closed));
    await putList(await ca.revoke(revoked.certificate));
    await gone;
    await expect(connect(revoked.certificate)).rejects.toThrow(refused);
    await expect(connect(revoked.certificate, { session } as IClientOptions)).rejects.toThrow(refused);
    await expect(connect(revoked.certificate, { ...revoked.credential })).rejects.toThrow(refused);
    const ended = ['revoked', 'revoked', 'revoked'];
    const kept = ['certificate_revoked', 'certificate_revoked', 'certificate_revoked'];
    await eventually(async () => expect(await told(revoked)).toEqual([...ended, ...kept]));
    await staying.publishAsync(tenant.topic('innocent'), '{"n":1}', { qos: 1 });
    await (await connect(innocent.certificate, { clientId: 'beside' })).endAsync();
    expect(dropped).toBe(false);
    await staying.endAsync();
  });
});

/** A TLS session that a client with the certificate may take up again. */
function sessionWith({ certificate: cert, key }: TestCertificate): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(urls.mqtts);
    const options = { port: Number(port), servername: 'localhost', ca: serverCa.certificate, cert, key };
    const socket = connectTls(options);
    socket.once('session', (session) => {
      resolve(session);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
