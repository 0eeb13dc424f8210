import { expect, test } from 'vitest';
import { nodesUnderLoad } from '../soak/nodes.ts';

test('a node of the engine’s cluster is killed under load: nothing is lost, and everybody is back through the others', {
  timeout: 120_000,
}, async () => {
  const load = { messages: 4800, rate: 400, clients: 12 };
  const result = await nodesUnderLoad({ how: 'killed', times: 1, downSeconds: 3, ...load });
  expect(result.differences).toEqual([]);
  // A third of the connections were on that node.
  expect(result.disconnects).toBeGreaterThan(0);
  expect(result.recoveries[0]!.allIn).toBeLessThan(30_000);
});
