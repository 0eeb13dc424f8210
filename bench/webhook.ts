import type { HttpLoadOptions, HttpLoadResult } from './http-load.ts';
import { type BenchPlatform, startBenchPlatform } from './platform.ts';
import { median, result } from './processes.ts';

const CONNECTIONS = 64;

/** Single-message POSTs committed per second, beside the same route with only the commit left out; alternating. */
export async function benchWebhook({ rounds, seconds }: { rounds: number; seconds: number }): Promise<void> {
  const platform = await startBenchPlatform();
  const without = await startBenchPlatform('bench/platform-without-commit.ts');
  try {
    const stored = await webhookOf(platform);
    const discarded = await webhookOf(without);
    const rates = { stored: [] as number[], discarded: [] as number[], node: [] as number[] };
    for (let round = 1; round <= rounds; round += 1) {
      const bare = await post(discarded, seconds);
      const before = platform.cpu();
      const ours = await post(stored, seconds);
      const node = (platform.cpu().node - before.node) / (ours * (seconds + 1));
      rates.discarded.push(bare);
      rates.stored.push(ours);
      rates.node.push(node);
      say(`round ${round}: without the commit ${whole(bare)}/s, committed ${whole(ours)}/s`);
    }
    const [bare, ours] = [median(rates.discarded), median(rates.stored)];
    say('');
    say(`POST of one message, ${CONNECTIONS} connections, without the commit  ${whole(bare)}/s`);
    say(
      `the same, committed before it is answered                 ${whole(ours)}/s = ${(ours / bare).toFixed(2)} of it`,
    );
    say(`CPU per message in Node                                   ${whole(median(rates.node))} µs`);
  } finally {
    await Promise.all([platform.stop(), without.stop()]);
  }
}

async function webhookOf(platform: BenchPlatform): Promise<Pick<HttpLoadOptions, 'url' | 'token'>> {
  const made = await platform.call<{ webhook_url: string; token: string }>(
    `/api/v1/organizations/${platform.organizationId}/integrations`,
    { name: 'Bench', mode: 'webhook', expected_topics: ['devices/+/telemetry'] },
  );
  return { url: made.webhook_url, token: made.token };
}

async function post(to: Pick<HttpLoadOptions, 'url' | 'token'>, seconds: number): Promise<number> {
  const options: HttpLoadOptions = { ...to, connections: CONNECTIONS, warmUpSeconds: 1, seconds };
  const { perSecond, failed } = await result<HttpLoadResult>('http-load.ts', options);
  if (failed > 0) throw new Error(`${failed} requests were not answered as stored`);
  return perSecond;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
