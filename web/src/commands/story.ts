import { type CommandState, isFinal } from '../../../src/domain/command.ts';
import type { Command } from '../api/types.ts';

/** One step on a command's way. */
export interface StoryStep {
  state: CommandState;
  /** When it was reached, ISO 8601; null for what is to come, or was never confirmed. */
  at: string | null;
  /** Since it was asked for, in ms. */
  afterMs: number | null;
  /** Nobody has confirmed it, and nobody will. */
  skipped: boolean;
}

type Times = Pick<
  Command,
  'state' | 'created_at' | 'published_at' | 'delivered_at' | 'acknowledged_at' | 'finished_at'
>;

/**
 * The way of a command so far, with what is still to come. Steps may be skipped: a broker of the customer's own never
 * says that a device has got it.
 */
export function storyOf(command: Times): StoryStep[] {
  const { state, created_at, finished_at } = command;
  const ended = isFinal(state);
  const begun = Date.parse(created_at);
  const step = (of: CommandState, at: string | null, skipped: boolean): StoryStep => ({
    state: of,
    at,
    afterMs: at === null || of === 'queued' ? null : Math.max(0, Date.parse(at) - begun),
    skipped,
  });
  const between = [
    ['published', command.published_at],
    ['delivered', command.delivered_at],
    ['acknowledged', command.acknowledged_at],
  ] as const;
  const reached = between.map(([, at]) => at !== null);
  // What lies before a step that was reached can't be confirmed any more.
  const lastReached = reached.lastIndexOf(true);
  const steps = between.map(([of, at], index) => step(of, at, at === null && (ended || index < lastReached)));
  const answered = state === 'succeeded' || state === 'failed';
  return [
    step('queued', created_at, false),
    // Of what was called off or given up, only the steps that it took.
    ...(ended && !answered ? steps.filter(({ at }) => at !== null) : steps),
    ended ? step(state, finished_at, false) : step('succeeded', null, false),
  ];
}

/** A span of time as short as it is exact: `35 ms`, `1.2 s`, `3 min`, `2 h`. */
export function shortSpan(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  return ms < 86_400_000 ? `${Math.floor(ms / 3_600_000)} h` : `${Math.floor(ms / 86_400_000)} d`;
}
