import { useQuery } from '@tanstack/react-query';
import { activityQuery, integrationsQuery } from '../api/queries.ts';
import type { Activity } from '../api/types.ts';

/** What the hosted broker recorded last; of one credential when it is named. Undefined while it is read. */
export function useActivity(org: string, asked: { credential?: string; limit: number; every?: number }) {
  const integrations = useQuery(integrationsQuery(org));
  const hosted = integrations.data?.find(({ integration_type }) => integration_type === 'mqtt_hosted');
  const { credential, limit, every } = asked;
  const activity = useQuery({
    ...activityQuery(org, { integration: hosted?.id ?? '', credential, limit }),
    enabled: hosted !== undefined,
    refetchInterval: every ?? false,
    // A longer list of the same begins with the shorter one, which stays until it is there.
    placeholderData: (before, query) => (query?.queryKey[2].credential === credential ? before : undefined),
  });
  const items: Activity[] | undefined = integrations.data && !hosted ? [] : activity.data;
  return { items, error: integrations.error ?? activity.error };
}
