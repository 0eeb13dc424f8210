import { brokerEndpoint, parseBrokerUrl } from '../../domain/broker-url.ts';
import { StartupError } from '../../service/startup-error.ts';

/** Where a broker listens: a Unix socket, or a port of a host. */
export type Endpoint = { path: string } | { host: string; port: number; secure: boolean };

/** An engine's URL, as the operator gives it. @throws StartupError naming the setting, without the password */
export function readEngineUrl(text: string): { endpoint: Endpoint; username?: string; password?: string } {
  const parsed = parseBrokerUrl(text);
  if ('problem' in parsed) throw new StartupError(`ENGINE: ${parsed.problem}`);
  const { url, ...account } = parsed;
  const { host, port, secure } = brokerEndpoint(url);
  return { endpoint: { host, port, secure }, ...account };
}

/** For people. */
export function nameOf(endpoint: Endpoint | undefined): string {
  if (!endpoint) return 'an unknown address';
  return 'path' in endpoint ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
}
