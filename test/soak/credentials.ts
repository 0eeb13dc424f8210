import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import { Device } from './device.ts';
import { type Credential, createCredential, signIn } from './standalone.ts';

export interface CredentialOptions {
  seconds: number;
  changesAMinute: number;
  /** Each with a credential of its own, publishing once a second. */
  publishers: number;
}

export interface CredentialResult {
  changes: number;
  /** Milliseconds from the API's answer until the last client with the credential was out, on any gateway. */
  out: { median: number; longest: number };
  /** What should not have been, in words. */
  differences: string[];
}

/** What ends a credential's connections. */
const changes = ['delete', 'rotate', 'disable'] as const;
/** Nobody who was revoked is in for longer. */
const OUT_MS = 2000;

/**
 * Credentials are deleted, rotated and disabled, each with a client at every gateway, while others publish: those are out
 * within two seconds, and nobody else is.
 */
export async function credentialChanges(
  cluster: Pick<Cluster, 'place' | 'gateways'>,
  options: CredentialOptions,
): Promise<CredentialResult> {
  const { seconds, changesAMinute, publishers } = options;
  const { place, gateways } = cluster;
  const { organizationId } = await createCredential(place);
  const headers = {
    cookie: await signIn(place.url),
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/json',
  };

  async function api<Body>(method: string, path: string, body?: object): Promise<Body> {
    const url = `${place.url}/api/v1/organizations/${organizationId}/credentials${path}`;
    const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (response.status === 204 ? undefined : await response.json()) as Body;
  }
  const made = (label: string) => api<Credential & { id: string }>('POST', '', { label });

  const innocents: Device[] = [];
  for (let n = 0; n < publishers; n += 1) {
    const { username, password } = await made(`publisher ${n}`);
    innocents.push(new Device({ port: place.mqttPort, clientId: `publisher-${n}`, username, password }));
  }
  await Promise.all(innocents.map((device) => device.connected));
  let isOver = false;
  const published = innocents.map(async (device, n) => {
    // Spread over the second.
    await delay((n * 1000) / publishers);
    const topic = `org_${organizationId}/devices/publisher-${n}/telemetry`;
    while (!isOver) {
      const { acknowledged } = await device.publish(topic, '{"temperature":21.5}');
      await Promise.all([acknowledged, delay(1000)]);
    }
  });

  const times: number[] = [];
  const differences: string[] = [];

  async function change(n: number): Promise<void> {
    const kind = changes[n % changes.length]!;
    const { id, username, password } = await made(`changed ${n}`);
    const login = { username, password, comesBack: false };
    const clients = gateways.map(
      ({ mqttPort }, at) => new Device({ ...login, port: mqttPort, clientId: `changed-${n}-${at}` }),
    );
    await Promise.all(clients.map((client) => client.connected));
    const closed = Promise.all(clients.map((client) => client.closed));
    if (kind === 'delete') await api('DELETE', `/${id}`);
    else if (kind === 'rotate') await api('POST', `/${id}/rotate`, { overlap_seconds: 0 });
    else await api('PATCH', `/${id}`, { disabled: true });
    const answered = performance.now();
    await Promise.race([closed, delay(2 * OUT_MS)]);
    const took = Math.max(0, Math.round(performance.now() - answered));
    times.push(took);
    if (took > OUT_MS) differences.push(`${kind} of changed ${n}: somebody was in for ${took} ms`);
    // What it was before is of no use, wherever one tries.
    const again = new Device({ ...login, port: place.mqttPort, clientId: `changed-${n}-again` });
    await Promise.race([again.refused, delay(OUT_MS)]);
    if (again.counts.refused !== 1) differences.push(`${kind} of changed ${n}: it still lets in`);
    await again.end();
  }

  const started = performance.now();
  const under: Promise<void>[] = [];
  const count = Math.round((seconds * changesAMinute) / 60);
  for (let n = 0; n < count; n += 1) {
    await delay(Math.max(0, started + (n * 60_000) / changesAMinute - performance.now()));
    under.push(change(n).catch((error) => void differences.push(`change ${n}: ${error}`)));
  }
  await Promise.all(under);
  isOver = true;
  await Promise.all(published);
  innocents.forEach((device, n) => {
    const { disconnects, refused } = device.counts;
    if (disconnects + refused > 0) differences.push(`publisher ${n} was dropped`);
  });
  await Promise.all(innocents.map((device) => device.end()));
  times.sort((a, b) => a - b);
  const out = { median: times[Math.floor(times.length / 2)]!, longest: times.at(-1)! };
  return { changes: count, out, differences };
}
