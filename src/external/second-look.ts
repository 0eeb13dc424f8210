import type { ConnectionProblem } from '../contract/connection-test.ts';
import type { ConnectionError } from './connection-error.ts';
import { connectPacket, MqttExchange } from './mqtt-exchange.ts';
import { type MqttVersion, versionRefused } from './mqtt-refusals.ts';
import { problemOf, speaksMqtt, speaksTls } from './problems.ts';
import { type BrokerTarget, openTransport, type TransportOptions } from './transport.ts';

/** Of a look; the step that failed has had its own time. */
const LOOK_MS = 2000;

/**
 * Brokers hang up without a word on whoever speaks another protocol. So after that happened, this connects again and
 * tries what the port may be for. It sends no user name and no password.
 * @returns undefined when nothing better is found than that it hung up
 */
export async function secondLook(
  failed: ConnectionError,
  settings: BrokerTarget & { protocolVersion: MqttVersion },
  { lookup, signal }: TransportOptions,
): Promise<ConnectionProblem | undefined> {
  const at = failed.attempted;
  const options = { lookup, signal, stepMs: LOOK_MS };
  const address = `${at.host.includes(':') ? `[${at.host}]` : at.host}:${at.port}`;
  const isPlain = at.scheme === 'mqtt' || at.scheme === 'ws';
  if (isPlain && (await answersTls(`mqtts://${address}`, options))) return speaksTls(at, failed);
  if (at.step !== 'mqtt') {
    const isMqtt = await answersMqtt({ url: `mqtt://${address}` }, options);
    return isMqtt ? speaksMqtt(at, failed) : undefined;
  }
  if (settings.protocolVersion === 5 && (await answersMqtt(settings, options))) return versionRefused(5);
  return undefined;
}

/** Whether there is TLS, with whatever certificate. */
async function answersTls(url: string, options: TransportOptions): Promise<boolean> {
  try {
    (await openTransport({ url }, options)).destroy();
    return true;
  } catch (error) {
    const { code } = problemOf(error);
    return /^(certificate|client_certificate|tls|server_name)_/.test(code);
  }
}

/** Whether a CONNECT of MQTT 3.1.1 gets a CONNACK, with whatever code. */
async function answersMqtt(target: BrokerTarget, options: TransportOptions): Promise<boolean> {
  try {
    const stream = await openTransport(target, options);
    const timer = setTimeout(() => stream.destroy(), LOOK_MS);
    const stop = () => stream.destroy();
    options.signal.addEventListener('abort', stop);
    try {
      const exchange = new MqttExchange(stream, 4);
      return await exchange.ask(connectPacket(4), ({ cmd }) => cmd === 'connack' || undefined);
    } finally {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', stop);
      stream.destroy();
    }
  } catch {
    return false;
  }
}
