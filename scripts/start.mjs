/**
 * `npm start`: installs what is missing, builds the dashboard if it changed, and runs the platform on Node 24.
 * `npm start -- forward`, or roles such as `npm start -- gateway`: these parts instead.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildDashboard } from './dashboard.mjs';
import { fail, install, node, root } from './install.mjs';

await install();
// Of the parts only the API has a dashboard.
const words = process.argv.slice(2);
const hasDashboard = words.length === 0 || words.includes('--demo') || words.includes('api');
if (hasDashboard && (await buildDashboard()) !== 0) fail('The dashboard could not be built: see above.');
runPlatform(process.argv.slice(2));

/**
 * The platform stops when its channel to us closes, so it stops as well when we are killed. Ctrl-C at a
 * terminal reaches it directly; the first signal that reaches us alone closes the channel, another one is
 * passed on.
 */
function runPlatform(args) {
  const child = spawn(node, [join(root, 'src/main/main.ts'), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => (child.connected ? child.disconnect() : child.kill(signal)));
  }
  child.once('error', (error) => fail(`Node 24 does not run here: ${error.message}`));
  child.once('exit', (code, signal) => {
    if (!signal) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
