import { type BenchPlatform, startBenchPlatform } from './platform.ts';
import { load, median } from './processes.ts';

const PUBLISHERS = 50;
/** Devices of one publisher; in the short form fewer. */
const FLEETS = { long: [1, 400], short: [1, 40] };

interface Figures {
  perSecond: number[];
  node: number[];
  postgres: number[];
}

/**
 * What a message costs in a fleet of few devices that say much and in one of many that say little, alternating in one
 * run: each device that is heard has its state written, once for all of its messages that are stored together.
 */
export async function benchFleet({ rounds, seconds }: { rounds: number; seconds: number }): Promise<void> {
  const platform = await startBenchPlatform();
  const fleets = (seconds < 3 ? FLEETS.short : FLEETS.long).map((each) => ({
    each,
    figures: { perSecond: [], node: [], postgres: [] } as Figures,
  }));
  try {
    // Registered before anything is measured.
    for (const { each } of fleets) await heard(platform, each, Math.max(2, seconds));
    for (let round = 1; round <= rounds; round += 1)
      for (const { each, figures } of fleets) await measure(platform, each, seconds, figures);
    for (const { each, figures } of fleets) {
      const micros = (values: number[]) => `${median(values).toFixed(1)} µs`;
      const devices = `${whole(PUBLISHERS * each)} devices`.padEnd(16);
      process.stdout.write(
        `${devices} ${whole(median(figures.perSecond))}/s stored and acknowledged; CPU per message ${micros(figures.node)} in Node, ${micros(figures.postgres)} in PostgreSQL\n`,
      );
    }
  } finally {
    await platform.stop();
  }
}

async function measure(
  platform: BenchPlatform,
  each: number,
  seconds: number,
  figures: Figures,
): Promise<void> {
  const before = platform.cpu();
  const { perSecond, acknowledged } = await heard(platform, each, seconds);
  const after = platform.cpu();
  // The warm-up's CPU is in it, its messages are not: scaled by time.
  const share = seconds / (seconds + 1);
  figures.perSecond.push(perSecond);
  figures.node.push(((after.node - before.node) * share) / acknowledged);
  figures.postgres.push(((after.postgres - before.postgres) * share) / acknowledged);
}

function heard(platform: BenchPlatform, devices: number, seconds: number) {
  const { mqttPort: port, username, password, organizationId } = platform;
  return load({
    port,
    username,
    password,
    topic: `org_${organizationId}/devices/fleet-{n}-{d}/telemetry`,
    devices,
    publishers: PUBLISHERS,
    window: 100,
    warmUpSeconds: 1,
    seconds,
    timed: false,
  });
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
