/** `npm run bench -- ingest|fleet|gateway|webhook|subscriber|commands|connections|history|alerts [--rounds 3] [--seconds 5]`; `--short` is the form that the tests run. */
import { parseArgs } from 'node:util';
import { benchAlerts } from './alerts.ts';
import { benchCommands } from './commands.ts';
import { benchConnections } from './connections.ts';
import { benchFleet } from './fleet.ts';
import { benchGateway } from './gateway.ts';
import { benchHistory } from './history.ts';
import { benchIngest } from './ingest.ts';
import { benchSubscriber } from './subscriber.ts';
import { benchWebhook } from './webhook.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    short: { type: 'boolean', default: false },
  },
});

const options = values.short
  ? { rounds: 1, seconds: 1, short: true }
  : { rounds: Number(values.rounds), seconds: Number(values.seconds), short: false };
const benches: Record<
  string,
  (options: { rounds: number; seconds: number; short: boolean }) => Promise<void>
> = {
  ingest: benchIngest,
  fleet: benchFleet,
  gateway: benchGateway,
  webhook: benchWebhook,
  subscriber: benchSubscriber,
  commands: benchCommands,
  connections: benchConnections,
  history: benchHistory,
  alerts: benchAlerts,
};
const bench = benches[positionals[0] ?? ''];
if (bench) await bench(options);
else {
  process.stderr.write(
    `npm run bench -- <${Object.keys(benches).join(' | ')}> [--rounds 3] [--seconds 5] [--short]\n`,
  );
  process.exitCode = 1;
}
