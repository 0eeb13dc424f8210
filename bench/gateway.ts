import { startMosquitto } from '../test/support/mosquitto.ts';
import type { CountingOptions, CountingResult } from './counting-subscriber.ts';
import { type GatewayProcesses, startGatewayProcesses } from './gateway-processes.ts';
import { type BenchPlatform, startBenchPlatform } from './platform.ts';
import { cpuOf, type LoadResult, load, median, mosquittoBelow, result } from './processes.ts';

const WARM_UP_SECONDS = 2;
const PUBLISHERS = 50;
const LOAD = { window: 100, warmUpSeconds: WARM_UP_SECONDS, timed: false };

/** Messages a second, and CPU for one of them in microseconds. */
interface Rates {
  perSecond: number[];
  node: number[];
  postgres: number[];
  mosquitto: number[];
}

/** What takes messages, with the CPU that its processes have used so far, in microseconds. */
interface Taker {
  mqttPorts: number[];
  organizationId: string;
  username: string;
  password: string;
  cpu(): { node: number; postgres: number; mosquitto: number };
}

/**
 * Messages of devices that go through the gateway to Mosquitto, are stored, and acknowledged after both, beside a bare
 * MQTT.js subscriber on a Mosquitto of its own that receives them and only counts; alternating in one run: the platform as
 * one process, and as processes with one gateway and with two.
 */
export async function benchGateway(options: { rounds: number; seconds: number }): Promise<void> {
  const counted: number[] = [];
  const platform = await startBenchPlatform('src/main/main.ts', { ENGINE: 'mosquitto' });
  const processes = await startGatewayProcesses(2);
  const ways = [
    { name: 'one process', taker: whole(platform), rates: noRates() },
    { name: 'processes, 1 gateway', taker: some(processes, 1), rates: noRates() },
    { name: 'processes, 2 gateways', taker: some(processes, 2), rates: noRates() },
  ];
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      counted.push(await counting(options.seconds));
      for (const { taker, rates } of ways) await stored(taker, options.seconds, rates);
      const each = ways.map(({ name, rates }) => `${name} ${figure(rates.perSecond.at(-1)!)}/s`);
      say(
        `round ${round}: only counting ${figure(counted.at(-1)!)}/s; stored and acknowledged: ${each.join(', ')}`,
      );
    }
    const bare = median(counted);
    say('');
    say(`MQTT.js on Mosquitto, only counting            ${figure(bare)}/s`);
    say('gateway → Mosquitto, stored and acknowledged:');
    for (const { name, rates } of ways) {
      const ours = median(rates.perSecond);
      say(
        `  ${name.padEnd(22)} ${figure(ours)}/s = ${(ours / bare).toFixed(2)} of it; CPU per message ${micros(rates.node)} in Node, ${micros(rates.postgres)} in PostgreSQL, ${micros(rates.mosquitto)} in Mosquitto`,
      );
    }
    say(`memory of the one process                      ${figure(platform.peakMemory())} MB at most`);
  } finally {
    await processes.stop();
    await platform.stop();
  }
}

/** What it receives, with more coming than it can take. */
async function counting(seconds: number): Promise<number> {
  const broker = await startMosquitto({ settings: ['max_queued_messages 0'] });
  try {
    const loading = load({
      ...LOAD,
      publishers: PUBLISHERS,
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

async function stored(taker: Taker, seconds: number, rates: Rates): Promise<void> {
  const { mqttPorts, organizationId, username, password } = taker;
  const before = taker.cpu();
  const loads = await Promise.all(
    mqttPorts.map((port, index) =>
      load({
        ...LOAD,
        publishers: PUBLISHERS / mqttPorts.length,
        port,
        clientIds: `load-${index}-{n}`,
        username,
        password,
        topic: `org_${organizationId}/devices/bench-${index}-{n}/telemetry`,
        seconds,
      }),
    ),
  );
  const after = taker.cpu();
  const sum = (part: keyof LoadResult) => loads.reduce((total, one) => total + one[part], 0);
  rates.perSecond.push(sum('perSecond'));
  // The CPU of the warm-up is in it, its messages are not: scaled by time.
  const share = seconds / (seconds + WARM_UP_SECONDS);
  for (const part of ['node', 'postgres', 'mosquitto'] as const)
    rates[part].push(((after[part] - before[part]) * share) / sum('acknowledged'));
}

function whole(platform: BenchPlatform): Taker {
  const { mqttPort, organizationId, username, password, directory } = platform;
  const cpu = () => ({ ...platform.cpu(), mosquitto: mosquittoCpu(directory) });
  return { mqttPorts: [mqttPort], organizationId, username, password, cpu };
}

function some(processes: GatewayProcesses, gateways: number): Taker {
  const { mqttPorts, organizationId, username, password, directory } = processes;
  const cpu = () => ({ ...processes.cpu(), mosquitto: mosquittoCpu(directory) });
  return { mqttPorts: mqttPorts.slice(0, gateways), organizationId, username, password, cpu };
}

const mosquittoCpu = (directory: string) =>
  mosquittoBelow(directory).reduce((sum, pid) => sum + cpuOf(pid), 0);

const noRates = (): Rates => ({ perSecond: [], node: [], postgres: [], mosquitto: [] });

const micros = (values: number[]) => `${median(values).toFixed(1)} µs`;

function figure(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
