/// <reference types="node" />
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { address, type SnippetName, snippets, type Target } from './snippets.ts';

const target: Target = {
  url: 'mqtt://192.0.2.7:1884',
  username: 'dev_7f',
  password: `a'b"c$d`,
  topic: 'org_5/devices/tank "3"/telemetry',
};

function codeOf(name: SnippetName, changed: Partial<Target> = {}): string {
  return snippets({ ...target, ...changed }, 'sh').find((snippet) => snippet.name === name)!.code;
}

describe('snippets', () => {
  it('gives mosquitto_pub its arguments through a real shell', () => {
    const script = `mosquitto_pub() { printf '%s\\n' "$@"; }\n${codeOf('mosquitto')}`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n')).toEqual([
      ...['-h', '192.0.2.7', '-p', '1884', '-u', target.username, '-P', target.password],
      ...['-t', target.topic, '-q', '1', '-m', '{"temperature":21.5}'],
    ]);
  });

  it('writes one line for Windows', () => {
    const [first] = snippets(target, 'cmd');
    expect(first!.code).not.toContain('\n');
    expect(first!.code).toContain('-m "{\\"temperature\\":21.5}"');
  });

  it.each(['python', 'javascript', 'arduino'] as const)(
    'names host, user, password and topic in %s',
    (name) => {
      const code = codeOf(name);
      expect(code).toContain('192.0.2.7');
      expect(code).toContain('1884');
      for (const text of [target.username, target.password, target.topic])
        expect(code).toContain(JSON.stringify(text));
    },
  );

  it('encrypts where the address says so', () => {
    const url = 'mqtts://mqtt.example.com:8883';
    expect(codeOf('mosquitto', { url })).toContain('--tls-use-os-certs');
    expect(codeOf('python', { url })).toContain('client.tls_set()');
    expect(codeOf('javascript', { url })).toContain(url);
    expect(codeOf('arduino', { url })).toContain('WiFiClientSecure');
  });
});

it('reads addresses', () => {
  expect(address('mqtt://[::1]:1883')).toEqual({ host: '::1', port: 1883, tls: false });
  expect(address('mqtts://mqtt.example.com')).toEqual({ host: 'mqtt.example.com', port: 8883, tls: true });
});
