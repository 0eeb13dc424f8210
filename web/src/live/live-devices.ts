import type { PresenceEvent, ReadingEvent } from '../../../src/contract/events.ts';
import type { Device } from '../api/types.ts';

/** What events have told of a device since the page began to listen. */
export interface LiveDevice {
  presence?: Pick<Device, 'presence' | 'presence_since' | 'presence_reason'>;
  last_seen_at?: string;
  latest: Device['latest'];
}

/** More than anybody looks at; beyond it the device longest unheard of is forgotten, and read from the API again. */
const mostDevices = 20_000;

/**
 * Beside the lists that queries hold, what events say is newer. Each row listens to its own device, so a thousand
 * readings a second redraw only what is on screen, once a frame.
 */
export class LiveDevices {
  readonly #devices = new Map<string, LiveDevice>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #changed = new Set<string>();
  readonly #schedule: (flush: () => void) => void;

  constructor(schedule: (flush: () => void) => void = (flush) => void requestAnimationFrame(flush)) {
    this.#schedule = schedule;
  }

  get(deviceId: string): LiveDevice | undefined {
    return this.#devices.get(deviceId);
  }

  /** @returns ends the subscription */
  subscribe(deviceId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(deviceId) ?? new Set();
    this.#listeners.set(deviceId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(deviceId);
    };
  }

  reading(event: ReadingEvent): void {
    const known = this.#devices.get(event.device_id);
    const latest = { ...known?.latest };
    for (const [metric, value] of Object.entries(event.telemetry)) {
      const arrived = { value, recorded_at: event.recorded_at };
      latest[metric] = newer(latest[metric], arrived);
    }
    const last_seen_at = later(known?.last_seen_at, event.received_at);
    this.#put(event.device_id, { ...known, last_seen_at, latest });
  }

  presence(event: PresenceEvent): void {
    const known = this.#devices.get(event.device_id);
    this.#put(event.device_id, {
      latest: {},
      ...known,
      presence: { presence: event.presence, presence_since: event.since, presence_reason: event.reason },
      last_seen_at: later(known?.last_seen_at, event.last_seen_at ?? undefined),
    });
  }

  /** After a `reset`: what the API says is newer than anything here. */
  clear(): void {
    for (const id of this.#devices.keys()) this.#announce(id);
    this.#devices.clear();
  }

  #put(id: string, device: LiveDevice): void {
    this.#devices.delete(id);
    this.#devices.set(id, device);
    if (this.#devices.size > mostDevices) this.#devices.delete(this.#devices.keys().next().value!);
    this.#announce(id);
  }

  #announce(id: string): void {
    if (!this.#listeners.has(id)) return;
    if (this.#changed.size === 0) this.#schedule(() => this.#flush());
    this.#changed.add(id);
  }

  #flush(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const id of changed) for (const listener of this.#listeners.get(id) ?? []) listener();
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
