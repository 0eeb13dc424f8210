/**
 * The load: MQTT clients on raw sockets that keep a window of QoS 1 publishes in flight and count PUBACKs. It runs as
 * a process of its own and spends about half a microsecond a message, so that it measures the broker and not itself.
 *
 * Takes its options as JSON in the first argument, prints one line of JSON.
 */
import { connect, type Socket } from 'node:net';
import { generate } from 'mqtt-packet';

export interface LoadOptions {
  port: number;
  username?: string;
  password?: string;
  /** `{n}` is the publisher's number, `{d}` that of one of its devices, which take turns. */
  topic: string;
  /** How many devices a publisher speaks for. */
  devices?: number;
  /** `load-{n}` where not given. */
  clientIds?: string;
  publishers: number;
  window: number;
  /** Not counted. */
  warmUpSeconds: number;
  seconds: number;
  /** Whether payloads state their time. */
  timed: boolean;
}

export interface LoadResult {
  perSecond: number;
  acknowledged: number;
}

const DIGITS = 9;
const DEVICE_DIGITS = 5;

/** One client. The packet is made once; only its id and its running number change. */
class Publisher {
  readonly #socket: Socket;
  readonly #packet: Buffer;
  readonly #idAt: number;
  readonly #numberAt: number;
  readonly #timeAt: number;
  readonly #deviceAt: number;
  readonly #devices: number;
  #id = 0;
  #sent = 0;
  #rest = 0;
  acknowledged = 0;

  constructor(options: LoadOptions, index: number, onReady: () => void) {
    const time = options.timed ? ',"ts":1234567890123' : '';
    const payload = `{"temperature":21.5,"humidity":40,"n":${'1'.padStart(DIGITS, '1')}${time}}`;
    const marker = '0'.repeat(DEVICE_DIGITS);
    const topic = options.topic.replace('{n}', String(index)).replace('{d}', marker);
    this.#devices = options.devices ?? 1;
    this.#packet = generate({
      cmd: 'publish',
      topic,
      payload,
      qos: 1,
      messageId: 1,
      dup: false,
      retain: false,
    });
    this.#idAt = this.#packet.length - payload.length - 2;
    this.#numberAt = this.#packet.lastIndexOf('"n":') + 4;
    this.#deviceAt = this.#devices > 1 ? this.#packet.indexOf(marker) : 0;
    this.#timeAt = options.timed ? this.#packet.length - 14 : 0;
    this.#socket = connect({ port: options.port, host: '127.0.0.1', noDelay: true });
    this.#socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: (options.clientIds ?? 'load-{n}').replace('{n}', String(index)),
        keepalive: 0,
        username: options.username,
        password: options.password === undefined ? undefined : Buffer.from(options.password),
      }),
    );
    this.#socket.once('data', (connack) => {
      if (connack[3] !== 0) throw new Error(`refused: ${connack[3]}`);
      this.#socket.on('data', (chunk) => this.#acknowledgements(chunk));
      onReady();
      this.#send(options.window);
    });
    this.#socket.on('close', () => {
      process.stderr.write('a connection was closed\n');
      process.exit(1);
    });
  }

  /** PUBACKs are four bytes each, and nothing else comes. */
  #acknowledgements(chunk: Buffer): void {
    const bytes = this.#rest + chunk.length;
    const count = bytes >> 2;
    this.#rest = bytes & 3;
    this.acknowledged += count;
    if (count > 0) this.#send(count);
  }

  #send(count: number): void {
    const { length } = this.#packet;
    const bytes = Buffer.allocUnsafe(count * length);
    const now = this.#timeAt > 0 ? String(Date.now()) : '';
    for (let index = 0; index < count; index += 1) {
      const at = index * length;
      this.#packet.copy(bytes, at);
      this.#id = (this.#id % 65_535) + 1;
      bytes[at + this.#idAt] = this.#id >> 8;
      bytes[at + this.#idAt + 1] = this.#id & 255;
      this.#sent += 1;
      writeDigits(bytes, at + this.#numberAt + 1, DIGITS - 1, this.#sent);
      if (this.#deviceAt > 0)
        writeDigits(bytes, at + this.#deviceAt, DEVICE_DIGITS, this.#sent % this.#devices);
      if (now) bytes.write(now, at + this.#timeAt, 'latin1');
    }
    this.#socket.write(bytes);
  }
}

function writeDigits(bytes: Buffer, at: number, count: number, value: number): void {
  for (let digit = count - 1, rest = value; digit >= 0; digit -= 1) {
    bytes[at + digit] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2]!) as LoadOptions;
  const publishers: Publisher[] = [];
  await Promise.all(
    Array.from(
      { length: options.publishers },
      (_, index) => new Promise<void>((resolve) => publishers.push(new Publisher(options, index, resolve))),
    ),
  );
  const total = () => publishers.reduce((sum, publisher) => sum + publisher.acknowledged, 0);
  await pause(options.warmUpSeconds);
  const before = total();
  const started = performance.now();
  await pause(options.seconds);
  const acknowledged = total() - before;
  const result: LoadResult = {
    perSecond: (acknowledged * 1000) / (performance.now() - started),
    acknowledged,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit(0);
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

await main();
