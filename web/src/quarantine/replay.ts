import { formatCount, plural } from '../format/value.ts';

/** What is to be replayed: some messages, those with a reason, or all. */
export type Replay = { ids: string[] } | { reason?: string };

/** Messages that one request names. */
const mostIds = 500;

/** The requests that it takes. */
export function replaysOf(wanted: Replay): Replay[] {
  if (!('ids' in wanted)) return [wanted];
  const parts: Replay[] = [];
  for (let from = 0; from < wanted.ids.length; from += mostIds) {
    parts.push({ ids: wanted.ids.slice(from, from + mostIds) });
  }
  return parts;
}

export interface ReplayCounts {
  stored: number;
  duplicate: number;
  quarantined: number;
}

export function sumOf(counts: readonly ReplayCounts[]): ReplayCounts {
  const sum = { stored: 0, duplicate: 0, quarantined: 0 };
  for (const { stored, duplicate, quarantined } of counts) {
    sum.stored += stored;
    sum.duplicate += duplicate;
    sum.quarantined += quarantined;
  }
  return sum;
}

/** What became of them: `12 stored, 3 still not understood`. */
export function replayedSentence({ stored, duplicate, quarantined }: ReplayCounts): string {
  const said = [
    stored > 0 && `${formatCount(stored)} stored`,
    duplicate > 0 && `${formatCount(duplicate)} had been stored before`,
    quarantined > 0 && `${plural(quarantined, 'stays', 'stay')} in quarantine`,
  ].filter(Boolean);
  return said.length === 0 ? 'There was nothing to replay' : said.join(', ');
}
