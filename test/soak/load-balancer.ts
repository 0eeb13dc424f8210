import { startHaproxy, type TestHaproxy } from '../support/haproxy.ts';

/**
 * HAProxy before gateways, as one would be set up: it looks at their `/health`, and gives a connection that one does not
 * take to another.
 */
export function startLoadBalancer(options: {
  port: number;
  servers: { port: number; healthPort: number }[];
}): Promise<TestHaproxy> {
  const { port, servers } = options;
  const configuration = `defaults
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
`;
  return startHaproxy(configuration, port);
}
