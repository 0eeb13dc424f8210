import { randomUUID } from 'node:crypto';
import type { Engine } from '../../src/engine/engine.ts';
import { remoteEngine } from '../../src/engine/remote/engine.ts';
import { silentLog } from '../../src/service/log.ts';
import { eventually } from '../support/eventually.ts';
import { startNatsCluster } from '../support/nats-cluster.ts';
import { engines } from './capabilities.ts';
import { TestClient } from './client.ts';
import { engineConformance } from './engine.ts';

/** Three nodes of NATS, of which one at a time is stopped or killed: that the others go on is what a cluster is for. */
engineConformance('a cluster', async () => {
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
});

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
      if ((await client.subscribe(topic))[0] !== 1) throw new Error('no subscription');
      await client.publish(topic, 'probe');
      await client.next();
    } finally {
      await client.end();
    }
  }, 30_000);
}
