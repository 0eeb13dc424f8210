import { readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo, Server } from 'node:net';
import { dirname, extname, join, sep } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import type { StaticFile } from '../http/platform.ts';
import type { Service } from '../service/lifecycle.ts';
import { StartupError } from '../service/startup-error.ts';

/** How long requests under way may take at a stop. */
const DRAIN_MS = 5000;

export interface HttpServer extends Service {
  /** The port that is really listened on; known once started. */
  readonly port: number;
}

type Fetch = Parameters<typeof createAdaptorServer>[0]['fetch'];

/** Serves a portable application on a TCP port. */
export function httpServer(options: { host: string; port: number; fetch: Fetch }): HttpServer {
  // A load balancer that looks at /health by HTTP/1.0 names no host.
  const server = createAdaptorServer({ fetch: options.fetch, hostname: 'localhost' }) as Server & {
    closeIdleConnections(): void;
    closeAllConnections(): void;
  };
  return {
    name: 'http',
    get port() {
      return (server.address() as AddressInfo).port;
    },
    async start() {
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) => {
          const why =
            error.code === 'EADDRINUSE'
              ? 'is in use by another program'
              : `can't be listened on (${error.code})`;
          reject(
            new StartupError(`port ${options.port} ${why}: set HTTP_PORT to another one`, { cause: error }),
          );
        });
        server.listen({ host: options.host, port: options.port }, () => resolve());
      });
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

const webDirectory = join(import.meta.dirname, '../../dist/web');
const referenceDirectory = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Reads a file of the built dashboard, or of the API reference; undefined for whatever is not below its folder. */
export async function staticFile(area: 'web' | 'reference', path: string): Promise<StaticFile | undefined> {
  const directory = area === 'web' ? webDirectory : referenceDirectory;
  try {
    const file = await realpath(join(directory, decodeURIComponent(path)));
    const contentType = contentTypes[extname(file)];
    if (!contentType || !file.startsWith((await realpath(directory)) + sep)) return undefined;
    return { body: new Uint8Array(await readFile(file)), contentType };
  } catch {
    return undefined;
  }
}
