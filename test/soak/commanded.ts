import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';

export interface CommandedOptions {
  url: string;
  devices: number;
  login: Pick<IClientOptions, 'username' | 'password'>;
  /** Whether every other device begins a new session with each connection. */
  clean: boolean;
  /** Where a device gets its commands, and where it answers. */
  topics: (device: string) => { commands: string; responses: string };
}

interface Received {
  id: string;
  /** Of a device's commands, in the order in which they were asked. */
  n: number;
}

/** Devices with MQTT.js that do what they are asked once for each id, and answer each time. */
export class CommandedFleet {
  readonly names: string[];
  /** What each got, in order, repeats included. */
  readonly received = new Map<string, Received[]>();
  /** What was done, which a device remembers over its connections. */
  readonly done = new Map<string, Set<string>>();
  readonly #options: CommandedOptions;
  readonly #clients = new Map<string, MqttClient>();
  /** What was done and not yet said so, by id: said again on the next connection. */
  readonly #unsaid = new Map<string, Map<string, string>>();

  constructor(options: CommandedOptions) {
    this.#options = options;
    this.names = Array.from({ length: options.devices }, (_, index) => `commanded-${index}`);
    for (const name of this.names) {
      this.received.set(name, []);
      this.done.set(name, new Set());
    }
  }

  async connect(names: readonly string[] = this.names): Promise<void> {
    await Promise.all(names.map((name) => this.#connect(name)));
  }

  async disconnect(names: readonly string[] = this.names): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        await this.#clients.get(name)?.endAsync();
        this.#clients.delete(name);
      }),
    );
  }

  /** Commands that came again, with the id they had. */
  get repeats(): number {
    const each = [...this.received].map(([name, got]) => got.length - this.done.get(name)!.size);
    return each.reduce((sum, count) => sum + count, 0);
  }

  /** @returns in words what is missing, done twice, or out of order */
  differences(each: number): string[] {
    return this.names.flatMap((name) => {
      const seen = new Set<string>();
      const first = this.received.get(name)!.filter(({ id }) => !seen.has(id) && seen.add(id));
      const numbers = first.map(({ n }) => n);
      const expected = Array.from({ length: each }, (_, index) => index);
      return numbers.join() === expected.join() ? [] : [`${name} got ${numbers.join(' ')}`];
    });
  }

  async #connect(name: string): Promise<void> {
    const { url, login, topics, clean } = this.#options;
    const { commands, responses } = topics(name);
    const unsaid = this.#unsaid.get(name) ?? new Map<string, string>();
    this.#unsaid.set(name, unsaid);
    const client = mqtt.connect(url, {
      ...login,
      clientId: name,
      clean: clean && this.names.indexOf(name) % 2 === 0,
      protocolVersion: 4,
      reconnectPeriod: 200,
    });
    this.#clients.set(name, client);
    client.on('error', () => {});
    client.on('message', (_topic, payload) => {
      const { id, params } = JSON.parse(payload.toString()) as { id: string; params: { n: number } };
      this.received.get(name)!.push({ id, n: params.n });
      this.done.get(name)!.add(id);
      unsaid.set(id, JSON.stringify({ id, status: 'succeeded', result: { n: params.n } }));
      say(id);
    });
    const say = (id: string) =>
      client.publish(responses, unsaid.get(id)!, { qos: 1 }, (error) => {
        if (!error) unsaid.delete(id);
      });
    client.on('connect', () => {
      for (const id of unsaid.keys()) say(id);
    });
    // Its first one may be in the middle of an outage.
    await new Promise<void>((resolve) => {
      client.once('connect', () => client.subscribe(commands, { qos: 1 }, () => resolve()));
    });
  }
}
