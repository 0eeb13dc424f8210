import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { activityQuery, integrationQuery, quarantineQuery } from '../../api/queries.ts';
import { useNow } from '../../components/use-now.ts';
import { hasArrived, hindranceOf } from '../../integrations/arrival.ts';
import { useRefreshOnReadings } from '../../live/use-refresh-on-readings.ts';

/** Events make it immediate; asking every few seconds makes it certain. */
const everyMs = 2000;

/** Watches an integration from its making until its first message is stored, and knows what keeps it away. */
export function useArrival(org: string, integrationId: string) {
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

  useRefreshOnReadings(org, 'integration', integrationId);

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
