import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';
import { Device } from './device.ts';
import {
  type Place,
  postmasterPid,
  query,
  type Run,
  signIn,
  standalonePlace,
  start,
  stop,
} from './standalone.ts';

export interface ExternalOptions {
  /** How long the customer's broker is away; the database two thirds of it. */
  seconds: number;
  /** Messages a second, of ten devices together. */
  rate: number;
}

export interface ExternalResult {
  messages: number;
  /** What the table has too few or too many, in words. */
  differences: string[];
  /** Of ours on the customer's broker. */
  mostConnectionsAtOnce: number;
  /** Milliseconds from the end of each trouble to the first message that is stored again. */
  recoveries: Record<string, number>;
}

const DEVICES = 10;
const TOPIC = 'plant/+/telemetry';

/** A customer's Mosquitto under load while it goes away, we are killed, the database stands still, and settings change. */
export async function externalUnderLoad({ seconds, rate }: ExternalOptions): Promise<ExternalResult> {
  const place = await standalonePlace({ ALLOW_PRIVATE_NETWORKS: 'true' });
  const broker = await startMosquitto({
    persistent: true,
    passwords: { us: 'our password', device: 'its password' },
    settings: ['max_queued_messages 0', 'max_inflight_messages 0'],
  });
  try {
    let running = await start(place);
    const integration = await subscribe(place, broker);
    const load = publish(broker, rate);
    const recoveries: Record<string, number> = {};
    const recovered = async (what: string) => {
      const since = performance.now();
      const before = await stored(place);
      while ((await stored(place)) <= before) await delay(50);
      recoveries[what] = Math.round(performance.now() - since);
      await delay(2000);
    };
    await recovered('start');

    await broker.end();
    await delay(seconds * 1000);
    await broker.restart();
    await recovered('broker');

    running = await killed(running, place);
    await recovered('kill');

    const freeze = await freezeDatabase(place);
    await delay((seconds * 2000) / 3);
    freeze.end();
    await recovered('database');

    for (let edit = 0; edit < 10; edit += 1) {
      await integration.change({
        expected_topics: [TOPIC, `other-${edit}/+/telemetry`],
        decoder: edit % 2 ? 'json' : 'auto',
      });
      await delay(300);
    }
    await recovered('edits');

    const messages = await load.end();
    const differences = await compare(place, messages);
    await stop(running);
    return { messages, differences, mostConnectionsAtOnce: mostAtOnce(broker), recoveries };
  } finally {
    await broker.stop();
    await place.remove();
  }
}

async function subscribe(place: Place, broker: TestMosquitto) {
  const cookie = await signIn(place.url);
  const call = async (method: string, path: string, body?: object) => {
    const headers = { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
    const response = await fetch(`${place.url}${path}`, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const me = (await call('GET', '/api/v1/me')) as { organizations: { id: string }[] };
  const path = `/api/v1/organizations/${me.organizations[0]!.id}/integrations`;
  const { id } = (await call('POST', path, {
    name: 'Plant',
    mode: 'subscribe',
    expected_topics: [TOPIC],
    broker: { url: broker.url, username: 'us', password: 'our password' },
  })) as { id: string };
  return { change: (change: object) => call('PATCH', `${path}/${id}`, change) };
}

/** Each message has a time of its own: what a device sends its broker twice is known again. */
function publish(broker: TestMosquitto, rate: number) {
  const devices = Array.from(
    { length: DEVICES },
    (_, index) =>
      new Device({
        port: broker.port,
        clientId: `device-${index}`,
        username: 'device',
        password: 'its password',
      }),
  );
  const all: Promise<number>[] = [];
  const started = Date.now();
  let going = true;
  const publishing = (async () => {
    for (let n = 0; going; n += 1) {
      await delay(Math.max(0, started + (n * 1000) / rate - Date.now()));
      const name = `d${n % DEVICES}`;
      const { acknowledged } = await devices[n % DEVICES]!.publish(
        `plant/${name}/telemetry`,
        JSON.stringify({ ts: started + n, n }),
      );
      all.push(acknowledged);
    }
  })();
  return {
    /** @returns how many messages the broker has acknowledged: all that were published */
    async end(): Promise<number> {
      going = false;
      await publishing;
      await Promise.all(all);
      await Promise.all(devices.map((device) => device.end()));
      return all.length;
    },
  };
}

async function killed(running: Run, place: Place): Promise<Run> {
  running.child.kill('SIGKILL');
  await running.exited;
  return start(place);
}

async function freezeDatabase(place: Place): Promise<{ end(): void }> {
  const postmaster = await postmasterPid(place);
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(postmaster)], { encoding: 'utf8' });
  const pids = [postmaster, ...children.trim().split(/\s+/).map(Number)];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return {
    end() {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    },
  };
}

async function stored(place: Place): Promise<number> {
  const [row] = await query<{ count: number }>(
    place,
    'select count(*)::int from public.device_telemetry_history',
  );
  return row!.count;
}

/** Waits for what is still on its way, a minute at most. */
async function compare(place: Place, messages: number): Promise<string[]> {
  const patience = performance.now() + 60_000;
  while ((await stored(place)) < messages && performance.now() < patience) await delay(200);
  await delay(1000);
  const [row] = await query<{ readings: number; numbers: number; quarantined: number }>(
    place,
    `select count(*)::int as readings, count(distinct telemetry ->> 'n')::int as numbers,
            (select count(*)::int from public.message_quarantine) as quarantined
       from public.device_telemetry_history`,
  );
  const { readings, numbers, quarantined } = row!;
  const isRight = readings === messages && numbers === messages && quarantined === 0;
  return isRight
    ? []
    : [`${readings} readings, ${numbers} different, ${quarantined} quarantined, of ${messages}`];
}

function mostAtOnce(broker: TestMosquitto): number {
  let now = 0;
  let most = 0;
  for (const line of broker.log) {
    if (/mosquitto version \S+ starting/.test(line)) now = 0;
    if (!line.includes('netneural-')) continue;
    if (/New client connected/.test(line)) now += 1;
    else if (/disconnected|closed its connection|already connected/.test(line)) now -= 1;
    most = Math.max(most, now);
  }
  return most;
}
