import { StartupError } from '../service/startup-error.ts';
import { type Config, readConfig } from './config.ts';
import { startDemo } from './demo.ts';
import { forward } from './forward.ts';
import { createLog } from './log.ts';
import { type RunningPlatform, startPlatform } from './platform.ts';
import { stopRequest } from './stop-request.ts';
import { startSubscriberRole } from './subscriber-role.ts';

/** `npm start`: the platform whole in one process, until asked to stop. `--demo` adds a simulated fleet. */
async function main(): Promise<void> {
  const started = performance.now();
  const asked = stopRequest();
  const config = readConfig();
  const log = createLog(config.logLevel);
  const demo = process.argv.includes('--demo');
  say('Starting …');
  const platform = await startPlatform(config, log);
  const fleet = demo ? await startDemo(platform, log) : undefined;
  // The demo has made the first account.
  const setupUrl = fleet ? undefined : platform.setupUrl;
  say(greeting({ ...platform, setupUrl }, config, performance.now() - started));
  if (fleet) say(fleet.greeting);

  const reason = await asked;
  say(`Stopping (${reason}) …`);
  await fleet?.stop();
  await platform.stop();
  say('Stopped.');
}

/** `npm start -- subscriber`: a share of the subscriptions, beside platforms on the same database. */
async function subscriber(): Promise<void> {
  const asked = stopRequest();
  const config = readConfig();
  const log = createLog(config.logLevel);
  const role = await startSubscriberRole(config, log);
  say('Ready to subscribe.');
  say(`Stopping (${await asked}) …`);
  await role.stop();
  say('Stopped.');
}

function greeting(
  { url, setupUrl, mqttUrl }: RunningPlatform,
  { dataDir, databaseUrl }: Config,
  ms: number,
): string {
  return [
    '',
    `  Ready in ${(ms / 1000).toFixed(1)} s.`,
    '',
    `  Dashboard  ${url}`,
    `  MQTT       ${mqttUrl}`,
    ...(databaseUrl ? [] : [`  Data       ${dataDir}`]),
    ...(setupUrl
      ? ['', '  Set up the first account with this link, which works once:', `  ${setupUrl}`]
      : []),
    '',
    '  Ctrl-C stops it.',
    '',
  ].join('\n');
}

/** A terminal that was closed, or a pipe whose reader is gone, is no reason to fall over. */
function outliveTheConsole(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

outliveTheConsole();
const [role, ...flags] = process.argv.slice(2);

function program(): Promise<void> {
  switch (role) {
    case undefined:
    case '--demo':
      return main();
    case 'subscriber':
      return subscriber();
    case 'forward':
      return forward(flags);
    default:
      throw new StartupError(`${role}: expected --demo, subscriber, forward or nothing`);
  }
}

Promise.resolve()
  .then(program)
  .then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(
        error instanceof StartupError ? `${error.message}\n` : `${(error as Error).stack}\n`,
      );
      process.exit(1);
    },
  );
