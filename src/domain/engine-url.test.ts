import { expect, test } from 'vitest';
import { parseEngineUrl } from './engine-url.ts';

const hostsOf = (text: string) => {
  const parsed = parseEngineUrl(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  const { nodes, ...account } = parsed;
  return { hosts: nodes.map(({ host, port, secure }) => `${secure ? 's ' : ''}${host} ${port}`), ...account };
};

test.each([
  ['mqtt://a', { hosts: ['a 1883'] }],
  ['mqtt://a,b:1884,c', { hosts: ['a 1883', 'b 1884', 'c 1883'] }],
  ['mqtts://u:p@a,b', { hosts: ['s a 8883', 's b 8883'], username: 'u', password: 'p' }],
  [
    'mqtt://u:a,b%40@[::1]:1,10.0.0.1/',
    { hosts: ['::1 1', '10.0.0.1 1883'], username: 'u', password: 'a,b@' },
  ],
])('%s', (text, expected) => {
  expect(hostsOf(text)).toEqual(expected);
});

test.each([
  ['mqtt://a,a:1883', 'a:1883 is there twice.'],
  ['mqtt://a,', 'The URL has no valid host name.'],
  ['mqtt://a,b:70000', 'The port must be a number from 1 to 65535.'],
  ['mqtt://a,b/path', 'mqtt:// takes no path. Only ws:// and wss:// have one.'],
  ['mqtt://u:p@a,mqtt://u:p@b', 'Write several hosts as one URL: mqtt://user:password@a,b,c.'],
  ['ws://a,b', 'An engine is reached by mqtt:// or mqtts://.'],
  ['a,b', 'Put mqtt://, mqtts://, ws:// or wss:// in front.'],
  [`mqtt://${Array.from({ length: 33 }, (_, n) => `n${n}`)}`, 'These are more than 32 hosts.'],
])('%s is refused in words', (text, problem) => {
  expect(parseEngineUrl(text)).toEqual({ problem });
});
