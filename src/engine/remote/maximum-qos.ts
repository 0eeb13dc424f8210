import { randomUUID } from 'node:crypto';
import mqttPacket from 'mqtt-packet';
import type { Dialer } from './dialer.ts';

const ANSWER_MS = 5000;
const topic = 'netneural/ping';

/**
 * The highest QoS that a broker of MQTT 3.1.1 alone takes of clients, found out by subscribing with 2: it grants what it
 * has [MQTT-3.8.4-6]. Of MQTT 5 CONNACK says it.
 * @returns 2 if it does not answer
 */
export async function maximumQoS(
  dialer: Dialer,
  account: { username: string | undefined; password: string | undefined },
): Promise<1 | 2> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const stream = await dialer.dialed(signal).catch(() => undefined);
  if (!stream) return 2;
  return new Promise((resolve) => {
    const found = (qos: 1 | 2) => {
      resolve(qos);
      stream.destroy();
    };
    const parser = mqttPacket.parser({ protocolVersion: 4 });
    parser.on('error', () => found(2));
    parser.on('packet', (packet) => {
      if (packet.cmd === 'suback') {
        stream.write(mqttPacket.generate({ cmd: 'disconnect' }));
        found(packet.granted[0] === 1 ? 1 : 2);
      } else
        stream.write(
          mqttPacket.generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 2 }] }),
        );
    });
    stream.on('data', (chunk: Buffer) => void parser.parse(chunk));
    stream.once('close', () => resolve(2));
    signal.addEventListener('abort', () => found(2), { once: true });
    const { username, password } = account;
    stream.write(
      mqttPacket.generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: `platform-${randomUUID()}`,
        keepalive: 0,
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password: Buffer.from(password) }),
      }),
    );
  });
}
