import { Agent, request } from 'node:http';
import mqtt, { type MqttClient } from 'mqtt';
import { type BenchPlatform, startBenchPlatform } from './platform.ts';

const DEVICES = 50;
const LATENCY_RATE = 100;
const SUSTAINED_RATE = 500;
/** How long to wait for the last ones. */
const PATIENCE_MS = 5000;

interface Latencies {
  p50: number;
  p99: number;
}

/** From the call of the API to the final state on the event stream, with real MQTT clients that answer at once. */
export async function benchCommands({ rounds, seconds }: { rounds: number; seconds: number }): Promise<void> {
  const platform = await startBenchPlatform();
  const fleet = await startFleet(platform);
  try {
    // Compiled, planned and cached: as a platform that runs is.
    await send(platform, fleet, { perSecond: LATENCY_RATE, seconds: 2 });
    for (let round = 1; round <= rounds; round += 1) {
      for (const perSecond of [LATENCY_RATE, SUSTAINED_RATE]) {
        const before = platform.cpu();
        const load = { perSecond, seconds };
        const { accepted, finished, doubled, seconds: took, call, final } = await send(platform, fleet, load);
        const used = platform.cpu();
        const node = (used.node - before.node) / accepted;
        const postgres = (used.postgres - before.postgres) / accepted;
        say(
          `round ${round}: ${perSecond}/s for ${seconds} s: ${finished} of ${accepted} succeeded, ${doubled} sent twice, ` +
            `all within ${took.toFixed(1)} s: ${Math.round(finished / took)}/s; ` +
            `API ${shown(call)}, final state visible ${shown(final)}; ` +
            `CPU for one ${Math.round(node)} µs in Node, ${Math.round(postgres)} µs in PostgreSQL`,
        );
      }
    }
  } finally {
    await fleet.stop();
    await platform.stop();
  }
}

interface Fleet {
  /** An API key that may ask. */
  key: string;
  deviceIds: string[];
  /** Commands that devices got more than once. */
  doubled: number;
  stop(): Promise<void>;
}

/** Devices with a connection each, which answer what they are asked. */
async function startFleet(platform: BenchPlatform): Promise<Fleet> {
  const { organizationId, mqttPort, username, password } = platform;
  const devicesUrl = `/api/v1/organizations/${organizationId}/devices`;
  const keys = `/api/v1/organizations/${organizationId}/api-keys`;
  const { key } = await platform.call<{ key: string }>(keys, { name: 'bench', role: 'member' });
  const fleet: Fleet = { key, deviceIds: [], doubled: 0, stop: async () => {} };
  const clients: MqttClient[] = [];
  fleet.stop = async () => void (await Promise.all(clients.map((client) => client.endAsync(true))));
  for (let number = 0; number < DEVICES; number += 1) {
    const name = `commanded-${number}`;
    const { id } = await platform.call<{ id: string }>(devicesUrl, { external_device_id: name });
    fleet.deviceIds.push(id);
    const topic = `org_${organizationId}/devices/${name}`;
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, {
      username,
      password,
      protocolVersion: 4,
    });
    clients.push(client);
    const seen = new Set<string>();
    client.on('message', (_topic, payload) => {
      const { id } = JSON.parse(payload.toString()) as { id: string };
      if (seen.has(id)) fleet.doubled += 1;
      seen.add(id);
      client.publish(`${topic}/responses`, JSON.stringify({ id, status: 'succeeded' }), { qos: 1 });
    });
    await client.subscribeAsync(`${topic}/commands`, { qos: 1 });
  }
  return fleet;
}

async function send(platform: BenchPlatform, fleet: Fleet, load: { perSecond: number; seconds: number }) {
  // Kept alive, and cheaper than fetch: the load shares the machine with what it measures.
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  const sentAt = new Map<string, number>();
  const early = new Map<string, number>();
  const call: number[] = [];
  const final: number[] = [];
  const ending = new AbortController();
  const events = await fetch(`${platform.url}/api/v1/organizations/${platform.organizationId}/events`, {
    headers: { cookie: platform.cookie },
    signal: ending.signal,
  });
  const settle = (id: string, at: number) => {
    const started = sentAt.get(id);
    // The state may be there before the call is answered.
    if (started === undefined) early.set(id, at);
    else if (sentAt.delete(id)) final.push(at - started);
  };
  const reading = readEvents(events, (id) => settle(id, performance.now())).catch(() => {});
  const doubledBefore = fleet.doubled;
  const calls: Promise<void>[] = [];
  const total = load.perSecond * load.seconds;
  const started = performance.now();
  for (let number = 0; number < total; ) {
    const due = Math.min(total, ((performance.now() - started) / 1000) * load.perSecond);
    for (; number < due; number += 1) {
      const at = performance.now();
      const device = fleet.deviceIds[number % fleet.deviceIds.length];
      const path = `/api/v1/organizations/${platform.organizationId}/devices/${device}/commands`;
      const asked = callWithKey(agent, platform.url + path, fleet.key, {
        name: 'set',
        params: { number },
      }).then((id) => {
        call.push(performance.now() - at);
        sentAt.set(id, at);
        const seen = early.get(id);
        if (seen !== undefined) settle(id, seen);
      });
      calls.push(asked);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(calls);
  agent.destroy();
  const ended = performance.now();
  while (sentAt.size > 0 && performance.now() < ended + PATIENCE_MS)
    await new Promise((resolve) => setTimeout(resolve, 5));
  const seconds = (performance.now() - started) / 1000;
  ending.abort();
  await reading;
  return {
    accepted: call.length,
    finished: final.length,
    doubled: fleet.doubled - doubledBefore,
    seconds,
    call: percentiles(call),
    final: percentiles(final),
  };
}

function callWithKey(agent: Agent, url: string, key: string, body: object): Promise<string> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        if (response.statusCode === 202) resolve((JSON.parse(text) as { id: string }).id);
        else reject(new Error(`${response.statusCode}: ${text}`));
      });
    });
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  });
}

async function readEvents(response: Response, onSucceeded: (id: string) => void): Promise<void> {
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const end = text.lastIndexOf('\n\n');
    if (end < 0) continue;
    for (const block of text.slice(0, end).split('\n\n')) {
      if (!block.startsWith('event: command\n')) continue;
      const data = block.slice(block.indexOf('data: ') + 'data: '.length);
      const { id, state } = JSON.parse(data) as { id: string; state: string };
      if (state === 'succeeded') onSucceeded(id);
    }
    text = text.slice(end + 2);
  }
}

function percentiles(values: number[]): Latencies {
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.floor(values.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

function shown({ p50, p99 }: Latencies): string {
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
