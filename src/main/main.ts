import { type RoleName, roleNames } from '../contract/processes.ts';
import { StartupError } from '../service/startup-error.ts';
import { type Config, readConfig } from './config.ts';
import { createLog } from './log.ts';
import { type RunningPlatform, startPlatform } from './platform.ts';
import { startProcess } from './process.ts';
import { stopRequest } from './stop-request.ts';

/** `npm start`: the platform whole in one process, until asked to stop. `--demo` adds a simulated fleet. */
async function main(): Promise<void> {
  const started = performance.now();
  const asked = stopRequest();
  const config = readConfig();
  const log = createLog(config.logLevel);
  const demo = process.argv.includes('--demo');
  say('Starting …');
  const platform = await startPlatform(config, log);
  const fleet = demo ? await (await import('./demo.ts')).startDemo(platform, log) : undefined;
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

/** `npm start -- gateway`, or any other role or several: a part of the platform, beside others on the same database. */
async function part(roles: RoleName[]): Promise<void> {
  const started = performance.now();
  const asked = stopRequest();
  const config = readConfig();
  const log = createLog(config.logLevel);
  say(`Starting ${roles.join(', ')} …`);
  const { url, setupUrl, mqttUrl, stop } = await startProcess(config, log, roles);
  const has = roles.includes('api') ? 'Dashboard' : 'Health   ';
  say(
    [
      `Ready in ${((performance.now() - started) / 1000).toFixed(1)} s.`,
      `  ${has}  ${url}${roles.includes('api') ? '' : '/health'}`,
      ...(mqttUrl ? [`  MQTT       ${mqttUrl}`] : []),
      ...(setupUrl ? [`  Set up the first account with this link, which works once: ${setupUrl}`] : []),
    ].join('\n'),
  );
  say(`Stopping (${await asked}) …`);
  await stop();
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
const words = process.argv.slice(2);

async function program(): Promise<void> {
  const [first, ...flags] = words;
  if (first === undefined || first === '--demo') return main();
  // Each program loads what it needs, which is most of the time that a start takes.
  if (first === 'forward') return (await import('./forward.ts')).forward(flags);
  const unknown = words.find((word) => !isRole(word));
  if (unknown === undefined) return part(words.filter(isRole));
  throw new StartupError(`${unknown}: expected --demo, forward, nothing, or roles: ${roleNames.join(', ')}`);
}

function isRole(word: string): word is RoleName {
  return roleNames.some((name) => name === word);
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
