import { startMosquitto } from '../test/support/mosquitto.ts';
import type { CountingOptions, CountingResult } from './counting-subscriber.ts';
import { type BenchPlatform, startBenchPlatform } from './platform.ts';
import { load, median, result } from './processes.ts';

/** More comes than anybody takes, so that a queue is always there. */
const LOAD = { publishers: 20, window: 50, topic: 'devices/bench-{n}/telemetry', timed: false };
const TOPIC = 'devices/+/telemetry';
/** Connecting, and until a queue has formed. */
const WARM_UP_SECONDS = 2;

interface Phase {
  seconds: number;
  protocolVersion: 4 | 5;
}

/**
 * Messages taken from a customer's Mosquitto and committed per second, beside a bare MQTT.js subscriber on the same kind
 * of Mosquitto that only counts; alternating. A broker of its own for each, since queues stay behind.
 */
export async function benchSubscriber(options: { rounds: number; seconds: number }): Promise<void> {
  const platform = await startBenchPlatform('src/main/main.ts', { ALLOW_PRIVATE_NETWORKS: 'true' });
  try {
    for (const protocolVersion of [5, 4] as const) {
      const rates = { counting: [] as number[], ours: [] as number[] };
      for (let round = 1; round <= options.rounds; round += 1) {
        const phase = { seconds: options.seconds, protocolVersion };
        rates.counting.push(await counting(phase));
        rates.ours.push(await stored(platform, phase));
        say(
          `round ${round}: only counting ${whole(rates.counting.at(-1)!)}/s, committed ${whole(rates.ours.at(-1)!)}/s`,
        );
      }
      const [bare, ours] = [median(rates.counting), median(rates.ours)];
      const name = protocolVersion === 5 ? 'MQTT 5' : 'MQTT 3.1.1, Mosquitto’s window of 20';
      say(
        `${name}: MQTT.js, only counting ${whole(bare)}/s; committed ${whole(ours)}/s = ${(ours / bare).toFixed(2)} of it\n`,
      );
    }
  } finally {
    await platform.stop();
  }
}

async function counting({ seconds, protocolVersion }: Phase): Promise<number> {
  return withBroker(seconds, async (port) => {
    const options: CountingOptions = {
      port,
      topic: TOPIC,
      protocolVersion,
      warmUpSeconds: WARM_UP_SECONDS,
      seconds,
    };
    return (await result<CountingResult>('counting-subscriber.ts', options)).perSecond;
  });
}

async function stored(platform: BenchPlatform, { seconds, protocolVersion }: Phase): Promise<number> {
  return withBroker(seconds, async (port) => {
    const path = `/api/v1/organizations/${platform.organizationId}/integrations`;
    const { id } = await platform.call<{ id: string }>(path, {
      name: 'Bench',
      mode: 'subscribe',
      expected_topics: [TOPIC],
      broker: { url: `mqtt://127.0.0.1:${port}`, protocol_version: protocolVersion },
    });
    await pause(WARM_UP_SECONDS);
    const before = await storedSoFar(platform);
    const started = performance.now();
    await pause(seconds);
    const perSecond = (((await storedSoFar(platform)) - before) * 1000) / (performance.now() - started);
    await platform.call(`${path}/${id}`, undefined, 'DELETE');
    return perSecond;
  });
}

async function withBroker(seconds: number, measure: (port: number) => Promise<number>): Promise<number> {
  const broker = await startMosquitto({ settings: ['max_queued_messages 0'] });
  try {
    const loading = load({
      ...LOAD,
      port: broker.port,
      warmUpSeconds: 0,
      seconds: seconds + WARM_UP_SECONDS + 1,
    });
    const rate = await measure(broker.port);
    await loading;
    return rate;
  } finally {
    await broker.stop();
  }
}

async function storedSoFar({ url }: BenchPlatform): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/netneural_messages_total\{outcome="stored"\} (\d+)/.exec(text)?.[1] ?? Number.NaN);
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
