import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import tls from 'node:tls';
import { testCa } from './tls-certificates.ts';

/** AWS IoT Core as far as a webhook meets it, behind a proxy that leads there and nowhere else. */
export interface AwsIot {
  /** What was asked for, as whole URLs. */
  asked: string[];
  /** For a process of another kind, so that it comes here. */
  environment: { HTTPS_PROXY: string; DENO_CERT: string };
  /** Makes `fetch` of this process come here until it is closed. */
  reachFromHere(): void;
  close(): Promise<void>;
}

export const awsHost = 'iot.eu-central-1.amazonaws.com';

/** Answers every request with 200. */
export async function startAwsIot(): Promise<AwsIot> {
  const ca = await testCa();
  const { certificate: cert, key } = await ca.issue([`DNS:${awsHost}`]);
  const asked: string[] = [];
  const server = https.createServer({ cert, key }, (request, response) => {
    asked.push(`https://${request.headers.host}${request.url}`);
    response.end();
  });
  const proxy = http.createServer();
  proxy.on('connect', (request, client) => {
    if (request.url !== `${awsHost}:443`) return client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const upstream = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => {});
      socket.once('close', () => other.destroy());
    }
  });
  for (const listening of [server, proxy]) await once(listening.listen(0, '127.0.0.1'), 'listening');
  const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  let leave = () => {};
  return {
    asked,
    environment: { HTTPS_PROXY: proxyUrl, DENO_CERT: ca.certificatePath },
    reachFromHere() {
      const trusted = tls.getCACertificates('default');
      tls.setDefaultCACertificates([...trusted, ca.certificate]);
      const restore = http.setGlobalProxyFromEnv({ https_proxy: proxyUrl });
      leave = () => {
        restore();
        tls.setDefaultCACertificates(trusted);
      };
    },
    async close() {
      leave();
      server.closeAllConnections();
      await Promise.all([server, proxy].map((each) => new Promise((resolve) => each.close(resolve))));
      await ca.remove();
    },
  };
}
