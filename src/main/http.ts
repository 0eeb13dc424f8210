import type { Engine } from '../engine/engine.ts';
import { createOperations } from '../http/operations.ts';
import type { Platform } from '../http/platform.ts';
import { clientAddressBehind } from './client-address.ts';
import type { Foundation } from './foundation.ts';
import { type HttpServer, httpServer } from './http-server.ts';
import type { ApiRole } from './roles/api.ts';

/** The process's HTTP: the API where it has that role, else what operators ask for alone. */
export function httpOf(
  { config, log, database }: Foundation,
  parts: { api: ApiRole | undefined; engine: Engine | undefined; metrics: Platform['metrics'] },
): HttpServer {
  const { api, engine, metrics } = parts;
  const clientAddress = clientAddressBehind(config.trustedProxies);
  let server: HttpServer | undefined;
  const port = () => server?.port ?? config.httpPort;
  return {
    name: 'http',
    get port() {
      return port();
    },
    /** Last to start: only now are the ports known that it tells of. */
    async start() {
      const trouble = () => (engine?.status().healthy === false ? 'The engine is away.' : undefined);
      const { fetch } = api
        ? { fetch: api.fetch(port, metrics) }
        : createOperations({ pool: database.pool, log, clientAddress, metrics, trouble });
      server = httpServer({ host: config.host, port: config.httpPort, fetch });
      await server.start();
    },
    async stop() {
      await server?.stop();
    },
  };
}
