import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Device, type DeviceOptions } from './device.ts';
import { Fleet } from './fleet.ts';
import {
  type Credential,
  createCredential,
  type Exit,
  type Place,
  query,
  type Run,
  standalonePlace,
  start,
  stop,
} from './standalone.ts';

/** Ctrl-C, which a terminal sends to the whole group; a service manager; the end of `npm start`; the worst. */
export const endings = {
  'Ctrl-C': ({ pid }: Run) => process.kill(-pid, 'SIGINT'),
  SIGTERM: ({ child }: Run) => child.kill('SIGTERM'),
  disconnect: ({ child }: Run) => child.disconnect(),
  'kill -9': ({ child }: Run) => child.kill('SIGKILL'),
};
export type Ending = keyof typeof endings;

export interface RestartOptions {
  ending: Ending;
  messages: number;
  clients: number;
}

export interface RestartResult {
  exit: Exit;
  /** Milliseconds from the request to the end of the process, and of the start after it until it serves. */
  stopped: number;
  started: number;
  /** What PostgreSQL wrote last before the restart: whether it was closed. */
  lastWords: string;
  /** Whether its pid file is gone. */
  postgresIsGone: boolean;
  /** Of a device that had been connected and did not come back at once: before, after the restart, when back. */
  presence: string[];
  /** What reached a subscriber to its status: its will must not. */
  statuses: string[];
  retained: string[];
  /** Messages that had waited for a session whose client was away, in the order they came. */
  queued: string[];
  /** What the table has too few or too many once all devices have had everything acknowledged. */
  differences: string[];
  /** What the second run said of the first one's end. */
  warnings: string[];
}

const QUEUED = 50;

/** Ends the platform under load in one of the ways it can be ended, starts it again, and looks at what is still there. */
export async function restartUnderLoad({
  ending,
  messages,
  clients,
}: RestartOptions): Promise<RestartResult> {
  const place = await standalonePlace();
  try {
    const first = await start(place);
    const credential = await createCredential(place);
    const cast = new Cast(place, credential);
    await cast.prepare();
    const fleet = new Fleet({ place, credential, clients, messages });
    await fleet.connected;
    const published = fleet.publish();
    const before = await cast.presence();
    await fleet.acknowledged(messages / 3);

    const asked = performance.now();
    endings[ending](first);
    const exit = await first.exited;
    const stopped = Math.round(performance.now() - asked);
    const lastWords = await postgresLog(place);
    const postgresIsGone = !existsSync(join(place.dataDir, 'postgres/data/postmaster.pid'));

    const restarted = performance.now();
    const second = await start(place);
    const started = Math.round(performance.now() - restarted);
    const unseen = await cast.presence();
    const found = await cast.find();
    await published;
    const presence = [before, unseen, await cast.presence()];
    const differences = await fleet.differences();
    const warnings = second
      .output()
      .split('\n')
      .filter((line) => /"level":[456]0/.test(line));
    await Promise.all([fleet.end(), cast.end()]);
    await stop(second);
    return { exit, stopped, started, lastWords, postgresIsGone, presence, ...found, differences, warnings };
  } finally {
    await place.remove();
  }
}

/**
 * Beside the fleet: `quiet`, a device with a will that is connected and says nothing; `sleeper`, a client that is
 * away while messages come for it; and whoever sends those.
 */
class Cast {
  readonly #place: Place;
  readonly #credential: Credential;
  readonly #devices: Device[] = [];
  readonly #statuses: string[] = [];

  constructor(place: Place, credential: Credential) {
    this.#place = place;
    this.#credential = credential;
  }

  async prepare(): Promise<void> {
    const witness = this.#device('witness', {
      subscribe: [this.#topic('status')],
      onMessage: (_topic, payload) => this.#statuses.push(String(payload)),
    });
    const sleeper = this.#device('sleeper', { subscribe: [this.#topic('notes')] });
    const quiet = this.#quiet({ comesBack: false });
    await Promise.all([witness.connected, sleeper.subscribed, quiet.connected]);
    await sleeper.end();
    await (await quiet.publish(this.#topic('telemetry'), '{"level":1}')).acknowledged;
    const sender = this.#device('sender');
    await (await sender.publish(this.#topic('config'), 'keep me', true)).acknowledged;
    const notes = Array.from({ length: QUEUED }, (_, n) => sender.publish(this.#topic('notes'), `note ${n}`));
    await Promise.all((await Promise.all(notes)).map(({ acknowledged }) => acknowledged));
  }

  /** What is there of all that after a restart. */
  async find(): Promise<{ statuses: string[]; retained: string[]; queued: string[] }> {
    const queued = await this.#collect('sleeper', 'notes', QUEUED);
    const retained = await this.#collect('newcomer', 'config', 1);
    const quiet = this.#quiet({});
    await (await quiet.publish(this.#topic('telemetry'), '{"level":2}')).acknowledged;
    return { statuses: this.#statuses, retained, queued };
  }

  async presence(): Promise<string> {
    const [row] = await query<{ presence: string }>(
      this.#place,
      `select s.presence from public.device_state s join public.devices d on d.id = s.device_id
        where d.external_device_id = 'quiet'`,
    );
    return row!.presence;
  }

  async end(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.end()));
  }

  #topic(channel: string): string {
    return `org_${this.#credential.organizationId}/devices/quiet/${channel}`;
  }

  #device(clientId: string, options: Partial<DeviceOptions> = {}): Device {
    const { username, password } = this.#credential;
    const device = new Device({ port: this.#place.mqttPort, clientId, username, password, ...options });
    this.#devices.push(device);
    return device;
  }

  #quiet(options: Partial<DeviceOptions>): Device {
    const will = { topic: this.#topic('status'), payload: 'offline', retain: true };
    return this.#device('quiet', { ...options, will });
  }

  /** The first messages that a client gets on a channel. */
  #collect(clientId: string, channel: string, count: number): Promise<string[]> {
    return new Promise((resolve) => {
      const got: string[] = [];
      this.#device(clientId, {
        subscribe: [this.#topic(channel)],
        onMessage(_topic, payload) {
          got.push(String(payload));
          if (got.length === count) resolve(got);
        },
      });
    });
  }
}

async function postgresLog({ dataDir }: Place): Promise<string> {
  const directory = join(dataDir, 'postgres/log');
  const [file] = await readdir(directory);
  const lines = (await readFile(join(directory, file!), 'utf8')).trim().split('\n');
  return lines.at(-1)!.replace(/^.*LOG: +/, '');
}
