import { setTimeout as pause } from 'node:timers/promises';
import type { BenchPlatform } from './platform.ts';
import { load } from './processes.ts';

export const PUBLISHERS = 50;

export interface FleetFigures {
  perSecond: number[];
  /** CPU for one message, in microseconds. */
  node: number[];
  postgres: number[];
}

export const noFigures = (): FleetFigures => ({ perSecond: [], node: [], postgres: [] });

/** Has devices publish, so many of each publisher, and adds what it came to once they have settled. */
export async function loadFleet(
  platform: BenchPlatform,
  { devices, settling, seconds }: { devices: number; settling: number; seconds: number },
  figures?: FleetFigures,
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
  figures?.perSecond.push(perSecond);
  figures?.node.push((after.node - before.node) / acknowledged);
  figures?.postgres.push((after.postgres - before.postgres) / acknowledged);
}
