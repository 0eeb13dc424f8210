import { parseEngineUrl } from '../../domain/engine-url.ts';
import { StartupError } from '../../service/startup-error.ts';

/** Where a broker listens: a Unix socket, or a port of a host. */
export type Endpoint = { path: string } | { host: string; port: number; secure: boolean };

/** Where it is, or how that is found out: undefined while nobody has said it. */
export type Whereabouts = Endpoint | (() => Endpoint | undefined);

/** An engine's URL, as the operator gives it. @throws StartupError naming the setting, without the password */
export function readEngineUrl(text: string): { nodes: Endpoint[]; username?: string; password?: string } {
  const parsed = parseEngineUrl(text);
  if ('problem' in parsed) throw new StartupError(`ENGINE: ${parsed.problem}`);
  return parsed;
}

/** For people. */
export function nameOf(endpoint: Endpoint | undefined): string {
  if (!endpoint) return 'an unknown address';
  return 'path' in endpoint ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
}
