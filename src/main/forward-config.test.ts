import { expect, it } from 'vitest';
import { readForwardConfig } from './forward-config.ts';

const good = {
  FORWARD_BROKER_URL: 'mqtt://broker.local',
  FORWARD_TOPICS: 'devices/+/telemetry, devices/+/status',
  FORWARD_WEBHOOK_URL: 'https://example.com/functions/v1/mqtt-listener/x',
  FORWARD_TOKEN: 'a token of enough characters',
  FORWARD_USERNAME: ' ',
};

it('reads the environment, and flags before it', () => {
  expect(readForwardConfig(['--broker-url', 'mqtts://other', '--mqtt-version', '3.1.1'], good)).toMatchObject(
    {
      FORWARD_BROKER_URL: 'mqtts://other',
      FORWARD_TOPICS: ['devices/+/telemetry', 'devices/+/status'],
      FORWARD_MQTT_VERSION: '3.1.1',
    },
  );
});

it('takes a blank for nothing', () => {
  expect(readForwardConfig([], good)).not.toHaveProperty('FORWARD_USERNAME');
});

it.each([
  [{ FORWARD_BROKER_URL: 'http://u:secret@b' }, 'FORWARD_BROKER_URL: expected an mqtt://'],
  [{ FORWARD_TOPICS: 'a/#/b' }, 'FORWARD_TOPICS=a/#/b: expected topic filters'],
  [{ FORWARD_TOKEN: 'short' }, 'FORWARD_TOKEN: expected the token'],
  [{ FORWARD_WEBHOOK_URL: undefined }, 'FORWARD_WEBHOOK_URL: expected the webhook URL'],
])('names what is wrong in %o, and no secret', (bad, line) => {
  expect(() => readForwardConfig([], { ...good, ...bad })).toThrow(line);
  expect(() => readForwardConfig([], { ...good, ...bad })).not.toThrow(/secret|short/);
});

it('knows its flags', () => {
  expect(() => readForwardConfig(['--topic', 'a/+'], good)).toThrow('--topic: no flag');
  expect(() => readForwardConfig(['--topics'], good)).toThrow('--topics: no flag');
});
