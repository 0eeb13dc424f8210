/**
 * The load of webhooks: connections on raw sockets that each POST one message after the other and count what is
 * answered with 200. A process of its own, cheap enough to measure the platform and not itself.
 *
 * Takes its options as JSON in the first argument, prints one line of JSON.
 */
import { connect } from 'node:net';

export interface HttpLoadOptions {
  url: string;
  token: string;
  connections: number;
  /** Not counted. */
  warmUpSeconds: number;
  seconds: number;
}

export interface HttpLoadResult {
  perSecond: number;
  /** Anything but 200. */
  failed: number;
}

const options = JSON.parse(process.argv[2]!) as HttpLoadOptions;
const { hostname, port, pathname } = new URL(options.url);
let answered = 0;
let failed = 0;
let number = 0;

function request(client: number): string {
  number += 1;
  const body = `{"id":"${process.pid}-${number}","topic":"devices/bench-${client}/telemetry","payload":{"temperature":21.5,"humidity":40,"n":${number}}}`;
  return `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${options.token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

for (let client = 0; client < options.connections; client += 1) {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let text = '';
  socket.on('connect', () => socket.write(request(client)));
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return;
    const [, length] = /content-length: (\d+)/i.exec(text) ?? [];
    if (text.length < end + 4 + Number(length)) return;
    if (text.startsWith('HTTP/1.1 200') && text.includes('"outcome":"stored"')) answered += 1;
    else failed += 1;
    text = '';
    socket.write(request(client));
  });
}

setTimeout(() => {
  const before = answered;
  const started = performance.now();
  setTimeout(() => {
    const perSecond = ((answered - before) * 1000) / (performance.now() - started);
    process.stdout.write(`${JSON.stringify({ perSecond, failed } satisfies HttpLoadResult)}\n`);
    process.exit(0);
  }, options.seconds * 1000);
}, options.warmUpSeconds * 1000);
