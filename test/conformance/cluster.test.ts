import { randomUUID } from 'node:crypto';
import type { Engine } from '../../src/engine/engine.ts';
import { remoteEngine } from '../../src/engine/remote/engine.ts';
import { silentLog } from '../../src/service/log.ts';
import { within } from '../../src/service/within.ts';
import { eventually } from '../support/eventually.ts';
import { startNatsCluster } from '../support/nats-cluster.ts';
import { engines } from './capabilities.ts';
import { TestClient } from './client.ts';
import type { EngineUnderTest } from './conformance.ts';
import { engineConformance } from './engine.ts';

/** What a node that has no leader yet swallows is not waited for. */
const ANSWER_MS = 3000;

/** Three nodes of NATS, of which one at a time is stopped or killed: that the others go on is what a cluster is for. */
async function aCluster(): Promise<EngineUnderTest> {
  const cluster = await startNatsCluster();
  const engine = remoteEngine({ url: cluster.url, log: silentLog });
  await engine.start();
  let turn = 0;
  await complete(engine);
  return {
    engine,
    can: engines.NATS,
    async restart(how) {
      const node = cluster.nodes[turn++ % cluster.nodes.length]!;
      await node.end(how === 'killed' ? 'SIGKILL' : 'SIGTERM');
      await node.start();
      // What was led by that node has another leader within some seconds.
      await complete(engine);
      return engine;
    },
    async close() {
      await engine.stop();
      await cluster.stop();
    },
  };
}

// Sessions are led by nodes that change: several steps of a test may each have to be tried for up to 20 s, and what went
// wrong while a leader changed is right the next time.
engineConformance('a cluster', aCluster, { timeout: 60_000, retry: 1 });

/** Resolves when all nodes are there and sessions and messages are kept. */
function complete(engine: Engine): Promise<void> {
  return eventually(async () => {
    const { nodes, detail } = engine.status();
    if (nodes?.there !== nodes?.all) throw new Error(detail);
    const organization = randomUUID();
    const who = { clientId: `${organization}:probe`, username: `org_${organization}`, clean: false };
    const client = await TestClient.connect(engine, who);
    const topic = `${who.username}/devices/probe`;
    try {
      if ((await within(ANSWER_MS, client.subscribe(topic)))[0] !== 1) throw new Error('no subscription');
      await within(ANSWER_MS, client.publish(topic, 'probe'));
      await within(ANSWER_MS, client.next());
    } finally {
      await within(ANSWER_MS, client.end()).catch(() => {});
    }
  }, 90_000);
}
