import { type ChildProcess, fork, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadOptions, LoadResult } from './load.ts';

export type { LoadResult } from './load.ts';

const here = import.meta.dirname;

/** A program of ours that runs until `stop`. */
export interface Program {
  pid: number;
  /** Everything it has printed. */
  output(): string;
  /** The first match in what it prints. @throws when it ends before */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  stop(): Promise<void>;
}

/** Starts a program of this repository on the Node that runs us. */
export function start(path: string, environment: Record<string, string> = {}, args: string[] = []): Program {
  const child: ChildProcess = fork(join(here, '..', path), args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let output = '';
  child.stdout!.on('data', (chunk) => {
    output += chunk;
  });
  return {
    pid: child.pid!,
    output: () => output,
    printed(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(output);
          if (found) resolve(found);
        };
        child.stdout!.on('data', look);
        void ended.then(() => reject(new Error(`${path} ended: ${output}`)));
        look();
      });
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

export function load(options: LoadOptions): Promise<LoadResult> {
  return result('load.ts', options);
}

/** What a load program, told its options as JSON, prints when it ends. */
export async function result<Result>(program: string, options: object): Promise<Result> {
  const child = spawn(process.execPath, [join(here, program), JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error('the load failed');
  return JSON.parse(output) as Result;
}

/** CPU that a process has used, in microseconds, from Linux' accounts (ticks of 10 ms). */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Memory that a process has resident now, in kB. */
export function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** How many files a process may have open: `ulimit -n`. */
export function openFilesOf(pid: number): number {
  return Number(/^Max open files +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1]);
}

/** The most memory a process has had resident, in MB. */
export function peakMemoryOf(pid: number): number {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

/** The Mosquitto whose configuration lies below a directory. */
export function mosquittoBelow(directory: string): number[] {
  return allPids().filter((pid) => commandOf(pid).includes(`mosquitto\0-c\0${directory}`));
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The processes of the PostgreSQL whose data lies below a directory. */
export function postgresBelow(directory: string): number[] {
  const pids = allPids();
  const parents = pids.filter((pid) => commandOf(pid).includes(`-D\0${directory}`));
  return pids.filter((pid) => parents.includes(pid) || parents.includes(parentOf(pid)));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
