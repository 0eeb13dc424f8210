/**
 * Opens many connections at once, each with a credential of its own, and keeps them.
 * Takes its options as JSON in the first argument, prints one line of JSON when all are answered, and runs until its parent lets go.
 */
import { connect, type Socket } from 'node:net';
import { generate } from 'mqtt-packet';

export interface ManyConnectionsOptions {
  port: number;
  count: number;
  /** With `{n}`, as of the client id. */
  username: string;
  password: string;
}

export interface ManyConnectionsResult {
  accepted: number;
  /** Answered otherwise, or closed without an answer. */
  refused: number;
  /** From the first SYN to the last CONNACK. */
  seconds: number;
  /** A client's wait from its SYN to CONNACK, in milliseconds. */
  p50: number;
  p99: number;
}

const options = JSON.parse(process.argv[2]!) as ManyConnectionsOptions;
const waits: number[] = [];
const open: Socket[] = [];
let refused = 0;

function one(number: number): Promise<void> {
  const started = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ port: options.port, host: '127.0.0.1', noDelay: true });
    open.push(socket);
    const packet = generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: `many-${number}`,
      keepalive: 600,
      username: options.username.replace('{n}', String(number)),
      password: Buffer.from(options.password),
    });
    socket.once('connect', () => socket.write(packet));
    const answered = (isIn: boolean) => {
      if (isIn) waits.push(performance.now() - started);
      else refused += 1;
      socket.off('close', closed);
      resolve();
    };
    const closed = () => answered(false);
    socket.once('data', (connack) => answered(connack[3] === 0));
    socket.once('close', closed);
    socket.on('error', () => {});
  });
}

const started = performance.now();
await Promise.all(Array.from({ length: options.count }, (_, number) => one(number)));
const seconds = (performance.now() - started) / 1000;
waits.sort((a, b) => a - b);
const at = (share: number) => waits[Math.floor(waits.length * share)] ?? Number.NaN;
const result: ManyConnectionsResult = {
  accepted: waits.length,
  refused,
  seconds,
  p50: at(0.5),
  p99: at(0.99),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
process.once('disconnect', () => process.exit());
