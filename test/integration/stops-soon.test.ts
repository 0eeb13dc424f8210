import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { expect, test } from 'vitest';
import { freePorts, run, standalonePlace } from '../soak/standalone.ts';
import { testPlatform } from '../support/platform.ts';

/** What a connection can say and then never go on: nothing, half an MQTT packet, half a request, half a handshake. */
const beginnings = ['', '\x10', 'GET / HTTP/1.1\r\nhost: x\r\nupgra', '\x16\x03\x01'];

test('a stop waits for no connection that never became one', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'netneural-test-'));
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-days', '1', '-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], { stdio: 'ignore' });
  const ports = await freePorts(3);
  const [MQTT_PORT, MQTT_WS_PORT, MQTTS_PORT] = ports.map(String);
  const settings = { MQTT_PORT, MQTT_WS_PORT, MQTTS_PORT, TLS_CERT: cert, TLS_KEY: key };
  const platform = await testPlatform(settings as Record<string, string>);
  try {
    for (const port of ports) {
      for (const beginning of beginnings) {
        const socket = connect(port, '127.0.0.1').on('error', () => {});
        await once(socket, 'connect');
        socket.write(beginning, 'latin1');
      }
    }
    const url = `ws://127.0.0.1:${MQTT_WS_PORT}/mqtt`;
    const client = await mqtt.connectAsync(url, { ...(await platform.credential()), reconnectPeriod: 0 });
    const asked = performance.now();
    await platform.stop();
    expect(performance.now() - asked).toBeLessThan(3000);
    expect(client.connected).toBe(false);
  } finally {
    await platform.close();
    rmSync(directory, { recursive: true });
  }
});

test('a console that is gone keeps nobody from stopping cleanly', async () => {
  const place = await standalonePlace();
  const { child, ready } = run(place);
  try {
    await ready;
    child.stdout!.destroy();
    child.stderr!.destroy();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  } finally {
    await place.remove();
  }
});
