import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface LoadBalancer {
  stop(): Promise<void>;
}

/**
 * A real HAProxy before gateways, as one would be set up: it looks at their `/health`, and gives a connection that one does
 * not take to another.
 */
export function startLoadBalancer(options: {
  port: number;
  directory: string;
  servers: { port: number; healthPort: number }[];
}): LoadBalancer {
  const { port, directory, servers } = options;
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(
    file,
    `defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  retries 3
  option redispatch 1
listen mqtt
  bind 127.0.0.1:${port}
  balance leastconn
  option httpchk GET /health
  default-server check inter 250ms fall 2 rise 1
${servers.map((server, n) => `  server gateway-${n} 127.0.0.1:${server.port} port ${server.healthPort}`).join('\n')}
`,
  );
  const PATH = [process.env.PATH, '/usr/sbin', '/usr/local/sbin'].join(delimiter);
  const child = spawn('haproxy', ['-db', '-q', '-f', file], {
    env: { PATH },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  return {
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
