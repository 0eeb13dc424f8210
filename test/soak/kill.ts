import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { Device } from './device.ts';
import { Fleet } from './fleet.ts';
import {
  type Credential,
  connection,
  createCredential,
  type Place,
  postmasterPid,
  type Run,
  standalonePlace,
  start,
  stop,
} from './standalone.ts';

export interface KillOptions {
  messages: number;
  clients: number;
  kills: number;
  /** The platform's process, PostgreSQL's first, or both at once. */
  victim: 'platform' | 'postgres' | 'both';
}

export interface KillResult {
  /** Milliseconds from each kill to the first message that is acknowledged again. */
  recoveries: number[];
  /** Messages that a kill left stored and not acknowledged, counted where it hit PostgreSQL's commit. */
  storedOnly: number;
  /** Sent again with DUP. */
  resent: number;
  disconnects: number;
  /** What the table has too few or too many. */
  differences: string[];
  /** Messages of one device that a subscriber with a session of its own never got. */
  undelivered: number;
  seconds: number;
}

/**
 * Of all devices together: few enough that a batch is nothing but new messages of known devices, which PostgreSQL
 * stores whole without us; many enough that one is always under way.
 */
const MESSAGES_A_SECOND = 4000;

/** Kills the platform again and again, at random moments in the middle of QoS 1 messages. */
export async function killUnderLoad(options: KillOptions): Promise<KillResult> {
  const { messages, clients, kills, victim } = options;
  const started = performance.now();
  const place = await standalonePlace();
  try {
    let running = await start(place);
    const credential = await createCredential(place);
    const watcher = watch(place.mqttPort, credential);
    await watcher.device.connected;
    const fleet = new Fleet({ place, credential, clients, messages, rate: MESSAGES_A_SECOND });
    await fleet.connected;
    const published = fleet.publish();
    const recoveries: number[] = [];
    let storedOnly = 0;
    for (let count = 0; count < kills; count += 1) {
      // Anywhere in its own share of the messages, and not only when an acknowledgement has just come.
      await fleet.acknowledged(Math.floor(((count + 0.5 + Math.random() / 2) * messages) / (kills + 1)));
      await delay(Math.random() * 20);
      const isWhileCommitting = victim === 'platform' && count % 2 === 0;
      const before = performance.now();
      if (victim === 'postgres') {
        process.kill(await postmasterPid(place), 'SIGKILL');
        await running.printed('PostgreSQL is back', count + 1);
      } else {
        if (victim === 'both') process.kill(await postmasterPid(place), 'SIGKILL');
        if (isWhileCommitting) storedOnly += await killWhileCommitting(running, place, fleet, published);
        else await kill(running);
        running = await start(place);
      }
      // Unless the last of them was acknowledged while we looked away.
      await fleet.acknowledged(Math.min(fleet.acknowledgements.length + 1, messages));
      recoveries.push(Math.round(performance.now() - before));
    }
    await published;
    const differences = await fleet.differences();
    const undelivered = await watcher.missing(messages / clients);
    const { resent, disconnects } = fleet.counts;
    await Promise.all([fleet.end(), watcher.device.end()]);
    await stop(running);
    const seconds = (performance.now() - started) / 1000;
    return { recoveries, storedOnly, resent, disconnects, differences, undelivered, seconds };
  } finally {
    await place.remove();
  }
}

async function kill({ child, exited }: Run): Promise<void> {
  child.kill('SIGKILL');
  await exited;
}

/**
 * The worst moment, which chance hits rarely: PostgreSQL has all of a batch and commits it, and nobody is there any
 * more to acknowledge it. A batch with resends in it takes several statements and is rolled back instead.
 * @returns how many messages are stored and not acknowledged
 */
async function killWhileCommitting(
  running: Run,
  place: Place,
  fleet: Fleet,
  published: Promise<void>,
): Promise<number> {
  const client = await connection(place);
  const lock = 'begin; lock table public.device_telemetry_history in share mode';
  try {
    await client.query(lock);
    await Promise.race([batchWaits(client), published]);
    await kill(running);
    await client.query('commit');
    // It is behind them that this gets the lock again.
    await client.query(lock);
    return (await fleet.storedMessages()) - fleet.acknowledgements.length;
  } finally {
    await client.end();
  }
}

async function batchWaits(client: pg.Client): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query(
      "select from pg_locks where not granted and relation = 'public.device_telemetry_history'::regclass",
    );
    if (rowCount) return;
    await delay(5);
  }
}

/**
 * A subscriber to the first device, in a session that outlives crashes. To one alone: a session has room for a
 * thousand messages, which is what that device sends at most.
 */
function watch(port: number, { username, password, organizationId }: Credential) {
  const seen = new Set<string>();
  let waiting: { count: number; resolve: () => void } | undefined;
  const device = new Device({
    port,
    username,
    password,
    clientId: 'watcher',
    subscribe: [`org_${organizationId}/devices/device-0/telemetry`],
    onMessage(_topic, payload) {
      seen.add(String(payload));
      if (waiting && seen.size >= waiting.count) waiting.resolve();
    },
  });
  return {
    device,
    /** @returns how many of so many different messages have not come within ten seconds */
    async missing(count: number): Promise<number> {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting = { count, resolve };
      if (seen.size >= count) resolve();
      const timer = setTimeout(resolve, 10_000);
      await promise;
      clearTimeout(timer);
      return count - seen.size;
    },
  };
}
