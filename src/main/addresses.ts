import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Connection } from '../contract/platform.ts';
import type { ListeningPorts } from '../gateway/listeners.ts';
import type { Address, Config } from './config.ts';

const wildcards = new Set(['0.0.0.0', '::']);
const loopback = /^(127\.|::1$|localhost$)/;

/** Where browsers reach us, without a slash at the end. */
export function publicUrl(config: Config, httpPort: number): string {
  return config.publicUrl ?? `http://${bracketed(reachableHost(config))}:${httpPort}`;
}

/** What a device is told to connect to. */
export function connectionOf(
  config: Config,
  ports: ListeningPorts,
  engineLevel: 4 | 5 | undefined,
): Omit<Connection, 'topic_prefix'> {
  const host = config.publicUrl ? new URL(config.publicUrl).hostname : reachableHost(config);
  const name = bracketed(host);
  return {
    host,
    mqtt: `mqtt://${name}:${ports.mqtt}`,
    mqtts: ports.mqtts === undefined ? null : `mqtts://${name}:${ports.mqtts}`,
    ws: `ws://${name}:${ports.ws}/mqtt`,
    wss: ports.wss === undefined ? null : `wss://${name}:${ports.wss}/mqtt`,
    loopback_only: loopback.test(config.host),
    protocol_versions: engineLevel === 5 ? ['3.1', '3.1.1', '5.0'] : ['3.1', '3.1.1'],
    max_message_bytes: config.maxMessageBytes,
  };
}

/** What the role `engine` tells gateways: `host:port`. */
export function engineAddress({ engineListen, engineAddress: given }: Config): Address {
  return given ?? { host: reachableHost(engineListen, engineListen.host), port: engineListen.port };
}

/** Of a wildcard, the first address that others can use. */
function reachableHost({ host }: Pick<Config, 'host'>, local = 'localhost'): string {
  if (!wildcards.has(host)) return host === '127.0.0.1' ? local : host;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? 'localhost';
}

function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
