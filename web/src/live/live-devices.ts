import type { PresenceEvent, ReadingEvent } from '../../../src/contract/events.ts';
import type { Device } from '../api/types.ts';
import { LiveValues } from './live-values.ts';

/** What events have told of a device since the page began to listen. */
export interface LiveDevice {
  presence?: Pick<Device, 'presence' | 'presence_since' | 'presence_reason'>;
  last_seen_at?: string;
  latest: Device['latest'];
}

/** More than anybody looks at; one that is forgotten is read from the API again. */
const mostDevices = 20_000;

/** Values and presence of devices, as events say. */
export class LiveDevices extends LiveValues<LiveDevice> {
  constructor(schedule?: (flush: () => void) => void) {
    super(mostDevices, schedule);
  }

  reading(event: ReadingEvent): void {
    const known = this.get(event.device_id);
    const latest = { ...known?.latest };
    for (const [metric, value] of Object.entries(event.telemetry)) {
      const arrived = { value, recorded_at: event.recorded_at };
      latest[metric] = newer(latest[metric], arrived);
    }
    const last_seen_at = later(known?.last_seen_at, event.received_at);
    this.put(event.device_id, { ...known, last_seen_at, latest });
  }

  presence(event: PresenceEvent): void {
    const known = this.get(event.device_id);
    this.put(event.device_id, {
      latest: {},
      ...known,
      presence: { presence: event.presence, presence_since: event.since, presence_reason: event.reason },
      last_seen_at: later(known?.last_seen_at, event.last_seen_at ?? undefined),
    });
  }
}

/** A device as the API answered, brought up to date. Latest means latest by `recorded_at`. */
export function withLive(device: Device, live: LiveDevice | undefined): Device {
  if (!live) return device;
  const latest = { ...device.latest };
  for (const [metric, arrived] of Object.entries(live.latest))
    latest[metric] = newer(latest[metric], arrived);
  const newerPresence =
    live.presence && Date.parse(live.presence.presence_since) >= Date.parse(device.presence_since);
  return {
    ...device,
    ...(newerPresence ? live.presence : undefined),
    last_seen_at: later(device.last_seen_at ?? undefined, live.last_seen_at) ?? null,
    latest,
  };
}

type Value = Device['latest'][string];

function newer(known: Value | undefined, arrived: Value): Value {
  return known && Date.parse(known.recorded_at) > Date.parse(arrived.recorded_at) ? known : arrived;
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Date.parse(b) > Date.parse(a) ? b : a;
}
