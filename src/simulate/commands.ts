import type { Random } from './random.ts';

/** What a device says to a command. */
export interface Answer {
  id: string;
  status: 'acknowledged' | 'succeeded' | 'failed';
  result?: object;
}

/** What a device does with a command, one step after the other. Times are milliseconds. */
export type Step =
  | { say: Answer }
  /** How long it waits between its messages from now on. */
  | { speakEvery: number }
  | { busyFor: number }
  /** It starts again, and is away so long. */
  | { downFor: number };

interface Command {
  id: string;
  name: string;
  params: Record<string, unknown>;
  expiresAt: number;
}

/** Ids that a device remembers; a broker sends again what is young. */
const IDS_KEPT = 100;
const FAILS_ONE_IN = 12;
const FAILURES = ['battery too low', 'sensor does not respond', 'flash memory is full'];
const INTERVAL_SECONDS = { least: 1, most: 86_400 };
const BLINK_MS = 1_000;

const commands: Record<string, (command: Command, random: Random) => Step[]> = {
  set_interval: setInterval,
  reboot,
  identify,
};

/**
 * A device's way with commands.
 * @returns the steps for a payload at a time in milliseconds since 1970; none for what is no command. A command that
 * comes again is answered as it was, and not done again.
 */
export function commandTaker(random: Random): (payload: Uint8Array, now: number) => Step[] {
  const answers = new Map<string, Answer>();
  return (payload, now) => {
    const command = readCommand(payload);
    if (!command) return [];
    const before = answers.get(command.id);
    if (before) return [{ say: before }];
    const steps = stepsOf(command, now, random);
    for (const step of steps) if ('say' in step) answers.set(command.id, step.say);
    if (answers.size > IDS_KEPT) answers.delete(answers.keys().next().value!);
    return steps;
  };
}

function stepsOf(command: Command, now: number, random: Random): Step[] {
  if (command.expiresAt <= now) return failed(command, 'expired');
  if (!Object.hasOwn(commands, command.name)) return failed(command, `unknown command ${command.name}`);
  if (random.uniform() < 1 / FAILS_ONE_IN) {
    return failed(command, FAILURES[Math.floor(random.uniform() * FAILURES.length)]!);
  }
  return commands[command.name]!(command, random);
}

function setInterval(command: Command): Step[] {
  const { id, params } = command;
  const { seconds } = params;
  const { least, most } = INTERVAL_SECONDS;
  if (typeof seconds !== 'number' || seconds < least || seconds > most) {
    return failed(command, `seconds takes a number from ${least} to ${most}`);
  }
  return [
    { speakEvery: seconds * 1000 },
    { say: { id, status: 'succeeded', result: { interval: seconds } } },
  ];
}

function reboot({ id }: Command, random: Random): Step[] {
  const downFor = random.between(2_000, 5_000);
  const uptime = Number(random.between(0.5, 1.5).toFixed(1));
  return [
    { say: { id, status: 'acknowledged' } },
    { downFor },
    { say: { id, status: 'succeeded', result: { uptime } } },
  ];
}

/** Blinks, so that somebody in front of it sees which one it is. */
function identify({ id }: Command): Step[] {
  return [
    { say: { id, status: 'acknowledged' } },
    { busyFor: BLINK_MS },
    { say: { id, status: 'succeeded' } },
  ];
}

function failed({ id }: Command, error: string): Step[] {
  return [{ say: { id, status: 'failed', result: { error } } }];
}

function readCommand(payload: Uint8Array): Command | undefined {
  const value = parseJson(payload);
  if (!isObject(value)) return undefined;
  const { id, name, params, expires_at } = value;
  if (typeof id !== 'string' || typeof name !== 'string') return undefined;
  const expiresAt = typeof expires_at === 'string' ? Date.parse(expires_at) : Number.NaN;
  return { id, name, params: isObject(params) ? params : {}, expiresAt };
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
