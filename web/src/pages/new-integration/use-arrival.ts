import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { activityQuery, integrationQuery, quarantineQuery } from '../../api/queries.ts';
import { useNow } from '../../components/use-now.ts';
import { hasArrived, hindranceOf } from '../../integrations/arrival.ts';
import type { LiveEvent } from '../../live/event-stream.ts';
import { useLiveEvents } from '../../live/live.tsx';

/** Events make it immediate; asking every few seconds makes it certain. */
const everyMs = 2000;

/** Watches an integration from its making until its first message is stored, and knows what keeps it away. */
export function useArrival(org: string, integrationId: string) {
  const queries = useQueryClient();
  const [arrived, setArrived] = useState(false);
  const every = arrived ? false : everyMs;
  const asked = { integration: integrationId, limit: 20 };
  const { data: integration } = useQuery({
    ...integrationQuery(org, integrationId),
    refetchInterval: arrived ? 10_000 : everyMs,
  });
  const activity = useQuery({ ...activityQuery(org, asked), refetchInterval: every });
  const quarantine = useInfiniteQuery({ ...quarantineQuery(org), refetchInterval: every });
  const now = useNow();

  // A reading does not say by which integration it came: asking does.
  const onEvent = useCallback(
    (event: LiveEvent) => {
      if (!arrived && event.name === 'reading') {
        void queries.invalidateQueries(
          { queryKey: [org, 'integration', integrationId] },
          { cancelRefetch: false },
        );
      }
    },
    [queries, org, integrationId, arrived],
  );
  useLiveEvents(onEvent);

  if (!integration) return { integration, arrived, hindrance: undefined };
  if (hasArrived(integration) && !arrived) setArrived(true);
  const recent = (at: string) => Date.parse(at) >= Date.parse(integration.created_at);
  const hindrance = hindranceOf(
    {
      integration,
      activity: (activity.data ?? []).filter(({ occurred_at }) => recent(occurred_at)),
      quarantined: (quarantine.data?.pages[0]?.items ?? []).filter(
        (message) => message.integration_id === integrationId && recent(message.received_at),
      ),
    },
    now,
  );
  return { integration, arrived, hindrance };
}
