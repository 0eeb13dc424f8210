import mqtt from 'mqtt';
import type { BenchPlatform } from './platform.ts';

/** What has not come by then is lost. */
const PATIENCE_MS = 10_000;

/** Milliseconds; `lost` never came. */
export interface EventLatency {
  p50: number;
  p99: number;
  count: number;
  lost: number;
}

/** Milliseconds from `publish` of an MQTT.js client to the reading on the event stream of the API. */
export async function eventLatency(
  platform: BenchPlatform,
  load: { perSecond: number; seconds: number },
): Promise<EventLatency> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
    username: platform.username,
    password: platform.password,
    protocolVersion: 4,
  });
  const ending = new AbortController();
  const response = await fetch(`${platform.url}/api/v1/organizations/${platform.organizationId}/events`, {
    headers: { cookie: platform.cookie },
    signal: ending.signal,
  });
  const sentAt = new Map<number, number>();
  const taken: number[] = [];
  const reading = read(response, (number) => {
    const at = sentAt.get(number);
    if (at !== undefined) taken.push(performance.now() - at);
    sentAt.delete(number);
  }).catch(() => {});

  const total = load.perSecond * load.seconds;
  const started = performance.now();
  for (let number = 0; number < total; ) {
    const due = Math.min(total, ((performance.now() - started) / 1000) * load.perSecond);
    for (; number < due; number += 1) {
      const topic = `org_${platform.organizationId}/devices/latency-${number % 50}/telemetry`;
      sentAt.set(number, performance.now());
      client.publish(topic, `{"temperature":21.5,"number":${number}}`, { qos: 1 });
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const patience = performance.now() + PATIENCE_MS;
  while (sentAt.size > 0 && performance.now() < patience)
    await new Promise((resolve) => setTimeout(resolve, 10));
  ending.abort();
  await reading;
  await client.endAsync(true);
  taken.sort((a, b) => a - b);
  return {
    p50: taken[Math.floor(taken.length * 0.5)] ?? Number.NaN,
    p99: taken[Math.floor(taken.length * 0.99)] ?? Number.NaN,
    count: taken.length,
    lost: sentAt.size,
  };
}

async function read(response: Response, onReading: (number: number) => void): Promise<void> {
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const end = text.lastIndexOf('\n\n');
    if (end < 0) continue;
    for (const [, number] of text.slice(0, end).matchAll(/"number": ?(\d+)/g)) onReading(Number(number));
    text = text.slice(end + 2);
  }
}
