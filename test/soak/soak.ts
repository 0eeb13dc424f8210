import { parseArgs } from 'node:util';
import { killUnderLoad } from './kill.ts';
import { outageUnderLoad } from './outage.ts';
import { type Ending, restartUnderLoad } from './restart.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '10' },
    messages: { type: 'string', default: '20000' },
    victim: { type: 'string', default: 'platform' },
    ending: { type: 'string', default: 'Ctrl-C' },
    how: { type: 'string', default: 'stopped' },
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '2000' },
    window: { type: 'string', default: '100' },
    clients: { type: 'string', default: '20' },
  },
});
const [what] = positionals;
let result: unknown;
if (what === 'kill') {
  result = await killUnderLoad({
    victim: values.victim as 'platform' | 'postgres' | 'both',
    kills: Number(values.kills),
    messages: Number(values.messages),
    clients: Number(values.clients),
  });
} else if (what === 'restart') {
  result = await restartUnderLoad({
    ending: values.ending as Ending,
    messages: Number(values.messages),
    clients: Number(values.clients),
  });
} else {
  result = await outageUnderLoad({
    how: values.how as 'frozen' | 'stopped',
    seconds: Number(values.seconds),
    rate: Number(values.rate),
    window: Number(values.window),
    clients: Number(values.clients),
  });
}
process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
