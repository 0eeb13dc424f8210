import { setTimeout as sleep } from 'node:timers/promises';
import { devicesPrefix } from '../domain/hosted-topic.ts';
import { DeviceConnection } from './connection.ts';
import { type SimulatedDevice, simulatedDevice } from './device.ts';
import { Member } from './member.ts';

export interface SimulateOptions {
  /** The broker: `mqtt://`, `mqtts://`, `ws://` or `wss://`. */
  url: string;
  username?: string;
  password?: string;
  organizationId: string;
  devices: number;
  /** Telemetry messages per second, of all devices together. */
  rate: number;
  /** Infinity: until `signal` is aborted. */
  durationSeconds: number;
  signal?: AbortSignal;
  /** The same seed makes the same devices fail at the same times. */
  seed?: number;
  /** Of each device, on average; 0 for a fleet that never fails. */
  outagesPerHour?: number;
  /** Called once a second. */
  onProgress?: (progress: Progress) => void;
}

export interface Progress {
  seconds: number;
  devices: number;
  /** Connections that stand, of all there are. */
  connected: number;
  connections: number;
  /** Telemetry messages; statuses and answers are not counted. */
  sent: number;
  acknowledged: number;
  inFlight: number;
  /** Commands that devices have answered. */
  commands: number;
  /** Turns on which a device was failing, as it should now and then, or starting again. */
  missed: number;
  /** Turns on which the broker was away or behind with its acknowledgements. */
  heldBack: number;
}

export interface Summary extends Progress {
  /** From publish to PUBACK, of the last 8192 messages, in milliseconds; undefined if there were none. */
  acknowledgedAfter: { p50: number; p99: number } | undefined;
}

/** One connection per device up to here; from there on devices share connections, as behind a gateway on site. */
const MOST_CONNECTIONS = 1_000;
const OPENING_AT_ONCE = 25;
const TICK_MS = 20;
const LAST_ACKNOWLEDGEMENTS_MS = 10_000;

/**
 * Plays a fleet of devices against a broker, each with a connection of its own, until its time is over
 * or the signal is given. Then it waits for what is in flight, says goodbye and returns what it has done.
 * @throws Error when a connection is refused or nothing answers at the start; later the devices come back by themselves
 */
export async function simulate(options: SimulateOptions): Promise<Summary> {
  const fleet = new Fleet(options);
  try {
    await fleet.open();
    await fleet.play();
    await fleet.settle();
    return fleet.summary();
  } finally {
    await fleet.close();
  }
}

class Fleet {
  readonly #options: SimulateOptions;
  readonly #connections: DeviceConnection[] = [];
  readonly #members: Member[] = [];
  readonly #latencies = new Float64Array(8192);
  #startedAt = 0;
  #turns = 0;
  #sent = 0;
  #acknowledged = 0;
  #inFlight = 0;
  #missed = 0;
  #heldBack = 0;
  #settled: (() => void) | undefined;

  constructor(options: SimulateOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { devices, seed = 1, outagesPerHour = 4 } = this.#options;
    const crews: SimulatedDevice[][] = Array.from({ length: Math.min(devices, MOST_CONNECTIONS) }, () => []);
    for (let index = 0; index < devices; index += 1) {
      crews[index % crews.length]!.push(simulatedDevice({ seed, index, outagesPerHour }));
    }
    for (let first = 0; first < crews.length; first += OPENING_AT_ONCE) {
      if (this.#options.signal?.aborted) return;
      const opening = crews.slice(first, first + OPENING_AT_ONCE).map((crew) => this.#board(crew));
      await Promise.all(opening.map((connection) => connection.opened())).catch((error) => {
        const why = error.message || error.code;
        throw new Error(`Could not connect to ${this.#options.url}: ${why}`, { cause: error });
      });
    }
  }

  /** Connects the devices that share one connection: mostly just one. */
  #board(crew: SimulatedDevice[]): DeviceConnection {
    const { organizationId, url, username, password } = this.#options;
    const members = new Map<string, Member>();
    const topicOf = (device: SimulatedDevice) => `${devicesPrefix(organizationId)}${device.externalDeviceId}`;
    const connection = new DeviceConnection({
      url,
      username,
      password,
      clientId: `simulate-${process.pid}-${crew[0]!.externalDeviceId}`,
      topics: crew.map(topicOf),
      onCommand: (topic, payload) => members.get(topic)?.command(payload),
    });
    this.#connections.push(connection);
    for (const device of crew) {
      const topic = topicOf(device);
      members.set(topic, new Member({ device, connection, topic, shares: crew.length > 1 }));
    }
    this.#members.push(...members.values());
    return connection;
  }

  /** Devices take turns, so that each has its own steady interval, but for those that a command has given another. */
  async play(): Promise<void> {
    const { durationSeconds, rate, signal, onProgress } = this.#options;
    this.#startedAt = performance.now();
    let reported = 0;
    while (!signal?.aborted && this.#seconds() < durationSeconds) {
      const due = Math.floor(this.#seconds() * rate) + 1;
      // After a pause of the whole process, a second's worth at most: the rest of it is past.
      this.#turns = Math.max(this.#turns, due - Math.ceil(rate));
      while (this.#turns < due) {
        const member = this.#members[this.#turns % this.#members.length]!;
        if (!member.hasOwnInterval) this.#turn(member);
        this.#turns += 1;
      }
      const now = performance.now();
      for (const member of this.#members) if (member.isDue(now)) this.#turn(member);
      if (this.#seconds() >= reported + 1) {
        reported = Math.floor(this.#seconds());
        onProgress?.(this.#progress());
      }
      await sleep(TICK_MS, undefined, { signal }).catch(() => {});
    }
  }

  #turn({ device, connection, topic, shares, isDown }: Member): void {
    const now = Date.now();
    const { is, until } = device.condition(now);
    if (is !== 'well' || isDown) {
      this.#missed += 1;
      // Only when nothing is in flight: MQTT.js sends it again without DUP, which makes of it another message.
      if (is === 'cut' && !shares && connection.connected && connection.idle) connection.cut(until - now);
      return;
    }
    if (!connection.ready) {
      this.#heldBack += 1;
      return;
    }
    const sentAt = performance.now();
    this.#sent += 1;
    this.#inFlight += 1;
    connection.publish(`${topic}/telemetry`, device.payload(now), (acknowledged) => {
      this.#inFlight -= 1;
      if (acknowledged) {
        this.#latencies[this.#acknowledged % this.#latencies.length] = performance.now() - sentAt;
        this.#acknowledged += 1;
      }
      if (this.#inFlight === 0) this.#settled?.();
    });
  }

  /** Waits for what is in flight, for a while. */
  async settle(): Promise<void> {
    if (this.#inFlight === 0) return;
    const settled = new Promise<void>((resolve) => {
      this.#settled = resolve;
    });
    const patience = new AbortController();
    await Promise.race([settled, sleep(LAST_ACKNOWLEDGEMENTS_MS, undefined, patience).catch(() => {})]);
    patience.abort();
  }

  summary(): Summary {
    return { ...this.#progress(), acknowledgedAfter: this.#acknowledgedAfter() };
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  #seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }

  #progress(): Progress {
    return {
      seconds: this.#seconds(),
      devices: this.#members.length,
      connected: this.#connections.filter((connection) => connection.connected).length,
      connections: this.#connections.length,
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      inFlight: this.#inFlight,
      commands: this.#members.reduce((sum, { answered }) => sum + answered, 0),
      missed: this.#missed,
      heldBack: this.#heldBack,
    };
  }

  #acknowledgedAfter(): Summary['acknowledgedAfter'] {
    const sorted = this.#latencies.slice(0, this.#acknowledged).sort();
    if (sorted.length === 0) return undefined;
    return { p50: sorted[Math.floor(sorted.length * 0.5)]!, p99: sorted[Math.floor(sorted.length * 0.99)]! };
  }
}
