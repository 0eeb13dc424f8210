import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decoderFor } from '../../src/decode/index.ts';
import { type Progress, type SimulateOptions, simulate } from '../../src/simulate/simulate.ts';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';

const ORGANIZATION = '8f14e45f-ceea-467f-a0e6-3f1c0a9f3f10';

interface Seen {
  device: string;
  channel: string;
  payload: string;
  retain: boolean;
}

/** Everything that is published under the organization, and a way to wait for it. */
class Audience {
  readonly #seen: Seen[] = [];
  readonly #client: MqttClient;
  #heard: () => void = () => {};

  constructor(client: MqttClient) {
    this.#client = client;
    client.on('message', (topic, payload, { retain }) => {
      const [, , device, channel] = topic.split('/');
      this.#seen.push({ device: device!, channel: channel!, payload: payload.toString(), retain });
      this.#heard();
    });
  }

  static async at(url: string): Promise<Audience> {
    const audience = new Audience(await connectAsync(url));
    await audience.#client.subscribeAsync(`org_${ORGANIZATION}/devices/#`, { qos: 1 });
    return audience;
  }

  on(channel: string): Seen[] {
    return this.#seen.filter((seen) => seen.channel === channel);
  }

  async until(happened: () => boolean): Promise<void> {
    while (!happened()) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  async command(device: string, command: object): Promise<void> {
    const topic = `org_${ORGANIZATION}/devices/${device}/commands`;
    await this.#client.publishAsync(topic, JSON.stringify(command), { qos: 1 });
  }

  leave(): Promise<void> {
    return this.#client.endAsync(true);
  }
}

let broker: TestMosquitto;
let audience: Audience;

beforeAll(async () => {
  broker = await startMosquitto({ settings: ['max_queued_messages 10000'] });
});
beforeEach(async () => {
  audience = await Audience.at(broker.url);
});
afterEach(() => audience.leave());
afterAll(() => broker.stop());

const play = (options: Partial<SimulateOptions>) =>
  simulate({
    url: broker.url,
    organizationId: ORGANIZATION,
    devices: 12,
    rate: 60,
    durationSeconds: 2,
    outagesPerHour: 0,
    ...options,
  });

describe('simulate', () => {
  it('publishes at its rate, each device in turn, and has every message acknowledged', async () => {
    const progress: Progress[] = [];
    const summary = await play({ onProgress: (now) => progress.push(now) });
    expect(summary).toMatchObject({ devices: 12, connections: 12, inFlight: 0, missed: 0, heldBack: 0 });
    expect(summary.acknowledged).toBe(summary.sent);
    expect(Math.abs(summary.sent - 120)).toBeLessThanOrEqual(2);
    expect(summary.acknowledgedAfter!.p50).toBeGreaterThan(0);
    expect(progress[0]).toMatchObject({ connected: 12 });

    await audience.until(() => audience.on('telemetry').length === summary.sent);
    for (const { payload } of audience.on('telemetry')) {
      expect(decoderFor('json')!({ payload: Buffer.from(payload), topic: '', lastLevel: '' })).toMatchObject({
        ok: true,
      });
    }
    const perDevice = Map.groupBy(audience.on('telemetry'), ({ device }) => device);
    expect(perDevice.size).toBe(12);
    for (const messages of perDevice.values()) expect(Math.abs(messages.length - 10)).toBeLessThanOrEqual(1);
  });

  it('keeps each device’s status, retained: online while it plays, offline after', async () => {
    await play({ durationSeconds: 0.2 });
    await audience.until(
      () => audience.on('status').filter(({ payload }) => payload === 'offline').length >= 12,
    );
    const said = Map.groupBy(
      audience.on('status').filter(({ retain }) => !retain),
      ({ device }) => device,
    );
    expect([...said.values()].map((each) => each.map(({ payload }) => payload))).toEqual(
      Array(12).fill(['online', 'offline']),
    );
    const later = await Audience.at(broker.url);
    await later.until(() => later.on('status').length === 12);
    expect(later.on('status')).toEqual(
      expect.arrayContaining([{ device: 'room-001', channel: 'status', payload: 'offline', retain: true }]),
    );
    expect(later.on('status').every(({ payload, retain }) => payload === 'offline' && retain)).toBe(true);
    await later.leave();
  });

  it('loses connections as devices do: the broker sends their will', async () => {
    const stop = new AbortController();
    const isWill = ({ payload, retain }: Seen) => payload === 'offline' && !retain;
    const playing = play({
      rate: 200,
      durationSeconds: Number.POSITIVE_INFINITY,
      outagesPerHour: 3600,
      signal: stop.signal,
    });
    await audience.until(() => audience.on('status').some(isWill));
    stop.abort();
    const summary = await playing;
    expect(summary.connected).toBeLessThan(12);
    expect(summary.missed).toBeGreaterThan(0);
    expect(summary.acknowledged).toBe(summary.sent);
  });

  it('comes back after the broker was away, and nothing is missing', async () => {
    const stop = new AbortController();
    const restarted = Promise.withResolvers<void>();
    const playing = play({
      durationSeconds: Number.POSITIVE_INFINITY,
      signal: stop.signal,
      onProgress: ({ heldBack, connected }) => {
        if (heldBack > 0 && connected === 12) restarted.resolve();
      },
    });
    await audience.until(() => audience.on('telemetry').length > 12);
    await broker.restart();
    await restarted.promise;
    stop.abort();
    const summary = await playing;
    expect(summary).toMatchObject({ connected: 12, inFlight: 0 });
    expect(summary.acknowledged).toBe(summary.sent);
  });

  it('does what commands say, and answers', async () => {
    const stop = new AbortController();
    const playing = play({
      devices: 2,
      rate: 0.01,
      durationSeconds: Number.POSITIVE_INFINITY,
      signal: stop.signal,
    });
    const answers = () =>
      audience.on('responses').map(({ device, payload }) => ({ device, ...JSON.parse(payload) }));
    const answered = (id: string, status: string) => () =>
      answers().some((answer) => answer.id === id && answer.status === status);
    const [room, freezer] = ['room-001', 'freezer-002'] as const;
    const from = (device: string) => audience.on('telemetry').filter((seen) => seen.device === device).length;
    await audience.until(() => audience.on('status').length >= 2);

    const faster = { id: 'a', name: 'set_interval', params: { seconds: 1 } };
    await audience.command(freezer, faster);
    await audience.until(() => from(freezer) >= 2);
    await audience.command(freezer, faster);
    await audience.until(() => answers().length === 2);
    const done = { device: freezer, id: 'a', status: 'succeeded', result: { interval: 1 } };
    expect(answers()).toEqual([done, done]);

    await audience.command(room, { id: 'b', name: 'reboot' });
    await audience.command(room, { id: 'c', name: 'dance' });
    await audience.until(answered('b', 'acknowledged'));
    await audience.until(answered('c', 'failed'));
    expect(answers().slice(2)).toEqual([
      { device: room, id: 'b', status: 'acknowledged' },
      { device: room, id: 'b', status: 'succeeded', result: { uptime: expect.any(Number) } },
      { device: room, id: 'c', status: 'failed', result: { error: 'unknown command dance' } },
    ]);
    const said = audience.on('status').filter(({ device, retain }) => device === room && !retain);
    expect(said.map(({ payload }) => payload)).toEqual(['online', 'offline', 'online']);
    stop.abort();
    expect(await playing).toMatchObject({ commands: 4, inFlight: 0 });
  });

  it('lets devices share connections beyond a thousand, each with its own status', async () => {
    const summary = await play({ devices: 1003, rate: 1003, durationSeconds: 1 });
    expect(summary).toMatchObject({ devices: 1003, connections: 1000 });
    expect(summary.acknowledged).toBe(summary.sent);
    const saying = (word: string) =>
      new Set(audience.on('status').flatMap(({ device, payload }) => (payload === word ? [device] : [])))
        .size;
    await audience.until(() => saying('offline') === 1003);
    expect(saying('online')).toBe(1003);
  });

  it('says so when it is refused, or when nobody is there', async () => {
    const guarded = await startMosquitto({ passwords: {} });
    await expect(play({ url: guarded.url, username: 'a', password: 'b' })).rejects.toThrow(
      `Could not connect to ${guarded.url}: Connection refused: Not authorized`,
    );
    await guarded.stop();
    await expect(play({ url: guarded.url })).rejects.toThrow(/Could not connect .* ECONNREFUSED/);
  });
});

describe('npm run simulate', () => {
  const run = (...options: string[]) => {
    const environment = { PATH: process.env.PATH, MQTT_USERNAME: 'a', MQTT_PASSWORD: 'b' };
    const child = spawn(process.execPath, ['src/simulate/main.ts', ...options], { env: environment });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on('line', (line) => said.push(line));
    return { child, said, ended: once(child, 'close').then(([code]) => code as number) };
  };

  it('reports each second, and ends cleanly on Ctrl-C', async () => {
    const options = [
      '--url',
      broker.url,
      '--organization',
      `org_${ORGANIZATION}/devices/#`,
      '--duration',
      '0',
    ];
    const { child, said, ended } = run(...options, '--devices', '5', '--rate', '20', '--outages', '0');
    while (!said.some((line) => line.includes('acknowledged'))) await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(said.find((line) => line.includes('in flight'))).toMatch(/^ +1 s {2}5\/5 connected {2}sent \d+/);
    expect(said.join('\n')).toMatch(/Sent (\d+) messages in [\d.]+ s; \1 were acknowledged\./);
  });

  it('says how to get a credential, and what is wrong with an option', async () => {
    const { said, ended } = run('--url', broker.url);
    expect(await ended).toBe(1);
    expect(said.join('\n')).toContain(`A broker answers at ${broker.url}`);
    expect(said.join('\n')).toContain('Connect a device');
    const wrong = run('--organization', 'x', '--rate', 'fast');
    expect(await wrong.ended).toBe(1);
    expect(wrong.said).toEqual(['--rate takes a number from 0.01 to 20000, not "fast".']);
  });
});
