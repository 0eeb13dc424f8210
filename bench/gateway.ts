import { startMosquitto } from '../test/support/mosquitto.ts';
import type { CountingOptions, CountingResult } from './counting-subscriber.ts';
import { type BenchPlatform, startBenchPlatform } from './platform.ts';
import { cpuOf, load, median, mosquittoBelow, result } from './processes.ts';

const WARM_UP_SECONDS = 2;
const LOAD = { publishers: 50, window: 100, warmUpSeconds: WARM_UP_SECONDS, timed: false };

interface Rates {
  counting: number[];
  ours: number[];
  /** CPU for one message, in microseconds. */
  node: number[];
  postgres: number[];
  mosquitto: number[];
}

/**
 * Messages of devices that go through the gateway to Mosquitto, are stored, and acknowledged after both, beside a bare
 * MQTT.js subscriber on a Mosquitto of its own that receives them and only counts; alternating in one run.
 */
export async function benchGateway(options: { rounds: number; seconds: number }): Promise<void> {
  const platform = await startBenchPlatform('src/main/main.ts', { ENGINE: 'mosquitto' });
  const rates: Rates = { counting: [], ours: [], node: [], postgres: [], mosquitto: [] };
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      rates.counting.push(await counting(options.seconds));
      await stored(platform, options.seconds, rates);
      say(
        `round ${round}: only counting ${whole(rates.counting.at(-1)!)}/s, stored and acknowledged ${whole(rates.ours.at(-1)!)}/s`,
      );
    }
    const [bare, ours] = [median(rates.counting), median(rates.ours)];
    say('');
    say(`MQTT.js on Mosquitto, only counting          ${whole(bare)}/s`);
    say(`gateway → Mosquitto, stored and acknowledged ${whole(ours)}/s = ${(ours / bare).toFixed(2)} of it`);
    say(
      `CPU per message                              ${micros(rates.node)} in Node, ${micros(rates.postgres)} in PostgreSQL, ${micros(rates.mosquitto)} in Mosquitto`,
    );
    say(`memory of the Node process                   ${whole(platform.peakMemory())} MB at most`);
  } finally {
    await platform.stop();
  }
}

/** What it receives, with more coming than it can take. */
async function counting(seconds: number): Promise<number> {
  const broker = await startMosquitto({ settings: ['max_queued_messages 0'] });
  try {
    const loading = load({
      ...LOAD,
      port: broker.port,
      topic: 'devices/bench-{n}/telemetry',
      warmUpSeconds: 0,
      seconds: seconds + WARM_UP_SECONDS + 1,
    });
    const options: CountingOptions = {
      port: broker.port,
      topic: 'devices/+/telemetry',
      protocolVersion: 5,
      warmUpSeconds: WARM_UP_SECONDS,
      seconds,
    };
    const { perSecond } = await result<CountingResult>('counting-subscriber.ts', options);
    await loading;
    return perSecond;
  } finally {
    await broker.stop();
  }
}

async function stored(platform: BenchPlatform, seconds: number, rates: Rates): Promise<void> {
  const mosquitto = () => mosquittoBelow(platform.directory).reduce((sum, pid) => sum + cpuOf(pid), 0);
  const before = { ...platform.cpu(), mosquitto: mosquitto() };
  const { perSecond, acknowledged } = await load({
    ...LOAD,
    port: platform.mqttPort,
    username: platform.username,
    password: platform.password,
    topic: `org_${platform.organizationId}/devices/bench-{n}/telemetry`,
    seconds,
  });
  const after = { ...platform.cpu(), mosquitto: mosquitto() };
  rates.ours.push(perSecond);
  // The CPU of the warm-up is in it, its messages are not: scaled by time.
  const share = seconds / (seconds + WARM_UP_SECONDS);
  for (const part of ['node', 'postgres', 'mosquitto'] as const)
    rates[part].push(((after[part] - before[part]) * share) / acknowledged);
}

const micros = (values: number[]) => `${median(values).toFixed(1)} µs`;

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
