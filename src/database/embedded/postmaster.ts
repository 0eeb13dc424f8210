import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fchownSync, openSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../service/log.ts';
import { commandOf, isAlive } from '../../service/program/processes.ts';
import { StartupError } from '../../service/startup-error.ts';
import { asAccount } from './cluster.ts';
import type { Placement } from './placement.ts';

/** What PostgreSQL says of itself in `postmaster.pid` (src/include/utils/pidfile.h of its source). */
interface PidFile {
  pid: number;
  /** `starting`, `stopping`, `ready`, `standby`; empty until it says. */
  status: string;
}

/** A pid that no system hands out. */
const NOBODY = 2_147_483_647;
/** How often a file or a process that can't signal us is looked at. */
const POLL_MS = 20;
/**
 * A fast shutdown writes a checkpoint of at most shared_buffers: seconds, on a slow disk half a minute. One that is asked
 * for while PostgreSQL recovers from a crash of one of its processes may never end (seen in 18.4). Somebody waits for a
 * leftover to go, and recovery takes no longer.
 */
const FAST_STOP_MS = 30_000;
const LEFTOVER_STOP_MS = 15_000;
/** SIGQUIT leaves everything to the next start's recovery; only a hung disk takes longer. */
const QUICK_STOP_MS = 10_000;
/** For how long, and how often, a start waits for what a killed postmaster left running. */
const ORPHANS_MS = 60_000;
const ORPHANS_POLL_MS = 250;

export async function readPidFile(data: string): Promise<PidFile | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number.parseInt(lines[0] ?? '', 10);
  return pid > 0 ? { pid, status: (lines[7] ?? '').trim() } : undefined;
}

/**
 * Leaves `data` and the directory of its socket to the next postmaster: one that a killed process left running
 * is stopped. Files of one that was killed itself name a pid that may be alive all the same, be it somebody
 * else's by now or a zombie's that init has not buried yet, and PostgreSQL would not start.
 */
export async function clearLeftovers(data: string, sockets: string, log: Logger): Promise<void> {
  const found = await readPidFile(data);
  if (found && isAlive(found.pid)) {
    if (isPostmasterOf(found.pid, data)) await stopLeftover(found.pid, data, log);
    else await disownPidFile(data);
  }
  await rm(join(sockets, '.s.PGSQL.5432.lock'), { force: true });
}

/** The file stays: by what else is in it PostgreSQL knows whether backends of its last run are still at work. */
async function disownPidFile(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^\d+/, String(NOBODY)));
}

async function stopLeftover(pid: number, data: string, log: Logger): Promise<void> {
  log.warn({ pid }, 'PostgreSQL was left running by a process that was killed: stopping it');
  for (const [signal, patience] of [
    ['SIGINT', LEFTOVER_STOP_MS],
    ['SIGQUIT', QUICK_STOP_MS],
  ] as const) {
    process.kill(pid, signal);
    if (await hasStopped(pid, data, patience)) return;
  }
  throw new StartupError(`PostgreSQL (pid ${pid}) in ${data} does not stop: end it or set DATA_DIR`);
}

/** It is not our child, so only looking tells. Its file goes last, and may go long before init buries the process. */
async function hasStopped(pid: number, data: string, patience: number): Promise<boolean> {
  const deadline = performance.now() + patience;
  while (isAlive(pid) && (await readPidFile(data))?.pid === pid) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** Pids are used again, in containers at once: only a postgres that was started with this directory is ours. */
function isPostmasterOf(pid: number, data: string): boolean {
  const command = commandOf(pid);
  return command.includes('postgres') && command.includes(data);
}

/** A postmaster that is our child. */
export interface Postmaster {
  readonly child: ChildProcess;
  /** Resolves with the reason when it has ended, wanted or not. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL in a session of its own, where Ctrl-C at our terminal does not reach it, and resolves
 * when it takes connections. Recovery after a crash may take minutes and is waited for.
 */
export async function startPostmaster(placement: Placement, data: string, log: Logger): Promise<Postmaster> {
  const deadline = performance.now() + ORPHANS_MS;
  for (;;) {
    const { child, ended } = spawnPostmaster(placement, data);
    const failure = await Promise.race([ended, untilReady(child, data, log)]);
    if (failure === undefined) {
      child.unref();
      return { child, ended, stop: () => stopChild(child, ended, log) };
    }
    const said = (await readFile(startLog(placement), 'utf8')).trim().split('\n').slice(-3).join(' ');
    // A postmaster that was killed leaves backends that end when their statement does.
    const hasOrphans = said.includes('shared memory block');
    if (!hasOrphans || performance.now() > deadline) {
      throw new StartupError(`PostgreSQL in ${data} did not start (${failure}): ${said}`);
    }
    await delay(ORPHANS_POLL_MS);
  }
}

function spawnPostmaster(placement: Placement, data: string): Pick<Postmaster, 'child' | 'ended'> {
  const output = openSync(startLog(placement), 'w', 0o600);
  if (placement.account) fchownSync(output, placement.account.uid, placement.account.gid);
  const child = spawn(join(placement.binaries, 'bin/postgres'), ['-D', data], {
    ...asAccount(placement),
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `ended by ${signal}` : `exit code ${code}`));
  });
  // Whoever leaves without stopping still gets the database closed.
  const closeOnExit = () => child.kill('SIGINT');
  process.once('exit', closeOnExit);
  void ended.then(() => process.removeListener('exit', closeOnExit));
  return { child, ended };
}

/** What PostgreSQL says before its own log begins, or when that can't begin. */
function startLog(placement: Placement): string {
  return join(placement.home, 'start.log');
}

async function untilReady(child: ChildProcess, data: string, log: Logger): Promise<undefined> {
  let nextWord = performance.now() + 10_000;
  while (child.exitCode === null && child.signalCode === null) {
    const found = await readPidFile(data);
    if (found?.pid === child.pid && found?.status === 'ready') return undefined;
    if (performance.now() > nextWord) {
      log.info({ status: found?.status }, 'PostgreSQL is still recovering from its last end');
      nextWord += 10_000;
    }
    await delay(POLL_MS);
  }
  // The race is lost to `ended`.
  return new Promise(() => {});
}

async function stopChild(child: ChildProcess, ended: Promise<string>, log: Logger): Promise<void> {
  child.ref();
  for (const [signal, patience] of [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', QUICK_STOP_MS],
  ] as const) {
    child.kill(signal);
    const timer = new AbortController();
    const late = delay(patience, 'late' as const, { signal: timer.signal }).catch(() => 'ended');
    const outcome = await Promise.race([ended, late]);
    timer.abort();
    if (outcome !== 'late') return;
    log.warn({ signal, seconds: patience / 1000 }, 'PostgreSQL does not stop');
  }
  child.kill('SIGKILL');
  await ended;
}
