import { setTimeout as delay } from 'node:timers/promises';
import { type NatsCluster, type NatsNode, startNatsCluster } from '../support/nats-cluster.ts';
import type { Cluster } from './cluster.ts';
import { Device } from './device.ts';
import { type Load, type LoadOptions, type LoadResult, underLoad, withCluster } from './roles.ts';
import { type Credential, createCredential } from './standalone.ts';

export interface NodesOptions extends LoadOptions {
  /** `killed`: SIGKILL, and started again. `frozen`: SIGSTOP, it keeps its connections and says nothing. */
  how: 'killed' | 'frozen';
  times: number;
  downSeconds: number;
}

export interface NodesResult extends LoadResult {
  /** Milliseconds from each loss until something was acknowledged again, and until all clients were connected. */
  recoveries: { goesOn: number; allIn: number }[];
}

/**
 * Two gateways before a cluster of three brokers, of which one goes again and again in the middle of QoS 1 messages. Each
 * time a client that was away asks for its session while that node is gone.
 */
export async function nodesUnderLoad(options: NodesOptions): Promise<NodesResult> {
  const brokers = await startNatsCluster();
  try {
    return await withCluster((cluster) => lostNodes(cluster, brokers, options), {
      gateways: 2,
      settings: { ENGINE: brokers.url },
    });
  } finally {
    await brokers.stop();
  }
}

async function lostNodes(
  cluster: Cluster,
  brokers: NatsCluster,
  { how, times, downSeconds, ...load }: NodesOptions,
): Promise<NodesResult> {
  const credential = await createCredential(cluster.place);
  const recoveries: NodesResult['recoveries'] = [];
  const differences: string[] = [];
  const port = cluster.place.mqttPort;
  await session(port, credential).fallAsleep();
  async function trouble({ goesOn, allIn, disconnects, note }: Load): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      await goesOn();
      await delay(Math.random() * 500);
      const node = brokers.nodes[time % brokers.nodes.length]!;
      const started = performance.now();
      const before = disconnects();
      note(`node ${time % brokers.nodes.length} ${how}`);
      await lose(node, how);
      const since = () => Math.round(performance.now() - started);
      const on = await goesOn().then(since);
      // A part of them was there, which may take a while to be known of one that says nothing.
      while (disconnects() === before) await delay(10);
      await allIn();
      recoveries.push({ goesOn: on, allIn: since() });
      if (!(await session(port, credential).isKept(`call ${time}`)))
        differences.push(`loss ${time}: the session of a client that was away is gone`);
      await delay(Math.max(0, downSeconds * 1000 - since()));
      if (how === 'frozen') process.kill(node.pid!, 'SIGCONT');
      else await node.start();
      // The next one may go when this one is whole again.
      await delay(downSeconds * 1000);
    }
  }
  const result = await underLoad(cluster, { ...load, credential, trouble });
  return { ...result, differences: [...result.differences, ...differences], recoveries };
}

async function lose(node: NatsNode, how: NodesOptions['how']): Promise<void> {
  if (how === 'killed') await node.end('SIGKILL');
  else process.kill(node.pid!, 'SIGSTOP');
}

/** The client `sleeper`, which is there for moments only. */
function session(port: number, { username, password, organizationId }: Credential) {
  const topic = `org_${organizationId}/devices/sleeper/commands`;
  const heard = new Set<string>();
  const client = (clientId: string, more: object = {}) =>
    new Device({ port, username, password, clientId, ...more });
  const sleeper = () =>
    client('sleeper', {
      subscribe: [topic],
      onMessage: (_: string, payload: Buffer) => heard.add(`${payload}`),
    });
  return {
    async fallAsleep(): Promise<void> {
      const device = sleeper();
      await device.subscribed;
      await device.end();
    },
    /** Whether what is said to it while it is away is there when it comes, within half a minute. */
    async isKept(words: string): Promise<boolean> {
      const caller = client('caller');
      await (await caller.publish(topic, words)).acknowledged;
      await caller.end();
      const device = sleeper();
      const deadline = performance.now() + 30_000;
      while (!heard.has(words) && performance.now() < deadline) await delay(20);
      await device.end();
      return heard.has(words);
    },
  };
}
