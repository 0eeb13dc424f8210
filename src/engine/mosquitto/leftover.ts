import { readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../service/log.ts';
import { commandOf } from '../../service/program/processes.ts';
import { StartupError } from '../../service/startup-error.ts';
import { filesOf } from './configuration.ts';

const POLL_MS = 50;
/** It writes its sessions before it ends: a second for each million messages, on a slow disk more. */
const STOP_MS = 15_000;
const KILL_MS = 2000;

/**
 * A Mosquitto whose parent was killed runs on. It is stopped, so that it writes what it has, and another one is started:
 * of our own child we hear when it ends.
 * @throws StartupError when it does not stop
 */
export async function clearLeftover(home: string, log: Logger): Promise<void> {
  const { pid: pidFile, configuration } = filesOf(home);
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  // Pids are used again: only one that was started with this very file is ours.
  const runs = () => commandOf(pid).includes('mosquitto') && commandOf(pid).includes(configuration);
  if (pid > 0 && runs()) {
    log.warn({ pid }, 'Mosquitto was left running by a process that was killed: stopping it');
    const isGone =
      (await end(pid, { signal: 'SIGTERM', runs, patience: STOP_MS })) ||
      (await end(pid, { signal: 'SIGKILL', runs, patience: KILL_MS }));
    if (!isGone)
      throw new StartupError(`Mosquitto (pid ${pid}) in ${home} does not stop: end it or set DATA_DIR`);
  }
  await rm(pidFile, { force: true });
}

/** It is not our child, so only looking tells. Asked in a moment in which it does not listen, it must be asked again. */
async function end(
  pid: number,
  { signal, runs, patience }: { signal: NodeJS.Signals; runs: () => boolean; patience: number },
): Promise<boolean> {
  const deadline = performance.now() + patience;
  while (runs()) {
    if (performance.now() > deadline) return false;
    try {
      process.kill(pid, signal);
    } catch {
      // It has just gone.
    }
    await delay(POLL_MS);
  }
  return true;
}
