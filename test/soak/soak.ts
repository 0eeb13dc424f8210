import { parseArgs } from 'node:util';
import { externalCommands, hostedCommands } from './commands.ts';
import { credentialChanges } from './credentials.ts';
import { externalUnderLoad } from './external.ts';
import { type KillOptions, killUnderLoad } from './kill.ts';
import { type NodesOptions, nodesUnderLoad } from './nodes.ts';
import { type OutageOptions, outageUnderLoad } from './outage.ts';
import { endings, restartUnderLoad } from './restart.ts';
import { kills, rolesUnderLoad, rollingRestart, withCluster } from './roles.ts';

/** `npm run soak`: the long forms of test/integration/survives-*, of which one ends when it has been through. */
const usage = `npm run soak -- kill     [--victim platform|postgres|both] [--kills 10] [--messages 20000] [--clients 20]
npm run soak -- outage   [--how stopped|frozen] [--seconds 60] [--rate 2000] [--window 100] [--clients 20]
npm run soak -- restart  [--messages 20000] [--clients 20]
npm run soak -- external [--seconds 45] [--rate 500]
npm run soak -- commands [--rounds 5]
npm run soak -- roles    [--seconds 300] [--rate 3000] [--clients 20]
npm run soak -- credentials [--seconds 300]
npm run soak -- cluster  [--how killed|frozen] [--kills 10] [--seconds 20] [--rate 1000] [--clients 20]
npm run soak -- rolling  [--messages 20000] [--rate 1000] [--clients 20]
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    victim: { type: 'string', default: 'platform' },
    how: { type: 'string' },
    kills: { type: 'string', default: '10' },
    messages: { type: 'string', default: '20000' },
    clients: { type: 'string', default: '20' },
    seconds: { type: 'string' },
    rate: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    window: { type: 'string', default: '100' },
  },
});
const clients = Number(values.clients);
const messages = Number(values.messages);

async function* results(): AsyncGenerator<{ differences: string[] }> {
  switch (positionals[0]) {
    case 'kill':
      yield killUnderLoad({
        victim: values.victim as KillOptions['victim'],
        kills: Number(values.kills),
        messages,
        clients,
      });
      return;
    case 'outage':
      yield outageUnderLoad({
        how: (values.how ?? 'stopped') as OutageOptions['how'],
        seconds: Number(values.seconds ?? 60),
        rate: Number(values.rate ?? 2000),
        window: Number(values.window),
        clients,
      });
      return;
    case 'restart':
      for (const ending of Object.keys(endings) as (keyof typeof endings)[]) {
        yield { ending, ...(await restartUnderLoad({ ending, messages, clients })) } as {
          differences: string[];
        };
      }
      return;
    case 'external':
      yield externalUnderLoad({ seconds: Number(values.seconds ?? 45), rate: Number(values.rate ?? 500) });
      return;
    case 'roles': {
      const seconds = Number(values.seconds ?? 300);
      const rate = Number(values.rate ?? 3000);
      // The last ones are published when all is over.
      yield await rolesUnderLoad({
        messages: Math.ceil((rate * (seconds + 10)) / clients) * clients,
        rate,
        clients,
        trouble: kills({ seconds, everySeconds: 20, downSeconds: 3 }),
      });
      return;
    }
    case 'credentials':
      yield await withCluster((cluster) =>
        credentialChanges(cluster, {
          seconds: Number(values.seconds ?? 300),
          changesAMinute: 200,
          publishers: 200,
        }),
      );
      return;
    case 'cluster': {
      const downSeconds = Number(values.seconds ?? 20);
      const times = Number(values.kills);
      const rate = Number(values.rate ?? 1000);
      yield await nodesUnderLoad({
        how: (values.how ?? 'killed') as NodesOptions['how'],
        times,
        downSeconds,
        messages: Math.ceil((rate * downSeconds * 2 * times) / clients) * clients,
        rate,
        clients,
      });
      return;
    }
    case 'rolling':
      yield await rolesUnderLoad({
        messages,
        rate: Number(values.rate ?? 1000),
        clients,
        trouble: rollingRestart,
      });
      return;
    case 'commands':
      for (let round = 0; round < Number(values.rounds); round += 1) {
        yield await hostedCommands();
        yield await externalCommands();
      }
      return;
    default:
      process.stderr.write(usage);
      process.exitCode = 2;
  }
}

for await (const result of results()) {
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  if (result.differences.length > 0) process.exitCode = 1;
}
