import { expect, it } from 'vitest';
import { brokerSettings, readBrokerSettings } from './broker-settings.ts';

it.each([
  { url: 'mqtts://b.example.com', username: 'u', password: 'p', client_id: 'c', protocol_version: '3.1.1' },
  { brokerUrl: 'mqtts://b.example.com', username: 'u', password: 'p', clientId: 'c', protocolVersion: 4 },
  { broker_url: 'mqtts://b.example.com', user: 'u', password: 'p', client_id: 'c', mqtt_version: '3.1.1' },
])('is read in every spelling in use: %o', (given) => {
  const read = {
    url: 'mqtts://b.example.com',
    username: 'u',
    password: 'p',
    client_id: 'c',
    protocol_version: '3.1.1',
    keep_alive_seconds: 60,
  };
  expect(brokerSettings.parse(given)).toEqual(read);
  expect(readBrokerSettings({ ...given, topics: ['a/b'], use_ssl: true })).toEqual(read);
});

it.each([
  [{}, 'url'],
  [{ url: 'http://b' }, 'url'],
  [{ url: 'mqtt://b', ca: 'no certificate' }, 'ca'],
  [{ url: 'mqtt://b', keepAlive: 1 }, 'keep_alive_seconds'],
  [{ url: 'mqtt://b', protocol_version: 3 }, 'protocol_version'],
])('names what is wrong in %o', (given, field) => {
  expect(brokerSettings.safeParse(given).error!.issues[0]!.path).toEqual([field]);
  expect(readBrokerSettings(given)).toBeUndefined();
});

it('refuses what it does not know, where nobody else’s settings are expected', () => {
  expect(brokerSettings.safeParse({ url: 'mqtt://b', reject_unauthorized: false }).success).toBe(false);
});
