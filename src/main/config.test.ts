import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StartupError } from '../service/startup-error.ts';
import { readConfig } from './config.ts';

describe('readConfig', () => {
  test('has a default for everything', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      httpPort: 8080,
      mqttPort: 1883,
      mqttWsPort: 9001,
      dataDir: resolve('data'),
      engine: 'embedded',
      trustedProxies: expect.any(Function),
      proxyProtocol: false,
      engineListen: { host: '127.0.0.1', port: 1884 },
      allowPrivateNetworks: false,
      logLevel: 'info',
      retentionDays: 1095,
      rollupRetentionDays: 3650,
      maxMessageBytes: 262_144,
    });
  });

  test('reads what is set, and takes an empty value for none', () => {
    const config = readConfig({
      HOST: '::',
      HTTP_PORT: ' 80 ',
      MQTT_PORT: '0',
      MQTT_WS_PORT: '',
      DATA_DIR: '/srv/mqtt',
      DATABASE_URL: 'postgresql://me:secret@/db?host=%2Frun',
      ENGINE: 'mqtt://engine:1883',
      ENGINE_LISTEN: '[fd00::5]:1884',
      PUBLIC_URL: 'https://mqtt.example.com/',
      ADMIN_EMAIL: 'ada@example.com',
      ADMIN_PASSWORD: 'correct horse',
      ALLOW_PRIVATE_NETWORKS: 'true',
      LOG_LEVEL: 'debug',
    });
    expect(config).toMatchObject({
      engineListen: { host: 'fd00::5', port: 1884 },
      host: '::',
      httpPort: 80,
      mqttPort: 0,
      mqttWsPort: 9001,
      dataDir: '/srv/mqtt',
      databaseUrl: 'postgresql://me:secret@/db?host=%2Frun',
      engine: 'mqtt://engine:1883',
      publicUrl: 'https://mqtt.example.com',
      admin: { email: 'ada@example.com', password: 'correct horse' },
      allowPrivateNetworks: true,
      logLevel: 'debug',
    });
  });

  test.each([
    [{ HTTP_PORT: '99999' }, 'HTTP_PORT=99999: expected a port from 0 (any free one) to 65535'],
    [{ MQTT_PORT: '18e2' }, 'MQTT_PORT=18e2: expected a port from 0 (any free one) to 65535'],
    [{ HOST: 'http://x' }, 'HOST=http://x: expected a host name or IP address to listen on'],
    [{ ENGINE: 'emqx' }, 'ENGINE: expected embedded, mosquitto or an mqtt:// URL'],
    [
      { PUBLIC_URL: 'mqtt.example.com' },
      'PUBLIC_URL=mqtt.example.com: expected the http:// or https:// URL that browsers use',
    ],
    [{ ALLOW_PRIVATE_NETWORKS: 'perhaps' }, 'ALLOW_PRIVATE_NETWORKS=perhaps: expected true or false'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL=loud: expected debug, info, warn or error'],
    [{ RETENTION_DAYS: '0' }, 'RETENTION_DAYS=0: expected a number of days from 1 to 36500'],
    [{ MAX_MESSAGE_BYTES: '-1' }, 'MAX_MESSAGE_BYTES=-1: expected a number of bytes from 1 to 268435455'],
    [{ ADMIN_EMAIL: 'ada@example.com' }, 'ADMIN_EMAIL=ada@example.com: needs ADMIN_PASSWORD too'],
    [{ ADMIN_PASSWORD: 'correct horse' }, 'ADMIN_PASSWORD: needs ADMIN_EMAIL too'],
    [{ PROXY_PROTOCOL: 'v1' }, 'PROXY_PROTOCOL=v1: expected on or off'],
    [{ PROXY_PROTOCOL: 'on' }, 'PROXY_PROTOCOL=on: needs TRUSTED_PROXIES too'],
    [
      { TRUSTED_PROXIES: '10.0.0.0/8, lb' },
      'TRUSTED_PROXIES=10.0.0.0/8, lb: expected addresses and networks with commas between them, as in 10.0.0.0/8,192.0.2.7',
    ],
    [{ HTTP_PORT: '1883' }, 'MQTT_PORT=1883: HTTP_PORT has that port already'],
    [
      { HTTP_PORT: 'x', LOG_LEVEL: 'y' },
      'HTTP_PORT=x: expected a port from 0 (any free one) to 65535\nLOG_LEVEL=y: expected debug, info, warn or error',
    ],
  ])('refuses %j in words', (environment, message) => {
    expect(() => readConfig(environment)).toThrow(new StartupError(message));
  });

  test.each(['DATABASE_URL', 'SECRET_KEY', 'SUPABASE_JWT_SECRET', 'SMTP_URL', 'ADMIN_PASSWORD'])(
    'does not repeat a bad %s, which may hold a password',
    (name) => {
      expect(() => readConfig({ [name]: 'hunter2' })).toThrow(new RegExp(`^${name}: (?!.*hunter2)expected`));
    },
  );
});

describe('a certificate', () => {
  let directory: string;
  const file = (name: string) => join(directory, name);

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'netneural-config-'));
    for (const name of ['one', 'other']) {
      const subject = ['-subj', '/CN=localhost', '-days', '1'];
      const output = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)];
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...output], {
        stdio: 'ignore',
      });
    }
    writeFileSync(file('empty'), '');
    writeFileSync(file('list'), '-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n');
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('turns MQTT over TLS on', () => {
    const config = readConfig({ TLS_CERT: file('one.crt'), TLS_KEY: file('one.key'), MQTTS_PORT: '8884' });
    const [certPath, keyPath] = [file('one.crt'), file('one.key')];
    expect(config.tls).toEqual({ port: 8884, wssPort: 8084, certPath, keyPath });
    const ports = { MQTTS_PORT: '8884', MQTT_WSS_PORT: '8884' };
    expect(() => readConfig({ TLS_CERT: certPath, TLS_KEY: keyPath, ...ports })).toThrow(
      'MQTT_WSS_PORT=8884: MQTTS_PORT has that port already',
    );
  });

  test('that is missing, empty or another key’s is refused by name', () => {
    const refusal = (cert: string, key: string) => () =>
      readConfig({ TLS_CERT: file(cert), TLS_KEY: file(key) });
    expect(refusal('none.crt', 'one.key')).toThrow(
      `TLS_CERT=${file('none.crt')}: there is no such file, expected`,
    );
    expect(refusal('one.crt', 'empty')).toThrow(`TLS_KEY=${file('empty')}: expected the path of a PEM file`);
    expect(refusal('one.crt', 'other.key')).toThrow(
      `TLS_KEY=${file('other.key')}: does not go with TLS_CERT=`,
    );
    expect(() => readConfig({ TLS_CERT: file('one.crt') })).toThrow('needs TLS_KEY too');
    expect(() => readConfig({ TLS_CLIENT_CA: file('one.crt') })).toThrow('needs TLS_CERT too');
    const server = { TLS_CERT: file('one.crt'), TLS_KEY: file('one.key') };
    expect(() => readConfig({ ...server, TLS_CLIENT_CRL: file('one.crt') })).toThrow(
      'needs TLS_CLIENT_CA too',
    );
    expect(() => readConfig({ ...server, TLS_CLIENT_CA: file('one.key') })).toThrow(
      `TLS_CLIENT_CA=${file('one.key')}: expected the path of a PEM file with certificates of authorities`,
    );
    const withCa = { ...server, TLS_CLIENT_CA: file('one.crt') };
    expect(() => readConfig({ ...withCa, TLS_CLIENT_CRL: file('list') })).toThrow(
      `TLS_CLIENT_CRL=${file('list')}: can't be read as revocation lists`,
    );
  });
});
