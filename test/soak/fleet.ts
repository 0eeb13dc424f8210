import { Device, type DeviceOptions } from './device.ts';
import { type Credential, type Place, query } from './standalone.ts';

/** What a device says: with its own time or without, ever new or ever the same, one reading or two. */
const kinds = ['timed', 'untimed', 'constant', 'samples'] as const;
type Kind = (typeof kinds)[number];

export interface FleetOptions {
  place: Place;
  credential: Credential;
  clients: number;
  /** Of all clients together. */
  messages: number;
  window?: number;
  keepAlive?: number;
  /** Messages a second of all clients together; as fast as the window lets when not set. */
  rate?: number;
}

interface Member {
  name: string;
  kind: Kind;
  device: Device;
  messages: number;
}

/**
 * Devices of every kind that publish with QoS 1 until each has had all its messages acknowledged, over whatever
 * happens to the platform. Half of them use the lowest free packet id, half count up over the wrap.
 */
export class Fleet {
  readonly members: Member[];
  /** Milliseconds to each PUBACK, and when it came. */
  readonly acknowledgements: { after: number; at: number }[] = [];
  readonly #options: FleetOptions;
  readonly #milestones: { count: number; reached: () => void }[] = [];
  #started = 0;

  constructor(options: FleetOptions) {
    const { clients, messages, place, credential, window, keepAlive } = options;
    this.#options = options;
    this.members = Array.from({ length: clients }, (_, index) => {
      const kind = kinds[index % kinds.length]!;
      // What always says the same is told apart by its packet id alone, which must not come back soon.
      const counting = kind === 'constant' || Math.floor(index / kinds.length) % 2 === 0;
      const settings: DeviceOptions = {
        port: place.mqttPort,
        clientId: `soak-${index}`,
        username: credential.username,
        password: credential.password,
        packetIds: counting ? 'counting' : 'lowest',
        firstPacketId: 65_535 - Math.floor(messages / clients / 2),
        window,
        keepAlive,
      };
      return { name: `device-${index}`, kind, device: new Device(settings), messages: messages / clients };
    });
  }

  get connected(): Promise<unknown> {
    return Promise.all(this.members.map(({ device }) => device.connected));
  }

  /** Resolves when that many messages are acknowledged. */
  acknowledged(count: number): Promise<void> {
    if (this.acknowledgements.length >= count) return Promise.resolve();
    return new Promise((reached) => this.#milestones.push({ count, reached }));
  }

  /** Publishes everything; resolves when all of it is acknowledged. */
  async publish(): Promise<void> {
    this.#started = Date.now();
    await Promise.all(this.members.map((member) => this.#publishAll(member)));
  }

  async end(): Promise<void> {
    await Promise.all(this.members.map(({ device }) => device.end()));
  }

  /** Sums of what has happened to the devices. */
  get counts(): Device['counts'] {
    const sums = { connects: 0, disconnects: 0, refused: 0, resent: 0, pings: 0, pongs: 0 };
    for (const { device } of this.members) {
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += device.counts[name];
    }
    return sums;
  }

  /** Messages of which the table has all readings. */
  async storedMessages(): Promise<number> {
    const [row] = await query<{ count: number }>(
      this.#options.place,
      // The second reading of a message has an odd number.
      `select count(*)::int from public.device_telemetry_history h join public.devices d on d.id = h.device_id
        where not (d.external_device_id = any ($1) and (h.telemetry ->> 'n')::int % 2 = 1)`,
      [this.members.filter(({ kind }) => kind === 'samples').map(({ name }) => name)],
    );
    return row!.count;
  }

  /** Compares the table with what was sent. @returns what is missing or too many, in words; empty when all is well */
  async differences(): Promise<string[]> {
    const rows = await query<{ name: string; readings: number; numbers: number }>(
      this.#options.place,
      `select d.external_device_id as name, count(*)::int as readings, count(distinct h.telemetry ->> 'n')::int as numbers
         from public.device_telemetry_history h join public.devices d on d.id = h.device_id group by 1`,
    );
    const found = new Map(rows.map((row) => [row.name, row]));
    const [quarantined] = await query<{ count: number }>(
      this.#options.place,
      'select count(*)::int from public.message_quarantine',
    );
    const differences = this.members.flatMap(({ name, kind, messages }) => {
      const readings = kind === 'samples' ? messages * 2 : messages;
      const numbers = kind === 'constant' ? 0 : readings;
      const row = found.get(name) ?? { readings: 0, numbers: 0 };
      return row.readings === readings && row.numbers === numbers
        ? []
        : [`${name} (${kind}): ${row.readings} readings, ${row.numbers} different, of ${readings}`];
    });
    return quarantined!.count === 0 ? differences : [...differences, `${quarantined!.count} quarantined`];
  }

  async #publishAll({ name, kind, device, messages }: Member): Promise<void> {
    const { credential, rate, clients } = this.#options;
    const topic = `org_${credential.organizationId}/devices/${name}/telemetry`;
    const all: Promise<void>[] = [];
    const started = performance.now();
    for (let n = 0; n < messages; n += 1) {
      if (rate) await until(started + (n * clients * 1000) / rate);
      const { acknowledged } = await device.publish(topic, this.#payload(kind, n));
      all.push(acknowledged.then((after) => this.#count(after)));
    }
    await Promise.all(all);
  }

  #payload(kind: Kind, n: number): string {
    const ts = this.#started + n;
    if (kind === 'timed') return JSON.stringify({ ts, n });
    if (kind === 'untimed') return JSON.stringify({ n });
    if (kind === 'constant') return '{"temperature":21.5}';
    return JSON.stringify([{ ts, n: 2 * n }, { n: 2 * n + 1 }]);
  }

  #count(after: number): void {
    this.acknowledgements.push({ after, at: performance.now() });
    for (const milestone of this.#milestones.splice(0)) {
      if (milestone.count <= this.acknowledgements.length) milestone.reached();
      else this.#milestones.push(milestone);
    }
  }
}

/** Resolves at that time of `performance.now()`, at once when it has passed. */
async function until(time: number): Promise<void> {
  const milliseconds = time - performance.now();
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
