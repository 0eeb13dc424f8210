import { setTimeout as pause } from 'node:timers/promises';
import { type BenchPlatform, startBenchPlatform } from './platform.ts';
import { load, median } from './processes.ts';

const PUBLISHERS = 50;
/** Messages a second; in the short form fewer. */
const RATE = { long: 10_000, short: 1000 };
/** Devices of one publisher: 50 in all, and 20,000 that speak every 2 s. */
const FLEETS = [1, 400];
/** Until it is known how often each device speaks; the short form measures nothing that is worth knowing. */
const SETTLING_SECONDS = { long: 10, short: 1 };

interface Figures {
  /** CPU for one message, in microseconds. */
  node: number[];
  postgres: number[];
}

/**
 * What a message costs where few devices say much and where many say little, at the same rate, alternating in one run: each
 * device that is heard has its state and its last raw messages written, once for all of its messages that are stored
 * together.
 */
export async function benchFleet({ rounds, seconds }: { rounds: number; seconds: number }): Promise<void> {
  const form = seconds < 3 ? 'short' : 'long';
  const [rate, settling] = [RATE[form], SETTLING_SECONDS[form]];
  const platform = await startBenchPlatform();
  const fleets = FLEETS.map((each) => ({ each, figures: { node: [], postgres: [] } as Figures }));
  try {
    // Registered before anything is measured.
    for (const { each } of fleets)
      await heard(platform, {
        devices: each,
        rate,
        settling,
        seconds: form === 'short' ? 1 : (each * PUBLISHERS) / rate,
      });
    for (let round = 1; round <= rounds; round += 1)
      for (const { each, figures } of fleets)
        await measure(platform, { devices: each, rate, settling, seconds }, figures);
    for (const { each, figures } of fleets) {
      const micros = (values: number[]) => `${median(values).toFixed(1)} µs`;
      const devices = `${(PUBLISHERS * each).toLocaleString('en')} devices`.padEnd(15);
      process.stdout.write(
        `${devices} at ${rate.toLocaleString('en')}/s: CPU per message ${micros(figures.node)} in Node, ${micros(figures.postgres)} in PostgreSQL\n`,
      );
    }
  } finally {
    await platform.stop();
  }
}

interface Fleet {
  /** Of one publisher. */
  devices: number;
  rate: number;
  settling: number;
  seconds: number;
}

async function measure(platform: BenchPlatform, fleet: Fleet, figures: Figures): Promise<void> {
  const loading = heard(platform, fleet);
  await pause(fleet.settling * 1000);
  const before = platform.cpu();
  const { acknowledged } = await loading;
  const after = platform.cpu();
  figures.node.push((after.node - before.node) / acknowledged);
  figures.postgres.push((after.postgres - before.postgres) / acknowledged);
}

function heard(platform: BenchPlatform, { devices, rate, settling, seconds }: Fleet) {
  const { mqttPort: port, username, password, organizationId } = platform;
  return load({
    port,
    username,
    password,
    topic: `org_${organizationId}/devices/fleet-{n}-{d}/telemetry`,
    devices,
    publishers: PUBLISHERS,
    window: 100,
    rate,
    warmUpSeconds: settling,
    seconds,
    timed: false,
  });
}
