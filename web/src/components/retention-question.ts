import { plural } from '../format/value.ts';
import type { Question } from './Confirm.tsx';

interface Change {
  /** Days; null for as long as everything is kept. */
  next: number | null;
  before: number | null;
  /** For how many days everything is kept. */
  anyway: number;
  /** Whose readings they are: `all devices`. */
  whose: string;
  act: () => Promise<unknown>;
}

/** What is asked before readings are kept for less, since older ones are deleted; undefined where none are. */
export function retentionQuestion({ next, before, anyway, whose, act }: Change): Question | undefined {
  const days = next ?? anyway;
  // What is longer than everything is kept is refused.
  if (days >= Math.min(before ?? anyway, anyway)) return undefined;
  return {
    title: `Keep readings for ${plural(days, 'day')}?`,
    text: `Readings of ${whose} that are older are deleted within about an hour, and can’t be brought back. Hourly and daily figures stay.`,
    verb: 'Keep them for less',
    danger: true,
    act,
  };
}
