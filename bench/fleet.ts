import { setTimeout as pause } from 'node:timers/promises';
import { type BenchPlatform, startBenchPlatform } from './platform.ts';
import { load, median } from './processes.ts';

const PUBLISHERS = 50;
/** Devices of one publisher: 50 in all, and 20,000. */
const FLEETS = [1, 400];
/** Until all are registered, and it is known how often each speaks; the short form measures nothing worth knowing. */
const SETTLING_SECONDS = { long: 8, short: 1 };

interface Figures {
  perSecond: number[];
  /** CPU for one message, in microseconds. */
  node: number[];
  postgres: number[];
}

/**
 * What a message costs where few devices say much and where many say little, alternating in one run: each device that is
 * heard has its state and its last raw messages written, once for all of its messages that are stored together.
 */
export async function benchFleet({ rounds, seconds }: { rounds: number; seconds: number }): Promise<void> {
  const settling = seconds < 3 ? SETTLING_SECONDS.short : SETTLING_SECONDS.long;
  const platform = await startBenchPlatform();
  const fleets = FLEETS.map((devices) => ({
    devices,
    figures: { perSecond: [], node: [], postgres: [] } as Figures,
  }));
  try {
    for (let round = 1; round <= rounds; round += 1)
      for (const { devices, figures } of fleets)
        await measure(platform, { devices, settling, seconds }, figures);
    for (const { devices, figures } of fleets) {
      const micros = (values: number[]) => `${median(values).toFixed(1)} µs`;
      process.stdout.write(
        `${`${whole(PUBLISHERS * devices)} devices`.padEnd(15)} ${whole(median(figures.perSecond))}/s stored and acknowledged; CPU per message ${micros(figures.node)} in Node, ${micros(figures.postgres)} in PostgreSQL\n`,
      );
    }
  } finally {
    await platform.stop();
  }
}

interface Fleet {
  /** Of one publisher. */
  devices: number;
  settling: number;
  seconds: number;
}

async function measure(
  platform: BenchPlatform,
  { devices, settling, seconds }: Fleet,
  figures: Figures,
): Promise<void> {
  const { mqttPort: port, username, password, organizationId } = platform;
  const loading = load({
    port,
    username,
    password,
    topic: `org_${organizationId}/devices/fleet-{n}-{d}/telemetry`,
    devices,
    publishers: PUBLISHERS,
    window: 100,
    warmUpSeconds: settling,
    seconds,
    timed: false,
  });
  await pause(settling * 1000);
  const before = platform.cpu();
  const { perSecond, acknowledged } = await loading;
  const after = platform.cpu();
  figures.perSecond.push(perSecond);
  figures.node.push((after.node - before.node) / acknowledged);
  figures.postgres.push((after.postgres - before.postgres) / acknowledged);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
