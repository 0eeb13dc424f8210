/**
 * The usual subscriber: MQTT.js, QoS 1, which counts what comes and does nothing with it.
 * Takes its options as JSON in the first argument, prints one line of JSON.
 */
import mqtt from 'mqtt';

export interface CountingOptions {
  port: number;
  topic: string;
  protocolVersion: 4 | 5;
  warmUpSeconds: number;
  seconds: number;
}

export interface CountingResult {
  perSecond: number;
}

const options = JSON.parse(process.argv[2]!) as CountingOptions;
let count = 0;
const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${options.port}`, {
  protocolVersion: options.protocolVersion,
  ...(options.protocolVersion === 5 ? { properties: { receiveMaximum: 20_000 } } : {}),
});
client.on('message', () => {
  count += 1;
});
await client.subscribeAsync(options.topic, { qos: 1 });
await pause(options.warmUpSeconds);
const before = count;
const started = performance.now();
await pause(options.seconds);
const perSecond = ((count - before) * 1000) / (performance.now() - started);
process.stdout.write(`${JSON.stringify({ perSecond } satisfies CountingResult)}\n`);
process.exit(0);

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
