import { loadFleet, noFigures, PUBLISHERS } from './fleet-load.ts';
import { startBenchPlatform } from './platform.ts';
import { median } from './processes.ts';

/** Devices of one publisher: 50 in all, and 20,000. */
const FLEETS = [1, 400];
/** Until all are registered, and it is known how often each speaks; the short form measures nothing worth knowing. */
const SETTLING_SECONDS = { long: 8, short: 1 };

/**
 * What a message costs where few devices say much and where many say little, alternating in one run: each device that is
 * heard has its state and its last raw messages written, once for all of its messages that are stored together.
 */
export async function benchFleet({ rounds, seconds }: { rounds: number; seconds: number }): Promise<void> {
  const settling = seconds < 3 ? SETTLING_SECONDS.short : SETTLING_SECONDS.long;
  const platform = await startBenchPlatform();
  const fleets = FLEETS.map((devices) => ({
    devices,
    figures: noFigures(),
  }));
  try {
    for (let round = 1; round <= rounds; round += 1)
      for (const { devices, figures } of fleets)
        await loadFleet(platform, { devices, settling, seconds }, figures);
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

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
