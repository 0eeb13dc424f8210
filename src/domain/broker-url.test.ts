import { describe, expect, test } from 'vitest';
import { brokerEndpoint, parseBrokerUrl } from './broker-url.ts';

describe('a broker’s URL', () => {
  test.each([
    ['mqtt://broker.example.com', { url: 'mqtt://broker.example.com' }],
    ['  MQTTS://Broker.Example.com:8884/ ', { url: 'mqtts://broker.example.com:8884' }],
    ['mqtt://u:p@10.0.0.5:1884', { url: 'mqtt://10.0.0.5:1884', username: 'u', password: 'p' }],
    ['mqtt://u%40x:a%23b%2Fc@h', { url: 'mqtt://h', username: 'u@x', password: 'a#b/c' }],
    ['mqtt://only@h', { url: 'mqtt://h', username: 'only' }],
    ['mqtt://u:a:b@h:1', { url: 'mqtt://h:1', username: 'u', password: 'a:b' }],
    ['mqtt://[2001:DB8::1]:1883', { url: 'mqtt://[2001:db8::1]:1883' }],
    ['mqtt://bücher.example', { url: 'mqtt://xn--bcher-kva.example' }],
    ['mqtt://2130706433', { url: 'mqtt://127.0.0.1' }],
    ['mqtt://0x7f.1', { url: 'mqtt://127.0.0.1' }],
    ['ws://u:p@h:9001/', { url: 'ws://h:9001', username: 'u', password: 'p' }],
    ['wss://h/mqtt?a=b', { url: 'wss://h/mqtt?a=b' }],
    ['ws://h:80/x', { url: 'ws://h/x' }],
  ])('%s', (text, expected) => {
    expect(parseBrokerUrl(text)).toEqual(expected);
  });

  test.each([
    ['', 'in front'],
    ['broker.example.com:1883', 'in front'],
    ['tcp://h', 'Write mqtt:// instead of tcp://'],
    ['ssl://h', 'Write mqtts://'],
    ['https://h', 'Write wss://'],
    ['file:///etc/passwd', 'not known here'],
    ['constructor://h', 'not known here'],
    ['mqtt://', 'host name'],
    ['mqtt://:1883', 'host name'],
    ['mqtt://u:p@', 'host name'],
    ['mqtt://a..b', 'host name'],
    ['mqtt://a|b', 'host name'],
    ['mqtt://[::1', 'host name'],
    ['mqtt://1.2.3.999', 'host name'],
    [`mqtt://${'a'.repeat(254)}`, 'host name'],
    ['mqtt://h:0', 'port'],
    ['mqtt://h:65536', 'port'],
    ['mqtt://h:x', 'port'],
    ['mqtt://h/#', '%23'],
    ['mqtt://u:p#1@h', '%23'],
    ['mqtt://h/path', 'no path'],
    ['mqtt://h?x=1', 'no path'],
    ['mqtt://u:100%@h', '%25'],
    ['mqtt://a b', 'spaces'],
    ['mqtt://a\nb', 'spaces'],
    [`mqtt://h/${'a'.repeat(2048)}`, '2048'],
  ])('refuses %s', (text, words) => {
    expect(parseBrokerUrl(text)).toEqual({ problem: expect.stringContaining(words) });
  });
});

test('says where to connect', () => {
  const at = (url: string) => brokerEndpoint(url);
  expect(at('mqtt://h')).toEqual({ scheme: 'mqtt', secure: false, webSocket: false, host: 'h', port: 1883 });
  expect(at('mqtts://[::1]')).toMatchObject({ secure: true, host: '::1', port: 8883 });
  expect(at('ws://h/x')).toMatchObject({ webSocket: true, secure: false, port: 80 });
  expect(at('wss://h')).toMatchObject({ webSocket: true, secure: true, port: 443 });
  expect(at('wss://h:9443')).toMatchObject({ port: 9443 });
});
