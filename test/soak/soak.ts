import { parseArgs } from 'node:util';
import { killUnderLoad } from './kill.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '10' },
    messages: { type: 'string', default: '20000' },
    victim: { type: 'string', default: 'platform' },
    clients: { type: 'string', default: '20' },
  },
});
const [what] = positionals;
if (what === 'kill') {
  const result = await killUnderLoad({
    victim: values.victim as 'platform' | 'postgres' | 'both',
    kills: Number(values.kills),
    messages: Number(values.messages),
    clients: Number(values.clients),
  });
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
}
