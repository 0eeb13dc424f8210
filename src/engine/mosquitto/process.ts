import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Logger } from '../../service/log.ts';
import { type Account, spawnedBy } from '../../service/program/account.ts';
import { StartupError } from '../../service/startup-error.ts';
import { within } from '../../service/within.ts';

/** It reads all it has saved before it listens; a million messages take seconds. */
const START_MS = 60_000;
/** It writes all it has. */
const STOP_MS = 10_000;
/** One SIGTERM is lost if it comes just when 2.0.11 says that it runs: it says so before it sets the flag to. */
const ASK_AGAIN_MS = 100;
/** Lines of its log that are told when it doesn't start. */
const LAST_LINES = 3;

/** A Mosquitto that is our child. */
export interface MosquittoProcess {
  readonly pid: number;
  /** Resolves with how it ended, wanted or not. */
  readonly ended: Promise<string>;
  /** SIGTERM, and SIGKILL for one that does not go. */
  stop(): Promise<void>;
}

/**
 * Starts it in a session of its own, where Ctrl-C at our terminal does not reach it, and resolves when it listens.
 * @throws StartupError with its own last words
 */
export async function startMosquitto(options: {
  program: string;
  configuration: string;
  account: Account;
  log: Logger;
}): Promise<MosquittoProcess> {
  const { program, configuration, account, log } = options;
  const child = spawn(program, ['-c', configuration], {
    ...spawnedBy(account),
    env: {},
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `ended by ${signal}` : `exit code ${code}`));
  });
  const { running, lastLines } = listenTo(child, log);
  // Whoever leaves without stopping still gets its sessions written.
  const stopOnExit = () => child.kill('SIGTERM');
  process.once('exit', stopOnExit);
  void ended.then(() => process.removeListener('exit', stopOnExit));
  const failure = await within(START_MS, Promise.race([ended, running])).catch(() => 'it does not listen');
  if (failure !== undefined) {
    child.kill('SIGKILL');
    throw new StartupError(`Mosquitto did not start (${failure}): ${lastLines.join(' ')}`);
  }
  return { pid: child.pid!, ended, stop: () => stopChild(child, ended, log) };
}

/** Its log goes into ours; what it says of clients names their ids, never payloads. */
function listenTo(child: ChildProcess, log: Logger): { running: Promise<undefined>; lastLines: string[] } {
  const { promise: running, resolve } = Promise.withResolvers<undefined>();
  const lastLines: string[] = [];
  createInterface(child.stderr!).on('line', (line) => {
    if (lastLines.push(line) > LAST_LINES) lastLines.shift();
    if (/^(error|warning)|dropped/i.test(line)) log.warn({ mosquitto: line }, 'Mosquitto warns');
    else log.debug({ mosquitto: line }, 'Mosquitto says');
    if (/^mosquitto version \S+ running$/.test(line)) resolve(undefined);
  });
  return { running, lastLines };
}

async function stopChild(child: ChildProcess, ended: Promise<string>, log: Logger): Promise<void> {
  const ask = () => child.kill('SIGTERM');
  ask();
  const timer = setInterval(ask, ASK_AGAIN_MS);
  await within(STOP_MS, ended).catch(() => {
    log.error({}, 'Mosquitto does not stop: it is killed, and what it had not saved is lost');
    child.kill('SIGKILL');
  });
  clearInterval(timer);
  await ended;
}
