import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Whether a process of this number is there, be it whose it may; a zombie is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * A process's command line, by which one of ours is known: pids are used again, in containers at once. Empty for a
 * zombie, and for one that is gone.
 */
export function commandOf(pid: number): string {
  // Small images come without ps, macOS without /proc.
  if (existsSync('/proc/self/cmdline')) return readTextSync(`/proc/${pid}/cmdline`);
  const { stdout } = spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout ?? '';
}

function readTextSync(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
