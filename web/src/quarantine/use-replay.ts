import { useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../api/client.ts';
import { tell } from '../components/toasts.ts';
import { type Replay, replayedSentence, replaysOf, sumOf } from './replay.ts';

/** Requests that one replay makes: a full quarantine takes forty, and what arrives meanwhile is not followed forever. */
const mostRequests = 60;

/**
 * Replays messages, page by page, and says what became of them. Throws the first refusal; what was stored before it has
 * left quarantine.
 */
export function useReplay(org: string): (wanted: Replay) => Promise<void> {
  const queries = useQueryClient();
  return async (wanted) => {
    let sum = sumOf([]);
    let requests = 0;
    try {
      for (const part of replaysOf(wanted)) {
        let cursor: string | undefined;
        do {
          const replayed = await answer(
            api.POST('/api/v1/organizations/{org}/quarantine/replay', {
              params: { path: { org } },
              body: { ...part, cursor },
            }),
          );
          sum = sumOf([sum, replayed]);
          requests += 1;
          cursor = replayed.next_cursor ?? undefined;
        } while (cursor && requests < mostRequests);
      }
      tell(replayedSentence(sum));
    } finally {
      await queries.invalidateQueries({ queryKey: [org, 'quarantine'] });
      for (const stale of ['overview', 'devices', 'messages', 'telemetry', 'device']) {
        void queries.invalidateQueries({ queryKey: [org, stale] });
      }
    }
  };
}
